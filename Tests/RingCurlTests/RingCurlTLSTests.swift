import Foundation
import RingCore
import RingCurl
import RingListener
import RingTesting
import Testing

@Suite(.enabled(if: TestCertificates.isAvailable, "needs the openssl command"), .timeLimit(.minutes(1)))
struct RingCurlTLSTests {
    private func listener(_ certificates: TestCertificates, _ certificate: String) async throws -> RingListener {
        try await RingListener.startRaw(
            tls: RingListenerTLS(
                certificate: String(contentsOfFile: certificate, encoding: .utf8),
                privateKey: String(contentsOfFile: certificates.key, encoding: .utf8))
        ) { request in RingListenerResponse(status: 200, contentType: "text/plain", text: request.path) }
    }

    private func get(_ origin: String, _ authorities: RingCurlCertificateAuthorities) async throws -> String {
        let transport = RingCurlTransport(configuration: RingCurlConfiguration(certificateAuthorities: authorities))
        let url = try #require(URL(string: origin + "/secret-path"))
        let response = try await transport.send(RingCall(method: .post, url: url, operation: .testRead))
        return try await String(decoding: response.body.collect(upTo: 1_000), as: UTF8.self)
    }

    @Test func trustsAnAuthorityItWasGiven() async throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let listener = try await self.listener(certificates, certificates.issue("IP:127.0.0.1"))
        let pem = try String(contentsOfFile: certificates.authority, encoding: .utf8)
        #expect(try await self.get(listener.origin, .file(certificates.authority)) == "/secret-path")
        #expect(try await self.get(listener.origin, .pem(pem)) == "/secret-path")
        await listener.stop()
    }

    @Test func refusesWhatItCannotTrust() async throws {
        let certificates = try TestCertificates()
        defer { certificates.remove() }
        let cases: [(names: String, days: Int, authorities: RingCurlCertificateAuthorities, says: String)] = [
            ("IP:127.0.0.1", 2, .system, "not signed by"),
            ("IP:127.0.0.1", -1, .file(certificates.authority), "expired"),
            ("IP:127.0.0.2,DNS:example.com", 2, .file(certificates.authority), "another name"),
            ("IP:127.0.0.1", 2, .file("/nowhere/ca.pem"), "could not be read"),
        ]
        for (names, days, authorities, says) in cases {
            let listener = try await self.listener(certificates, certificates.issue(names, days: days))
            let error = await #expect(throws: RingError.self) {
                _ = try await self.get(listener.origin, authorities)
            }
            #expect(error?.code == .tlsFailed)
            #expect(error?.delivery == .notSent)
            #expect(error?.message.contains(says) == true, "\(error?.message ?? "")")
            #expect(error?.description.contains("secret-path") == false)
            await listener.stop()
        }
    }
}
