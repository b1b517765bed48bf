import Foundation
import RingCore
import RingCurl
import RingTesting
import Testing

private let node = "/usr/bin/node"

/// A server with HTTP/2 and HTTP/1.1 by ALPN. Debian's embedded servers have none, so it is node's where there is node.
private final class NodeServer {
    let origin: String
    private let process = Process()

    init(_ certificates: TestCertificates) throws {
        let script = """
            let sessions = 0
            const server = require('http2').createSecureServer(
              { key: require('fs').readFileSync(process.argv[1]), cert: require('fs').readFileSync(process.argv[2]),
                allowHTTP1: true },
              (request, response) => {
                if (request.url === '/never') return
                if (request.url === '/big') return response.end(Buffer.alloc(20000000, 7))
                let count = 0
                request.on('data', (data) => { count += data.length })
                request.on('end', () => response.end(request.httpVersion + ' ' + count + ' ' + sessions))
              })
            server.on('session', () => { sessions += 1 })
            server.listen(0, '127.0.0.1', () => console.log(server.address().port))
            """
        let output = Pipe()
        self.process.executableURL = URL(fileURLWithPath: node)
        self.process.arguments = ["-e", script, certificates.key, try certificates.issue("IP:127.0.0.1")]
        self.process.standardOutput = output
        try self.process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        self.origin = "https://127.0.0.1:\(line.trimmingCharacters(in: .whitespacesAndNewlines))"
    }

    func stop() {
        self.process.terminate()
        self.process.waitUntilExit()
    }
}

@Suite(
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: node) && TestCertificates.isAvailable,
        "HTTP/2 is not tested: it needs /usr/bin/node and the openssl command"), .timeLimit(.minutes(1)))
struct RingCurlHTTP2Tests {
    @Test func speaksHTTP2WhereItServes() async throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let server = try NodeServer(certificates)
        defer { server.stop() }
        let (origin, authority) = (server.origin, certificates.authority)
        @Sendable func transport(_ allowsHTTP2: Bool = true) -> RingCurlTransport {
            RingCurlTransport(
                configuration: RingCurlConfiguration(
                    certificateAuthorities: .file(authority), allowsHTTP2: allowsHTTP2))
        }
        let subject = transport()
        @Sendable func get(
            _ target: String, _ operation: RingOperation = .testRead, by transport: RingCurlTransport? = nil,
            body: RingHTTPBody = .empty
        ) async throws -> [UInt8] {
            let url = try #require(URL(string: origin + target))
            let request = RingCall(method: .post, url: url, body: body, operation: operation)
            return try await (transport ?? subject).send(request).body.collect(upTo: 1 << 26)
        }
        @Sendable func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

        #expect(try await text(get("/")) == "2.0 0 1")
        #expect(try await text(get("/", .testDownload)) == "1.1 0 1")
        #expect(try await text(get("/", by: transport(false))) == "1.1 0 1")
        #expect(try await text(get("/", body: RingHTTPBody([UInt8](repeating: 1, count: 300_000)))) == "2.0 300000 1")
        #expect(try await get("/big").count == 20_000_000)

        // A call that hangs is cancelled; 64 others share its connection meanwhile.
        let hanging = Task { try await get("/never") }
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<64 { group.addTask { try await text(get("/")) } }
            for try await response in group { #expect(response == "2.0 0 1") }
        }
        hanging.cancel()
        await #expect(throws: CancellationError.self) { _ = try await hanging.value }
        #expect(try await text(get("/")) == "2.0 0 1")
    }
}
