import CCurlProbe
import Foundation
import RingCore
import RingCurl
import RingTesting

/// Forks, and uses the transport on both sides.
///
/// Arguments: `before` or `after` the transport's first use, the server's origin, and a file of certificate authorities or
/// nothing.
struct ForkProbe: Sendable {
    private let isUsedBefore: Bool
    private let origin: String
    private let transport: RingCurlTransport

    init(_ arguments: [String]) throws {
        guard arguments.count == 3 else { throw RingError(code: .invalidArgument, message: "three arguments") }
        self.isUsedBefore = arguments[0] == "after"
        self.origin = arguments[1]
        self.transport = RingCurlTransport(
            configuration: RingCurlConfiguration(
                certificateAuthorities: arguments[2].isEmpty ? .system : .file(arguments[2])))
    }

    func run() throws {
        let held = Outcome<String>()
        if self.isUsedBefore {
            CurlProbe.say(try CurlProbe.wait { try await self.get("first") })
            // A call that is in progress while the process forks. The server responds to it after it has responded to the child.
            Task {
                do { held.set(.success(try await self.get("held"))) } catch { held.set(.failure(error)) }
            }
            _ = readLine()
        }
        let child = curl_probe_fork()
        guard child != 0 else {
            alarm(20)
            do { try self.runChild() } catch {
                CurlProbe.say("child: \(error)")
                exit(1)
            }
            exit(0)
        }
        var status: Int32 = 0
        unsafe waitpid(child, &status, 0)
        CurlProbe.say("the child's status was \(status)")
        if self.isUsedBefore { CurlProbe.say(try held.wait().get()) }
        CurlProbe.say(try CurlProbe.wait { try await self.get("last") })
    }

    private func runChild() throws {
        // Swift's pool has no threads in the child; the transport starts a thread here when it is used.
        let executor = self.isUsedBefore ? self.transport : nil
        for _ in 0..<2 { CurlProbe.say(try CurlProbe.wait(on: executor) { try await self.get("child") }) }
    }

    /// The request, and the response.
    private func get(_ target: String) async throws -> String {
        guard let url = URL(string: "\(self.origin)/\(target)") else {
            throw RingError(code: .invalidArgument, message: "no origin")
        }
        let response = try await self.transport.send(RingCall(url: url, operation: .testRead))
        return try await "\(target): " + String(decoding: response.body.collect(upTo: 100), as: UTF8.self)
    }
}
