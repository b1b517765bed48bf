import RingCore
import RingCrypto
import RingTesting
import RingWebhooks
import Testing

/// Every way to forge a signature is refused for the reason that belongs to it.
@Suite struct WebhookForgeryTests {
    private let body = Array(#"{"meta":{"version":"1.1"},"data":{"id":"1"}}"#.utf8)

    private func code(of signature: String?, body: [UInt8]? = nil) throws -> RingWebhookError.Code? {
        let verifier = try RingWebhookVerifier(keys: [try WebhookSigner().key])
        do {
            try verifier.verify(body: body ?? self.body, signature: signature)
            return nil
        } catch { return error.code }
    }

    @Test func spellingsOfTheCorrectSignatureAreAccepted() throws {
        let signature = try WebhookSigner().signature(of: self.body)
        let digits = String(signature.dropFirst("sha256=".count))
        for spelling in [signature, digits, "sha256=" + digits.uppercased(), "  \(signature) "] {
            #expect(try self.code(of: spelling) == nil, "\(spelling)")
        }
    }

    @Test func anAlteredDigitAnywhereIsRefused() throws {
        let digits = Array(try WebhookSigner().signature(of: self.body).dropFirst("sha256=".count))
        for index in digits.indices {
            var altered = digits
            altered[index] = altered[index] == "0" ? "1" : "0"
            #expect(try self.code(of: "sha256=" + String(altered)) == .wrongSignature, "digit \(index)")
        }
    }

    @Test func anAlteredBodyIsRefused() throws {
        let signature = try WebhookSigner().signature(of: self.body)
        for index in self.body.indices {
            var altered = self.body
            altered[index] ^= 1
            #expect(try self.code(of: signature, body: altered) == .wrongSignature, "byte \(index)")
        }
        for altered in [self.body + [10], Array(self.body.dropLast()), []] {
            #expect(try self.code(of: signature, body: altered) == .wrongSignature)
        }
    }

    @Test func whatIsNoSignatureIsMalformed() throws {
        let signature = try WebhookSigner().signature(of: self.body)
        let malformed = [
            "", "sha256=", String(signature.dropLast()), signature + "0", signature.replacing("sha256", with: "sha1"),
            "sha256=" + String(repeating: "g", count: 64), "sha256=" + String(repeating: "é", count: 32),
        ]
        for text in malformed { #expect(try self.code(of: text) == .malformedSignature, "\(text)") }
        #expect(try self.code(of: nil) == .missingSignature)
    }

    @Test func aForgeryDiffersInOneBitAndKeepsTheForm() throws {
        let signer = try WebhookSigner()
        for body in [[], [0], self.body, [UInt8](repeating: 0xFF, count: 100_000)] {
            let (forged, correct) = (signer.forgedHeaders(for: body), signer.headers(for: body))
            #expect(forged["Content-Type"] == correct["Content-Type"])
            let signature = try #require(forged["X-Signature"])
            #expect(signature.dropLast() == correct["X-Signature"]?.dropLast())
            #expect(try self.code(of: signature, body: body) == .wrongSignature)
            #expect(try self.code(of: correct["X-Signature"], body: body) == nil)
        }
    }

    @Test func aSignatureBelongsToItsKey() throws {
        let keys = ["a", "A", "a ", WebhookSigner.testKey]
        for key in keys {
            let verifier = try RingWebhookVerifier(keys: [try WebhookSigner(key: key).key])
            for other in keys {
                let signature = try WebhookSigner(key: other).signature(of: self.body)
                let isAccepted = (try? verifier.verify(body: self.body, signature: signature)) != nil
                #expect(isAccepted == (key == other), "\(key) and \(other)")
            }
        }
    }

    @Test func aPreviousKeyIsStillAccepted() throws {
        let (old, new) = (try WebhookSigner(key: "old"), try WebhookSigner(key: "new"))
        let verifier = try RingWebhookVerifier(keys: [new.key, old.key])
        for signer in [old, new] {
            #expect(throws: Never.self) {
                try verifier.verify(body: self.body, signature: signer.signature(of: self.body))
            }
            let forged = signer.forgedHeaders(for: self.body)["X-Signature"]
            let error = #expect(throws: RingWebhookError.self) {
                try verifier.verify(body: self.body, signature: forged)
            }
            #expect(error?.code == .wrongSignature)
        }
    }
}
