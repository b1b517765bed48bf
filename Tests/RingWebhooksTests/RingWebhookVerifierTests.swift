import RingCrypto
import RingTesting
import RingWebhooks
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingWebhookVerifierTests {
    static let body = Array(SheetDocuments.all[0].text.utf8)
    static let header = "sha256=51f1449845da37ef04c2cf2f9da6acea7f8c7ca65eb9dee4cde4a06f653e696f"
    let verifier: RingWebhookVerifier

    init() throws { self.verifier = try RingWebhookVerifier(key: WebhookSigner.testKey) }

    @Test func acceptsTheWorkedVectorOnly() throws {
        #expect(Self.body.count == 471)
        #expect(try self.verifier.verify(body: Self.body, signature: Self.header).keyIndex == 0)
        #expect { try self.verifier.verify(body: Self.body + [10], signature: Self.header) } throws: {
            ($0 as? RingWebhookError)?.code == .wrongSignature
        }
        let ping = Array(#"{"ping":1}"#.utf8)
        try self.verifier.verify(
            body: ping, signature: "sha256=6b04c4bf0fffaf22eb0d8729d76f2fbdf280b246640d5703e2bf7bb6e83155c3")
    }

    @Test(arguments: [nil, ""] as [String?])
    func thereIsNoVerifierWithoutAKey(key: String?) {
        #expect { try RingWebhookVerifier(key: key) } throws: { ($0 as? RingWebhookError)?.code == .missingKey }
        #expect { try RingWebhookVerifier(keys: []) } throws: { ($0 as? RingWebhookError)?.code == .missingKey }
        #expect { try RingWebhookVerifier(key: "k", previous: [""]) } throws: {
            ($0 as? RingWebhookError)?.code == .missingKey
        }
    }

    @Test func whichKeyMatchedIsSeen() throws {
        let old = try WebhookSigner(key: "the old key")
        let verifier = try RingWebhookVerifier(key: "the new key", previous: ["the old key", "an older key"])
        let verification = try verifier.verify(body: Self.body, signature: old.signature(of: Self.body))
        #expect(verification.keyIndex == 1)
        #expect(verification.keyFingerprint == old.key.fingerprint)
        let new = try WebhookSigner(key: "the new key")
        #expect(try verifier.verify(body: Self.body, signature: new.signature(of: Self.body)).keyIndex == 0)
    }

    @Test func aMissingAndAMalformedSignatureAreTold() {
        #expect { try self.verifier.verify(body: Self.body, signature: nil) } throws: {
            ($0 as? RingWebhookError)?.code == .missingSignature
        }
        for header in ["", "sha256=", "sha1=\(Self.header.dropFirst(7))", "\(Self.header), \(Self.header)"] {
            #expect { try self.verifier.verify(body: Self.body, signature: header) } throws: {
                ($0 as? RingWebhookError)?.code == .malformedSignature
            }
        }
    }

    @Test func aDecodedKeyIsHintedAtAndNotAccepted() throws {
        let decoded = try RingHMACKey(bytes: #require(RingBase64.decode(WebhookSigner.testKey)))
        let header = RingWebhookSignature(signing: Self.body, key: decoded).headerValue
        #expect { try self.verifier.verify(body: Self.body, signature: header) } throws: {
            guard let error = $0 as? RingWebhookError else { return false }
            return error.code == .wrongSignature && error.message.contains("Base64-decoded")
        }
        #expect { try self.verifier.verify(body: [1] + Self.body, signature: header) } throws: {
            ($0 as? RingWebhookError)?.message.contains("Base64-decoded") == false
        }
    }

    @Test(arguments: [" ", "\n", "\r\n", "\t"]) func aKeyWithWhiteSpaceIsHintedAt(space: String) throws {
        for text in [WebhookSigner.testKey + space, space + WebhookSigner.testKey] {
            let verifier = try RingWebhookVerifier(key: text)
            #expect { try verifier.verify(body: Self.body, signature: Self.header) } throws: {
                guard let error = $0 as? RingWebhookError else { return false }
                return error.code == .wrongSignature && error.message.contains("a blank or a line break")
                    && !error.message.contains(WebhookSigner.testKey)
            }
        }
    }

    @Test func aBodyWrittenAnewDoesNotVerify() {
        // The same JSON with other white space.
        let anew = Array(SheetDocuments.all[0].text.replacing(",\"data\"", with: ", \"data\"").utf8)
        #expect(throws: RingWebhookError.self) { try self.verifier.verify(body: anew, signature: Self.header) }
    }

    @Test func anEmptyBodyNeedsASignatureToo() throws {
        let signer = try WebhookSigner()
        try self.verifier.verify(body: [], signature: signer.signature(of: []))
        #expect(throws: RingWebhookError.self) { try self.verifier.verify(body: [], signature: Self.header) }
    }

    @Test func neverPrintsTheKey() {
        var dumped = ""
        dump(self.verifier, to: &dumped)
        #expect(!dumped.contains("Zm9y"))
        #expect(!"\(self.verifier)".contains("Zm9y"))
    }
}
