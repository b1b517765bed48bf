import RingCrypto
import Testing

@Suite struct RingWebhookSignatureTests {
    static let body = Array(
        (#"{"meta":{"version":"1.1","time":"2026-11-18T11:06:41.250000000Z","#
            + #""request_id":"0f6c1b1e-6c0b-4a3b-9d52-3f5c5b0c9a11","account_id":"ava1.ring.account.TESTACCT0001"},"#
            + #""data":{"id":"ava1.ring.device.TESTDOOR0001_human_1795000000500","type":"motion_detected","#
            + #""attributes":{"source":"ava1.ring.device.TESTDOOR0001","source_type":"devices","#
            + #""timestamp":1795000000500,"sub_type":"human"},"relationships":{"devices":{"links":"#
            + #"{"self":"/v1/devices/ava1.ring.device.TESTDOOR0001"}}}}}"#).utf8)
    static let digits = "51f1449845da37ef04c2cf2f9da6acea7f8c7ca65eb9dee4cde4a06f653e696f"
    let key: RingHMACKey

    init() throws { self.key = try RingHMACKey(RingLinkNonceTests.keyText) }

    @Test func agreesWithTheWorkedVectors() {
        #expect(Self.body.count == 471)
        #expect(
            RingSHA256.digest(of: Self.body).hex
                == "a704f96e5be0d1e96fef595a5a888c9c3034916cbb5d9940420322e7e9535a6c")
        #expect(RingWebhookSignature(signing: Self.body, key: self.key).headerValue == "sha256=\(Self.digits)")
        #expect(
            RingWebhookSignature(signing: Self.body + [10], key: self.key).headerValue
                == "sha256=e27217a6f6452bfcc54dd856d2841cbded7dfa9b4b11cfe28b481901e8194d8d")
        #expect(
            RingWebhookSignature(signing: Array(#"{"ping":1}"#.utf8), key: self.key).headerValue
                == "sha256=6b04c4bf0fffaf22eb0d8729d76f2fbdf280b246640d5703e2bf7bb6e83155c3")
    }

    @Test(arguments: [
        "sha256=\(digits)", digits, "  sha256=\(digits)\t", "SHA256=\(digits.uppercased())", digits.uppercased(),
    ])
    func acceptsTheToleratedForms(header: String) throws {
        let signature = try RingWebhookSignature(headerValue: header)
        #expect(signature.verifies(Self.body, key: self.key))
        #expect(!signature.verifies(Self.body + [10], key: self.key))
        #expect(try !signature.verifies(Self.body, key: RingHMACKey("another")))
    }

    @Test(arguments: [
        "", " ", "sha256=", "sha256", "sha1=\(digits)", "sha512=\(digits)", "sha256:\(digits)",
        "sha256=sha256=\(digits)",
        "sha256= \(digits)", "sha256=\(digits.dropLast())", "sha256=\(digits)0", "sha256=\(digits.dropLast())g",
        "\(digits),\(digits)", "sha256=\(digits)\n", "v1=\(digits)", "ſha256=\(digits)", "sha25\u{12}=\(digits)",
        String(repeating: " ", count: 300) + digits,
    ])
    func refusesEverythingElse(header: String) {
        #expect {
            try RingWebhookSignature(headerValue: header)
        } throws: { ($0 as? RingCryptoError)?.code == .malformedSignature }
    }
}
