import CCurlProbe
import Foundation
import RingCore
import RingCurl
import RingTesting

/// Forks while a call is under way. The child keeps its copy of that call's connection, and does nothing.
///
/// Argument: the server's origin. It responds to the first call, and closes, when it receives the second.
struct CopyProbe: Sendable {
    private let origin: String
    private let transport = RingCurlTransport()

    init(_ arguments: [String]) throws {
        guard arguments.count == 1 else { throw RingError(code: .invalidArgument, message: "one argument") }
        self.origin = arguments[0]
    }

    func run() throws {
        let held = Outcome<Int>()
        Task {
            do { held.set(.success(try await self.get("held"))) } catch { held.set(.failure(error)) }
        }
        _ = readLine()
        let child = curl_probe_fork()
        guard child != 0 else {
            alarm(40)
            while true { pause() }
        }
        defer {
            kill(child, SIGKILL)
            waitpid(child, nil, 0)
        }
        CurlProbe.say("release: \(try CurlProbe.wait { try await self.get("release") })")
        CurlProbe.say("held: \(try held.wait().get())")
        // Nothing is left to do. What the transport does all the same shows in the processor time of half a second.
        let before = clock()
        usleep(500_000)
        let busy = Double(clock() - before) / Double(CLOCKS_PER_SEC)
        CurlProbe.say(busy < 0.2 ? "then: rests" : "then: busy for \(busy) s of 0.5")
    }

    private func get(_ target: String) async throws -> Int {
        guard let url = URL(string: "\(self.origin)/\(target)") else {
            throw RingError(code: .invalidArgument, message: "no origin")
        }
        return try await self.transport.send(RingCall(url: url, operation: .testRead)).status
    }
}
