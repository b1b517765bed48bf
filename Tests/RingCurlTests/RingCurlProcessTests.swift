import Foundation
import RingCore
import RingCurl
import RingTesting
import Testing

/// What concerns the whole process, each in a process of its own.
@Suite(.timeLimit(.minutes(2))) struct RingCurlProcessTests {
    @Test func ignoresTheEnvironmentsProxies() async {
        await #expect(processExitsWith: .success) {
            for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
                _ = unsafe setenv(name, "http://127.0.0.1:1", 1)
            }
            let server = try RawServer { connection in
                while try connection.readHead() != nil { try connection.respond(body: [1]) }
            }
            let url = try #require(URL(string: server.origin))
            let response = try await RingCurlTransport().send(RingCall(url: url, operation: .testRead))
            guard response.status == 200 else { exit(2) }
        }
    }

    #if canImport(CRingTestTLS)
    @Test(.enabled(if: TestCertificates.isAvailable, "needs the openssl command"))
    func ignoresTheEnvironmentsProxiesForTLS() async {
        await #expect(processExitsWith: .success) {
            for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
                _ = unsafe setenv(name, "http://127.0.0.1:1", 1)
            }
            let certificates = try TestCertificates()
            defer { certificates.remove() }
            let context = try TLSContext(certificate: certificates.issue("IP:127.0.0.1"), key: certificates.key)
            let server = try RawServer { raw in
                let connection = try TLSConnection(raw, context)
                while try connection.read() != nil {
                    try connection.write(Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8))
                }
            }
            let transport = RingCurlTransport(
                configuration: RingCurlConfiguration(certificateAuthorities: .file(certificates.authority)))
            let url = try #require(URL(string: "https://127.0.0.1:\(server.port)"))
            for operation in [RingOperation.testRead, .testDownload] {
                let response = try await transport.send(RingCall(url: url, operation: operation))
                guard response.status == 200 else { exit(2) }
            }
        }
    }
    #endif

    @Test(arguments: 0..<5) func exitsInTheMiddleOfTransfers(_ turn: Int) async {
        await #expect(processExitsWith: .exitCode(0)) {
            let server = try RawServer { connection in
                while try connection.readHead() != nil { try connection.respond(body: [1]) }
            }
            let url = try #require(URL(string: server.origin))
            let tls = try #require(URL(string: "https://127.0.0.1:\(server.port)"))
            for index in 0..<8 {
                Task {
                    while true {
                        let target = index.isMultiple(of: 2) ? url : tls
                        _ = try? await RingCurlTransport.shared.send(RingCall(url: target, operation: .testRead))
                    }
                }
            }
            try await Task.sleep(for: .milliseconds(60))
            exit(0)
        }
    }

    @Test func endsItsThreadsWithTheLastReference() async {
        await #expect(processExitsWith: .success) {
            let server = try RawServer { connection in
                while try connection.readHead() != nil { try connection.respond(body: [1]) }
            }
            let url = try #require(URL(string: server.origin))
            func threads() throws -> Int {
                try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count
            }
            _ = try await RingCurlTransport().send(RingCall(url: url, operation: .testRead))
            let before = try threads()
            for _ in 0..<50 { _ = try await RingCurlTransport().send(RingCall(url: url, operation: .testRead)) }
            let start = ContinuousClock.now
            while try threads() > before + 4 || server.openConnections > 0 {
                if ContinuousClock.now - start > .seconds(20) { exit(3) }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }
}
