import Foundation
import RingListener
import Testing

private let tools = ["/usr/bin/openssl", "/usr/bin/curl"]
private let hasTools = tools.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }

@Suite(.enabled(if: hasTools, "needs the openssl and curl commands")) struct TLSTests {
    @Test func respondsOverTLS() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ring-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (key, certificate) = (folder.appendingPathComponent("key.pem"), folder.appendingPathComponent("cert.pem"))
        _ = try await run(
            tools[0],
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
                + " -addext subjectAltName=IP:127.0.0.1 -keyout \(key.path) -out \(certificate.path)")
        let listener = try await RingListener.startRaw(
            tls: RingListenerTLS(
                certificate: String(contentsOf: certificate, encoding: .utf8),
                privateKey: String(contentsOf: key, encoding: .utf8))
        ) { request in
            await Task.yield()
            return RingListenerResponse(status: 200, body: .stream(length: nil, Pieces(["safe", request.path])))
        }
        #expect(listener.origin == "https://127.0.0.1:\(listener.port)")
        #expect(try await run(tools[1], "-s --cacert \(certificate.path) \(listener.origin)/x") == "safe/x")
        await listener.stop()
    }

    /// Runs a command and gives its output. Not with Foundation's `Process`, which crashes now and then while other
    /// tests open hundreds of sockets.
    private func run(_ tool: String, _ arguments: String) async throws -> String {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var output: [UInt8] = []
                if let pipe = unsafe popen("\(tool) \(arguments) 2>/dev/null", "r") {
                    while case let byte = unsafe fgetc(pipe), byte != EOF {
                        output.append(UInt8(truncatingIfNeeded: byte))
                    }
                    unsafe pclose(pipe)
                }
                continuation.resume(returning: String(decoding: output, as: UTF8.self))
            }
        }
    }
}
