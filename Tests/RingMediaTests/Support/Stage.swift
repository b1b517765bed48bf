import FoundationEssentials
import RingCore
import RingMedia
import RingTesting

/// A media client over a scripted transport: the API side adds an access token, the download side none.
struct Stage: Sendable {
    static let token = "SECRET-TOKEN-1"
    static let start = Date(timeIntervalSince1970: 1_795_000_000)
    static let device = RingDeviceID(rawValue: "ava1.ring.device.a/b=")
    /// What a pre-signed URL holds and no output may.
    static let canary = "CANARY-security-token"
    static let link =
        "https://download-us.media.example/v1/download?security_token=\(Self.canary)&req_id=1&X-Amz-Date=2%2F3"

    let clock: ManualClock
    let observer = RecordingObserver()
    let wire: StubTransport
    var media: RingMediaClient
    private let origin: URL
    private let pipeline: RingPipeline
    private var environment: RingEnvironment

    init(
        base: String = "https://api.example", clock: ManualClock = ManualClock(autoAdvance: true),
        options: RingMediaOptions = RingMediaOptions(), random: Double = 0.5,
        _ handler: @escaping @Sendable (RingHTTPRequest) async throws -> RingHTTPResponse
    ) throws {
        self.clock = clock
        let wire = StubTransport(handler)
        self.wire = wire
        guard let origin = URL(string: base) else { throw RingError(code: .misconfigured, message: base) }
        let pipeline = RingPipeline(
            wire,
            middlewares: [RingAuthorizeMiddleware(tokens: RingFixedToken(RingAccessToken(Self.token)), origin: origin)])
        var environment = RingEnvironment(clock: clock, observer: self.observer)
        environment.random = { UInt64(random * 0x1p64) }
        self.origin = origin
        self.pipeline = pipeline
        self.environment = environment
        let api = RingAPIClient(
            baseURL: origin, account: "account-1", transport: pipeline,
            environment: environment)
        self.media = RingMediaClient(api: api, downloads: wire, options: options)
    }

    /// Gives the client the policy and the budget of a pipeline.
    mutating func setRetryBudget(_ budget: RingRetryBudget) {
        self.environment.retryBudget = budget
        let api = RingAPIClient(
            baseURL: self.origin, account: "account-1", transport: self.pipeline, environment: self.environment)
        self.media = RingMediaClient(api: api, downloads: self.wire, options: self.media.options)
    }

    /// A stage where the API redirects to a link, and the link responses in order; the last response repeats.
    static func linked(
        options: RingMediaOptions = RingMediaOptions(), random: Double = 0.5,
        _ responses: RingHTTPResponse...
    ) throws -> Stage {
        let script = Script(responses)
        return try Stage(options: options, random: random) { request in
            request.method == .post ? .redirect(to: Stage.link) : script.next()
        }
    }

    /// A stage where the API itself responses in order; the last response repeats.
    static func direct(
        options: RingMediaOptions = RingMediaOptions(), random: Double = 0.5,
        _ responses: RingHTTPResponse...
    ) throws -> Stage {
        let script = Script(responses)
        return try Stage(options: options, random: random) { _ in script.next() }
    }

    var posts: [RingHTTPRequest] { self.wire.requests.filter { $0.method == .post } }
    var gets: [RingHTTPRequest] { self.wire.requests.filter { $0.method == .get } }
    /// The contexts of the reads, in order.
    var getContexts: [RingRequestContext] {
        zip(self.wire.requests, self.wire.contexts).filter { $0.0.method == .get }.map(\.1)
    }

    /// A clip of ten seconds that ended `ago` before the stage's present.
    func clip(ended ago: Duration = .seconds(3600), duration: Duration = .seconds(10)) -> RingClipRequest {
        let end = self.clock.now() - Double(ago.components.seconds)
        return RingClipRequest(
            device: Self.device, start: end - Double(duration.components.seconds), duration: duration)
    }

    func still(_ ago: Duration = .seconds(3600)) -> RingStillRequest {
        RingStillRequest(device: Self.device, moment: .at(self.clock.now() - Double(ago.components.seconds)))
    }
}

extension RingHTTPResponse {
    static func redirect(_ status: Int = 303, to link: String) -> RingHTTPResponse {
        RingHTTPResponse(status: status, headerFields: [.location: link])
    }

    static func mp4(_ bytes: [UInt8], status: Int = 200, fields: RingHTTPFields = [:]) -> RingHTTPResponse {
        .media(bytes, "video/mp4", status: status, fields: fields)
    }

    static func media(
        _ bytes: [UInt8], _ type: String, status: Int = 200, fields: RingHTTPFields = [:]
    ) -> RingHTTPResponse {
        var fields = fields
        if fields[.contentType] == nil { fields[.contentType] = type }
        if fields[.contentLength] == nil { fields[.contentLength] = String(bytes.count) }
        return RingHTTPResponse(status: status, headerFields: fields, body: .chunked(bytes))
    }

    static func failure(_ status: Int, _ code: String?, fields: RingHTTPFields = [:]) -> RingHTTPResponse {
        guard let code else { return RingHTTPResponse(status: status, headerFields: fields) }
        return .json(
            #"{"errors":[{"status":"\#(status)","code":"\#(code)","detail":"said so"}]}"#, status: status,
            headerFields: fields)
    }
}

extension RingHTTPBody {
    /// A body in chunks without a known length, that ends well or with an error.
    static func chunked(
        _ bytes: [UInt8], size: Int = 1000, failing error: RingError? = nil
    ) -> RingHTTPBody {
        RingHTTPBody(streaming: Chunks(bytes: bytes, size: size, error: error))
    }
}

/// Bytes in pieces, and an error behind them; can be read again and again.
struct Chunks: AsyncSequence, Sendable {
    var bytes: [UInt8]
    var size: Int
    var error: RingError?

    func makeAsyncIterator() -> Iterator { Iterator(rest: self.bytes[...], size: self.size, error: self.error) }

    struct Iterator: AsyncIteratorProtocol {
        var rest: ArraySlice<UInt8>
        var size: Int
        var error: RingError?

        mutating func next() async throws -> [UInt8]? {
            guard !self.rest.isEmpty else {
                if let error { throw error }
                return nil
            }
            defer { self.rest = self.rest.dropFirst(self.size) }
            return Array(self.rest.prefix(self.size))
        }
    }
}

extension RingError {
    static let cut = RingError(code: .connectionLost, message: "the connection broke", delivery: .unknown)
}
