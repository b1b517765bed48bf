import Foundation
import RingCore
import RingCurl
import RingJSONAPI
import RingSimulator
import RingTesting

/// The built examples: `Scripts/examples.sh` builds them, and says where they are.
enum Examples {
    /// The folder of the programs; `nil` when this run is none of that script's.
    static let folder = ProcessInfo.processInfo.environment["RING_EXAMPLES"]

    /// Starts a program with an environment of its own.
    static func start(
        _ name: String, _ arguments: [String] = [], environment: [String: String] = [:]
    ) throws -> ChildProcess {
        guard let folder = Self.folder else {
            throw RingError(code: .misconfigured, message: "RING_EXAMPLES is not set: run Scripts/examples.sh")
        }
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        var variables = environment
        variables["PATH"] = path
        // A test that fails has no use for the stack of a program that it has killed.
        variables["SWIFT_BACKTRACE"] = "enable=no"
        return try ChildProcess("\(folder)/\(name)", arguments, environment: variables)
    }
}

/// A response of a program under test.
struct Reply {
    var status: Int
    var fields: RingHTTPFields
    var text: String
    var json: JSONAPIValue? { try? JSONAPIValue(parsing: Array(self.text.utf8)) }
}

private let transport = RingCurlTransport()

/// One request over real sockets; no redirects, no retries.
func send(_ method: String, _ url: String, _ fields: RingHTTPFields = [:], body: String = "") async throws -> Reply {
    guard let address = URL(string: url) else {
        throw RingError(code: .invalidArgument, message: "\(url) is no URL")
    }
    let call = RingCall(
        method: RingHTTPMethod(rawValue: method), url: address, headerFields: fields, body: RingHTTPBody(body),
        operation: .testRead)
    let response = try await transport.send(call)
    let bytes = try await response.body.collect(upTo: 16 << 20)
    return Reply(status: response.status, fields: response.headerFields, text: String(decoding: bytes, as: UTF8.self))
}

extension RingSimulator {
    /// Waits in the control API, as a test in any language does.
    ///
    /// - Throws: `RingError` with what matched, when the time was up.
    func wait(for condition: String, count: Int = 1, milliseconds: Int = 30_000) async throws {
        let body = "{\(condition),\"count\":\(count),\"timeout_ms\":\(milliseconds)}"
        let reply = try await send("POST", "\(self.controlURL)/wait", ["Content-Type": "application/json"], body: body)
        guard reply.status == 200 else {
            throw RingError(code: .timedOut, message: "\(condition): \(reply.text.prefix(400))")
        }
    }

    /// How many live sessions Ring was asked to end so far.
    var endedSessions: Int { self.journal.count { $0.method == "DELETE" && $0.path.contains("/whep/sessions/") } }

    /// Waits until Ring was asked to end so many sessions.
    func waitForEndedSessions(_ count: Int) async throws {
        try await self.wait(for: "\"requests\":{\"method\":\"DELETE\",\"path\":\"*/whep/sessions/*\"}", count: count)
    }
}
