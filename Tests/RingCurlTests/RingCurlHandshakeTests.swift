#if canImport(CRingTestTLS)
import CRingTestTLS
import Foundation
import RingCore
import RingCurl
import RingTesting
import Testing

/// What can go wrong between TCP and the first byte of a request.
@Suite(
    .enabled(if: TestCertificates.isAvailable, "TLS greetings are not tested: they need the openssl command"),
    .timeLimit(.minutes(1)))
struct RingCurlHandshakeTests {
    private func request(_ server: RawServer, _ timeouts: RingTimeouts? = nil) throws -> RingCall {
        RingCall(
            method: .post, url: try #require(URL(string: "https://127.0.0.1:\(server.port)/secret-path")),
            operation: .testRead, timeouts: timeouts)
    }

    private func failure(_ server: RawServer, _ transport: RingCurlTransport = RingCurlTransport()) async throws
        -> RingError
    {
        let error = await #expect(throws: RingError.self) { try await transport.send(self.request(server)) }
        return try #require(error)
    }

    /// Of what OpenSSL refuses by itself, nothing is left to this machine's configuration: it allows here what it can.
    @Test func speaksNothingBelow12() async {
        await #expect(processExitsWith: .success) {
            let certificates = try TestCertificates()
            defer { certificates.remove() }
            let settings = certificates.folder.appendingPathComponent("openssl.cnf")
            try Data(
                """
                openssl_conf = all
                [all]
                ssl_conf = tls
                [tls]
                system_default = lax
                [lax]
                MinProtocol = TLSv1
                CipherString = DEFAULT@SECLEVEL=0

                """.utf8
            ).write(to: settings)
            _ = unsafe setenv("OPENSSL_CONF", settings.path, 1)
            let certificate = try certificates.issue("IP:127.0.0.1")
            let transport = RingCurlTransport(
                configuration: RingCurlConfiguration(certificateAuthorities: .file(certificates.authority)))
            for (version, name) in [
                (TLS1_VERSION, "TLSv1"), (TLS1_1_VERSION, "TLSv1.1"), (TLS1_2_VERSION, "TLSv1.2"),
                (TLS1_3_VERSION, "TLSv1.3"),
            ] {
                let context = try TLSContext(
                    certificate: certificate, key: certificates.key, versions: version...version)
                let server = try RawServer { raw in
                    let connection = try TLSConnection(raw, context)
                    while try connection.read() != nil {
                        let body = connection.version
                        try connection.write(
                            Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)".utf8))
                    }
                }
                defer { server.stop() }
                let url = try #require(URL(string: "https://127.0.0.1:\(server.port)/"))
                do {
                    let response = try await transport.send(RingCall(url: url, operation: .testRead))
                    let body = try await String(decoding: response.body.collect(upTo: 100), as: UTF8.self)
                    guard version >= TLS1_2_VERSION, body == name else { exit(2) }
                } catch let error as RingError {
                    guard version < TLS1_2_VERSION, error.code == .tlsFailed, error.delivery == .notSent,
                        error.message.contains("TLS 1.2 or later")
                    else {
                        FileHandle.standardError.write(Data("\(name): \(error)\n".utf8))
                        exit(3)
                    }
                }
            }
        }
    }

    @Test(arguments: [false, true]) func reportsAServerThatLeavesInTheGreeting(_ resets: Bool) async throws {
        let server = try RawServer { connection in
            _ = connection.readSome()
            if resets { connection.reset() }
        }
        defer { server.stop() }
        let error = try await self.failure(server)
        #expect(error.delivery == .notSent)
        #expect(error.code == .connectionFailed)
        #expect(error.message.contains("127.0.0.1"))
        #expect(!error.description.contains("secret-path"))
    }

    /// A greeting that began and never ends, however it drags on, is held to the limit for connecting.
    @Test(arguments: [false, true]) func limitsAGreetingThatHangs(_ trickles: Bool) async throws {
        let server = try RawServer { connection in
            _ = connection.readSome()
            // A record of 16 kB that hardly comes.
            try connection.write([22, 3, 3, 0x40, 0])
            while trickles, connection.isPeerConnected {
                try connection.write([2])
                RawConnection.pause(milliseconds: 10)
            }
            connection.waitUntilClosed()
        }
        defer { server.stop() }
        for code in [RingError.Code.timedOut, .deadlineExceeded] {
            var request = try self.request(
                server, RingTimeouts(connect: nil, firstByte: nil, silence: nil, total: nil))
            if code == .timedOut {
                request.timeouts?.connect = .milliseconds(150)
            } else {
                request.deadline = RingDeadline(in: .milliseconds(150), clock: RingSystemClock())
            }
            let start = ContinuousClock.now
            let limited = request
            let error = await #expect(throws: RingError.self) { try await RingCurlTransport().send(limited) }
            let took = ContinuousClock.now - start
            #expect(error?.code == code)
            #expect(error?.delivery == .notSent)
            #expect(took > .milliseconds(100) && took < .seconds(15))
        }
    }

    /// After the server's first record; what it says in the greeting's middle is an alert, or nonsense.
    @Test(arguments: ["alert", "nonsense", "http"])
    func reportsAServerThatSpoilsTheGreeting(_ kind: String) async throws {
        let server = try RawServer { connection in
            _ = connection.readSome()
            switch kind {
            // A fatal alert: handshake_failure.
            case "alert": try connection.write([21, 3, 3, 0, 2, 2, 40])
            case "http": try connection.write("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            default: try connection.write([UInt8](repeating: 0xA5, count: 500))
            }
            connection.waitUntilClosed()
        }
        defer { server.stop() }
        let error = try await self.failure(server)
        #expect(error.code == .tlsFailed)
        #expect(error.delivery == .notSent)
        #expect(error.message.contains("TLS"))
    }
}
#endif
