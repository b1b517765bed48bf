import Foundation
import RingListener
import Testing

private let tools = ["/usr/bin/openssl", "/usr/bin/curl"]
private let hasTools = tools.allSatisfy { FileManager.default.isExecutableFile(atPath: $0) }

@Suite(.enabled(if: hasTools, "needs the openssl and curl commands")) struct TLSTests {
    @Test func aHandshakeThatDoesNotEndHoldsNoConnection() async throws {
        try await self.withCertificate { tls, authority in
            let limits = RingListenerLimits(maximumConnections: 2, idleSeconds: 1)
            let listener = try await RingListener.startRaw(tls: tls, limits: limits) { request in
                RingListenerResponse(status: 200, contentType: "text/plain", text: request.path)
            }
            let silent = try SocketClient(port: listener.port)
            let slow = try SocketClient(port: listener.port)
            // The beginning of a ClientHello.
            slow.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])
            #expect(await self.run(tools[1], "-s -m 15 --cacert \(authority) \(listener.origin)/next") == "/next")
            // They may get an alert before the end.
            _ = await slow.receiveAll()
            _ = await silent.receiveAll()
            await listener.stop()
        }
    }

    @Test func respondsOverTLS() async throws {
        try await self.withCertificate { tls, authority in
            let listener = try await RingListener.startRaw(tls: tls) { request in
                await Task.yield()
                return RingListenerResponse(status: 200, body: .stream(length: nil, Pieces(["safe", request.path])))
            }
            #expect(listener.origin == "https://127.0.0.1:\(listener.port)")
            #expect(await self.run(tools[1], "-s --cacert \(authority) \(listener.origin)/x") == "safe/x")
            await listener.stop()
        }
    }

    /// A certificate for loopback, and the file that curl checks it against.
    private func withCertificate(
        _ work: (RingListenerTLS, _ authority: String) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ring-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (key, certificate) = (folder.appendingPathComponent("key.pem"), folder.appendingPathComponent("cert.pem"))
        _ = await self.run(
            tools[0],
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
                + " -addext subjectAltName=IP:127.0.0.1 -keyout \(key.path) -out \(certificate.path)")
        let tls = RingListenerTLS(
            certificate: try String(contentsOf: certificate, encoding: .utf8),
            privateKey: try String(contentsOf: key, encoding: .utf8))
        try await work(tls, certificate.path)
    }

    /// Runs a command and gives its output. Not with Foundation's `Process`, which crashes now and then while other
    /// tests open hundreds of sockets.
    private func run(_ tool: String, _ arguments: String) async -> String {
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
