internal import Foundation
internal import RingCore
internal import RingCurl
internal import RingJSONAPI
internal import RingTesting

/// A chromedriver process: a server that drives browsers (W3C WebDriver).
final class WebDriver: Sendable {
    /// The file of a program, where it is installed.
    static func program(_ name: String) -> String? {
        (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").map { "\($0)/\(name)" }
            .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    private let origin: String
    private let process: ChildProcess
    private let transport = RingCurlTransport()

    /// Starts it on a port that is free.
    init() async throws {
        guard let program = Self.program("chromedriver") else {
            throw RingError(
                code: .misconfigured, message: "chromedriver is not installed; apt-get install chromium-driver")
        }
        // With `--port=0` it takes a port of IPv6 and then the same one of IPv4, and ends when another process has that.
        for _ in 0..<10 {
            let process = try Self.start(program)
            let line = await process.line { $0.contains("successfully on port") }
            if let port = line?.split(separator: " ").last.flatMap({ Int($0.filter(\.isNumber)) }) {
                self.process = process
                self.origin = "http://127.0.0.1:\(port)"
                return
            }
            process.closeInput()
            let outcome = await process.outcome()
            guard String(decoding: outcome.output, as: UTF8.self).contains("port not available") else {
                throw RingError(
                    code: .misconfigured,
                    message: "chromedriver did not start: \(String(decoding: outcome.output, as: UTF8.self))")
            }
        }
        throw RingError(code: .misconfigured, message: "chromedriver found no free port in ten attempts")
    }

    /// Starts a chromedriver that ends with this process or when its input is closed, browsers and their files included.
    private static func start(_ program: String) throws -> ChildProcess {
        let script = """
            exec 3<&0
            folder=$(mktemp -d) && export TMPDIR=$folder HOME=$folder
            setsid "$1" --port=0 2>&1 3<&- & pid=$!
            { cat <&3; kill -TERM -$pid; } >/dev/null 2>&1 & watcher=$!
            wait $pid
            kill $watcher 2>/dev/null
            for try in $(seq 50); do kill -0 -$pid 2>/dev/null || break; sleep 0.1; done
            kill -KILL -$pid 2>/dev/null
            rm -rf "$folder"
            """
        return try ChildProcess("/bin/sh", ["-c", script, "sh", program], input: nil)
    }

    /// Ends it, and waits until nothing of it is left.
    func stop() async {
        self.process.closeInput()
        _ = await self.process.outcome()
    }

    deinit { self.process.closeInput() }

    /// Sends a command and returns the `value` of its response.
    func send(_ method: String, _ path: String, _ body: JSONAPILiteral? = nil) async throws -> JSONAPIValue {
        guard let url = URL(string: self.origin + path) else {
            throw RingError(code: .misconfigured, message: "WebDriver: \(path) is not a path")
        }
        let call = RingCall(
            method: RingHTTPMethod(rawValue: method), url: url, headerFields: ["Content-Type": "application/json"],
            body: body.map { RingHTTPBody($0.bytes) } ?? .empty, operation: .testChange,
            timeouts: RingTimeouts(firstByte: .seconds(90), silence: .seconds(90)))
        let response = try await self.transport.send(call)
        let bytes = try await response.body.collect(upTo: 16 << 20)
        let document = try JSONAPIValue(parsing: bytes)
        guard response.status == 200 else {
            throw BrowserError(
                kind: document["value"]?["error"]?.string ?? "status \(response.status)",
                message: document["value"]?["message"]?.string ?? String(decoding: bytes.prefix(500), as: UTF8.self))
        }
        return try document["value"] ?? JSONAPIValue(parsing: "null")
    }
}

/// What a browser did not do.
package struct BrowserError: Error, CustomStringConvertible {
    /// WebDriver's word for it, such as `no such element`.
    package var kind: String
    package var message: String
    package var description: String { "\(self.kind): \(self.message.split(separator: "\n").first ?? "")" }
}
