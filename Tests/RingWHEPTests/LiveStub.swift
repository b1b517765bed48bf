import Foundation
import RingCore
import RingTesting
import RingWHEP
import Synchronization
import Testing

/// A WHEP endpoint behind a stub transport, which counts its requests.
final class LiveStub: Sendable {
    typealias Handler = @Sendable (RingHTTPRequest, Int) async throws -> RingHTTPResponse

    static let origin = "https://api.example.test"
    static let sessions = "/v1/devices/cam%2F1/media/streaming/whep/sessions"
    static let device: RingDeviceID = "cam/1"
    let clock: ManualClock
    let storage: RingMemoryStorage
    let ledger: WHEPSessionLedger
    let observer = RecordingObserver()
    private let handlers: (post: Handler, patch: Handler, delete: Handler)
    private let seen = Mutex<[RingHTTPRequest]>([])

    init(
        clock: ManualClock = ManualClock(), post: @escaping Handler = LiveStub.created,
        patch: @escaping Handler = { _, _ in RingHTTPResponse(status: 204) },
        delete: @escaping Handler = { _, _ in RingHTTPResponse(status: 200) }
    ) {
        let storage = RingMemoryStorage(uptime: { clock.uptime() })
        self.clock = clock
        self.storage = storage
        self.ledger = WHEPSessionLedger(storage: storage, environment: RingEnvironment(clock: clock))
        self.handlers = (post, patch, delete)
    }

    /// 201 with a good answer.
    static let created: Handler = { _, number in try LiveStub.response(number: number) }

    static func response(
        status: Int = 201, type: String? = "application/sdp", location: String? = nil, number: Int = 1,
        body: [UInt8]? = nil, more: RingHTTPFields = [:]
    ) throws -> RingHTTPResponse {
        var fields = more
        fields[.contentType] = type
        fields[.location] = location ?? "\(Self.origin)\(Self.sessions)/s\(number)"
        return RingHTTPResponse(
            status: status, headerFields: fields,
            body: RingHTTPBody(try body ?? Fixture.bytes("answer-aiortc-to-aiortc-video")))
    }

    var requests: [RingHTTPRequest] { self.seen.withLock { $0 } }
    func count(_ method: RingHTTPMethod) -> Int { self.requests.filter { $0.method == method }.count }
    func targets(_ method: RingHTTPMethod) -> [String] {
        self.requests.filter { $0.method == method }.map {
            String($0.url.absoluteString.dropFirst(Self.origin.count))
        }
    }

    func client(
        tokens: any RingTokenProvider = RingFixedToken(RingAccessToken("canary-token")),
        configuration: WHEPConfiguration = WHEPConfiguration(), governor: WHEPGovernor? = nil,
        ledger: WHEPSessionLedger? = nil, account: RingAccountID? = "account-1"
    ) throws -> WHEPClient {
        let transport = StubTransport { [self] request in
            let number = self.seen.withLock { seen in
                seen.append(request)
                return seen.filter { $0.method == request.method }.count
            }
            switch request.method {
            case .post: return try await self.handlers.post(request, number)
            case .patch: return try await self.handlers.patch(request, number)
            default: return try await self.handlers.delete(request, number)
            }
        }
        let origin = try #require(URL(string: Self.origin))
        let environment = RingEnvironment(clock: self.clock, observer: self.observer)
        let shared = RingSharedPipeline(transport: transport, callLimit: nil, environment: environment)
        return WHEPClient(
            api: RingAPIClient(
                baseURL: origin, account: account, transport: shared.pipeline(tokens: tokens, origin: origin),
                environment: environment),
            configuration: configuration, ledger: ledger ?? self.ledger,
            governor: governor ?? WHEPGovernor(limits: .none, clock: self.clock))
    }

    func open(_ options: WHEPSessionOptions = WHEPSessionOptions()) async throws -> WHEPSession {
        try await self.client().open(Self.device, offer: Fixture.sdp("offer-aiortc-video"), options: options)
    }
}

/// Waits for something that other tasks bring about; fails the test after ten thousand looks.
///
/// Looks and not seconds: where other tests keep the processors busy, this one is called less often too.
func eventually(_ comment: Comment? = nil, _ condition: @Sendable () async throws -> Bool) async throws {
    for _ in 0..<10_000 {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(2))
    }
    Issue.record(comment ?? "it never came about")
}

/// Lets the clock run, a hundred times as fast as the real one or faster, until the work is done.
func running<Value: Sendable>(_ clock: ManualClock, _ work: Task<Value, any Error>) async throws -> Value {
    let driver = Task {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(2))
            clock.advance(by: .milliseconds(250))
        }
    }
    defer { driver.cancel() }
    return try await work.value
}

/// An engine of canned descriptions.
actor StubEngine: WHEPEngine {
    private(set) var offers = 0
    private(set) var accepted: [SDP] = []
    private(set) var closings = 0
    private let failure: (any Error)?
    private let beforeAccept: (@Sendable () async -> Void)?

    init(failure: (any Error)? = nil, beforeAccept: (@Sendable () async -> Void)? = nil) {
        self.failure = failure
        self.beforeAccept = beforeAccept
    }

    func offer() async throws -> SDP {
        self.offers += 1
        return try Fixture.sdp("offer-aiortc-video")
    }

    func accept(answer: SDP) async throws {
        self.accepted.append(answer)
        await self.beforeAccept?()
        if let failure { throw failure }
    }

    func close() async { self.closings += 1 }
}

struct StubEngineError: Error {}
