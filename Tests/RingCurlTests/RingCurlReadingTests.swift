import Foundation
import RingCore
import RingCurl
import RingListener
import RingTesting
import Testing

/// Bodies through every size of buffer, read fast and slowly, many at once: each byte comes once and in its place.
@Suite(.timeLimit(.minutes(2))) struct RingCurlReadingTests {
    private static let sizes = [1, 1_000, 16_384, 65_536, 131_072, 131_073, 1_000_001]
    private static let buffers = [1, 1_000, 65_536, 200_000, 1 << 20]

    /// Bytes of which no stretch repeats.
    private static let pattern = (0..<1_000_001).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 13) }

    private static func body(_ size: Int) -> [UInt8] { Array(Self.pattern.prefix(size)) }

    private func check(
        _ transport: RingCurlTransport, _ origin: String, _ size: Int, _ operation: RingOperation, yields: Int
    ) async throws {
        let url = try #require(URL(string: "\(origin)/\(size)"))
        let response = try await transport.send(RingCall(url: url, operation: operation))
        let expected = Self.body(size)
        var offset = 0
        for try await chunk in response.body {
            let end = offset + chunk.count
            guard end <= size, Array(expected[offset..<end]) == chunk else {
                Issue.record("\(size) bytes differ after byte \(offset)")
                return
            }
            offset = end
            for _ in 0..<yields { await Task.yield() }
        }
        #expect(offset == size)
    }

    private func checkAll(_ origin: String, _ authorities: RingCurlCertificateAuthorities = .system) async throws {
        for buffer in Self.buffers {
            var configuration = RingCurlConfiguration(certificateAuthorities: authorities)
            configuration.maximumBufferedBytes = buffer
            let transport = RingCurlTransport(configuration: configuration)
            try await withThrowingTaskGroup { group in
                for size in Self.sizes {
                    for (operation, yields) in [(RingOperation.testDownload, 0), (.testDownload, 50), (.testRead, 5)] {
                        group.addTask { try await self.check(transport, origin, size, operation, yields: yields) }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func everyByteComesOnce() async throws {
        let server = try RawServer { connection in
            while let head = try connection.readHead() {
                let body = Self.body(Int(head.target.dropFirst()) ?? 0)
                try connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n")
                // Pieces that fit no buffer of the other side.
                for start in stride(from: 0, to: body.count, by: 50_021) {
                    try connection.write(Array(body[start..<min(start + 50_021, body.count)]))
                }
            }
        }
        defer { server.stop() }
        try await self.checkAll(server.origin)
    }

    @Test(.enabled(if: TestCertificates.isAvailable, "needs the openssl command"))
    func everyByteComesOnceOverTLS() async throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let listener = try await RingListener.startRaw(
            tls: RingListenerTLS(
                certificate: String(contentsOfFile: certificates.issue("IP:127.0.0.1"), encoding: .utf8),
                privateKey: String(contentsOfFile: certificates.key, encoding: .utf8))
        ) { request in
            RingListenerResponse(status: 200, body: .bytes(Self.body(Int(request.path.dropFirst()) ?? 0)))
        }
        try await self.checkAll(listener.origin, .file(certificates.authority))
        await listener.stop()
    }
}
