import RingCore
import RingCurl
import RingJSONAPI
import RingListener
import RingSimulator
import RingTesting
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct Reply {
    var status: Int
    var fields: RingHTTPFields
    var body: [UInt8]
    var json: JSONAPIValue? { try? JSONAPIValue(parsing: self.body) }
    var text: String { String(decoding: self.body, as: UTF8.self) }
}

struct Refused: Error {}

private let transport = RingCurlTransport()

/// One request over real sockets; no redirects, no retries.
func send(
    _ method: String, _ url: String, token: String? = nil, type: String? = nil, body: String? = nil,
    headers: [String: String] = [:]
) async throws -> Reply {
    guard let address = URL(string: url) else { throw Refused() }
    var fields: RingHTTPFields = [:]
    if let token { fields.append(RingHTTPField(name: .init("Authorization"), value: "Bearer \(token)")) }
    if let type { fields.append(RingHTTPField(name: .init("Content-Type"), value: type)) }
    for (name, value) in headers { fields.append(RingHTTPField(name: .init(name), value: value)) }
    let request = RingCall(
        method: RingHTTPMethod(rawValue: method), url: address, headerFields: fields,
        body: body.map { RingHTTPBody(Array($0.utf8)) } ?? .empty, operation: .testRead, timeouts: .patient)
    let response = try await transport.send(request)
    return Reply(
        status: response.status, fields: response.headerFields, body: try await response.body.collect(upTo: 8 << 20))
}

let form = "application/x-www-form-urlencoded"

extension RingSimulator {
    func token(_ body: String) async throws -> Reply {
        let client = "client_id=\(self.configuration.clientID)&client_secret=\(self.configuration.clientSecret)"
        return try await send("POST", "\(self.oauthURL)/oauth/token", type: form, body: "\(client)&\(body)")
    }

    func id(_ kind: RingSimulatorDevice.Kind) -> RingDeviceID { self.devices.first { $0.kind == kind }?.id ?? "" }

    func path(_ kind: RingSimulatorDevice.Kind) -> String {
        "\(self.apiURL)/v1/devices/\(segment(self.id(kind).rawValue))"
    }
}

func segment(_ text: String) -> String {
    text.replacing("/", with: "%2F").replacing("+", with: "%2B").replacing("=", with: "%3D").replacing(":", with: "%3A")
}

/// A receiver of webhooks with a script of statuses; the last one stays.
final class Receiver: Sendable {
    struct Hook: Sendable {
        var body: [UInt8]
        var signature: String?
    }

    private let state = Mutex<(statuses: [Int], hooks: [Hook])>(([], []))
    private let listener = Mutex<RingListener?>(nil)

    var hooks: [Hook] { self.state.withLock { $0.hooks } }
    var url: String { self.listener.withLock { $0?.origin ?? "" } + "/hook" }

    /// - Parameter statuses: The statuses of the responses in turn.
    init(_ statuses: [Int] = [200]) async throws {
        self.state.withLock { $0.statuses = statuses }
        let listener = try await RingListener.startRaw { [weak self] request in
            guard let self else { return RingListenerResponse(status: 500) }
            return self.state.withLock { state in
                state.hooks.append(Hook(body: request.body, signature: request.headers["X-Signature"]))
                let status = state.statuses.count > 1 ? state.statuses.removeFirst() : state.statuses.first ?? 200
                return RingListenerResponse(status: status)
            }
        }
        self.listener.withLock { $0 = listener }
    }

    func stop() async { await self.listener.withLock { $0 }?.stop() }
}

extension RingSimulator {
    /// Makes an event happen; a name that there is not is a failure of the test.
    func happen(_ event: RingSimulatorEvent) {
        do { try self.trigger(event) } catch { Issue.record(error) }
    }

    /// The refresh token of a new pair of the first account.
    var refreshToken: String {
        do { return try self.grantTokens().refresh } catch {
            Issue.record(error)
            return ""
        }
    }

    /// The simulated time as it stands in requests.
    var milliseconds: Int64 { Int64((self.now.timeIntervalSince1970 * 1000).rounded()) }
}

extension RingSimulatorRequest {
    /// The simulated time of the response.
    var milliseconds: Int64 { Int64((self.time.timeIntervalSince1970 * 1000).rounded()) }
}

extension JSONAPIValue {
    /// A time as milliseconds.
    var milliseconds: Int64? { self.date.map { Int64(($0.timeIntervalSince1970 * 1000).rounded()) } }
}

extension RingTimeouts {
    /// For requests of tests: a busy machine may take minutes, and a test that hangs is stopped by its own limit.
    static let patient = RingTimeouts(connect: .seconds(600), firstByte: .seconds(600), silence: .seconds(600))
}

/// The transport for clients under test whose own limits a busy machine would exceed.
struct PatientTransport: RingTransport {
    private let base = RingCurlTransport()

    func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        var context = context
        context.timeouts = .patient
        return try await self.base.send(request, context: context)
    }
}

extension RingSimulatorConfiguration {
    /// For tests that a busy machine does not disturb: the simulated time passes when the test says so, and a receiver may
    /// take minutes.
    static var still: Self {
        var configuration = Self()
        configuration.speed = 0
        configuration.switches.limits[.webhookResponseMilliseconds] = 600_000
        configuration.codeResponseLimit = .seconds(600)
        return configuration
    }
}

/// A simulator with one linked account and an access token for it. Its clock stands still unless the test moves it.
struct Bench {
    let simulator: RingSimulator
    let token: String

    /// Runs a test against a new simulator and stops it.
    static func run(
        _ configure: (inout RingSimulatorConfiguration) -> Void = { _ in },
        _ test: (Bench) async throws -> Void
    ) async throws {
        var configuration = RingSimulatorConfiguration.still
        configuration.accounts = [RingSimulatorAccount(state: .completed)]
        configure(&configuration)
        let simulator = try await RingSimulator.start(configuration)
        do {
            try await test(Bench(simulator: simulator, token: try simulator.grantTokens().access))
        } catch {
            await simulator.stop()
            throw error
        }
        await simulator.stop()
    }

    func get(_ path: String) async throws -> Reply {
        try await self.send("GET", path)
    }

    func send(
        _ method: String, _ path: String, type: String? = nil, body: String? = nil
    ) async throws -> Reply {
        try await RingSimulatorTests.send(
            method, self.simulator.apiURL + path, token: self.token, type: type, body: body)
    }

    /// The path of a device.
    func device(_ kind: RingSimulatorDevice.Kind) -> String {
        "/v1/devices/\(segment(self.simulator.id(kind).rawValue))"
    }

    /// Makes motion at a camera and waits until it can have been recorded.
    ///
    /// - Returns: A time in the recording.
    func motion(_ kind: RingSimulatorDevice.Kind = .doorbell, subType: String = "human") -> Int64 {
        self.simulator.happen(
            RingSimulatorEvent(type: "motion_detected", device: self.simulator.id(kind), subType: subType))
        let time = self.simulator.milliseconds
        self.simulator.advance(by: .seconds(60))
        return time
    }

    /// The first step of a clip.
    func clip(_ time: Int64, _ kind: RingSimulatorDevice.Kind = .doorbell, more: String = "") async throws -> Reply {
        try await self.send(
            "POST", "\(self.device(kind))/media/video/download",
            body: #"{"timestamp":\#(time),"duration":10000\#(more)}"#)
    }

    /// The first step of a still.
    func still(_ body: String, _ kind: RingSimulatorDevice.Kind = .doorbell) async throws -> Reply {
        try await self.send("POST", "\(self.device(kind))/media/image/download", body: body)
    }
}

extension Reply {
    /// `Location`, or nothing.
    var location: String { self.fields["Location"] ?? "" }
    /// The first error of an errors document.
    var error: JSONAPIValue? { self.json?["errors"]?.elements.first }
    /// The list or resource of a document.
    var data: JSONAPIValue? { self.json?["data"] }
}
