import RingCore
import RingCrypto
import RingTesting
import RingWebhooks
import Testing

/// Random damage to headers and bodies: nothing crashes, nothing unsigned is accepted.
@Suite(.timeLimit(.minutes(5))) struct RingWebhookFuzzTests {
    static func damage(_ bytes: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let index = bytes.isEmpty ? 0 : Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes.insert(.random(in: .min ... .max, using: &generator), at: index)
            case 1 where !bytes.isEmpty: bytes.remove(at: index)
            case 2 where !bytes.isEmpty: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 3: bytes.removeSubrange(index...)
            case 4: bytes += bytes.suffix(Int.random(in: 0...64, using: &generator))
            default:
                let tokens = ["{", "}", "[", "]", "null", "1e999", "\"", "\\u0000", "\"type\":", ",", "-0", "[[[[[["]
                bytes.insert(contentsOf: Array((tokens.randomElement(using: &generator) ?? "").utf8), at: index)
            }
        }
        return bytes
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func damagedBodiesNeverCrashTheDecoder(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<2_500 {
            guard let document = SheetDocuments.all.randomElement(using: &generator) else { return }
            let body = Self.damage(Array(document.text.utf8), &generator)
            if let event = try? RingWebhookEvent(decoding: body) {
                // Whatever it became, it can be named, compared and mapped.
                #expect(!event.key.description.isEmpty)
                _ = (event.historyKey, event.lifecycle, event.hashValue)
            }
        }
    }

    @Test(arguments: [5, 6] as [UInt64])
    func nothingIsAcceptedWithoutAValidSignature(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let signer = try WebhookSigner()
        let clock = ManualClock()
        let inbox = RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: [signer.key]), storage: RingMemoryStorage(),
            environment: RingEnvironment(clock: clock), handler: { _ in })
        for _ in 0..<1_000 {
            let draft = RingWebhookDraft(kind: .motionDetected, account: "a", device: "d", occurredAt: clock.now())
            let body = draft.body
            let header = signer.signature(of: body)
            let sent = Bool.random(using: &generator) ? Self.damage(body, &generator) : body
            let damaged =
                Bool.random(using: &generator) ? Self.damage(Array(header.utf8), &generator) : Array(header.utf8)
            let headers: RingHTTPFields = ["X-Signature": String(decoding: damaged, as: UTF8.self)]
            let status = await inbox.handle(headers: headers, body: sent).status
            // The judge: what the tolerated forms of the one right header are.
            let text = String(decoding: damaged, as: UTF8.self).trimming(while: { $0 == " " || $0 == "\t" })
                .lowercased()
            let right = signer.signature(of: sent)
            let isSigned = text == right || "sha256=\(text)" == right
            #expect(status == (isSigned ? 200 : 401))
        }
    }

    @Test(arguments: [7, 8] as [UInt64])
    func signedDamageAlwaysGets200(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let signer = try WebhookSigner()
        let inbox = RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: [signer.key]), storage: RingMemoryStorage(),
            environment: RingEnvironment(clock: ManualClock()), handler: { _ in })
        for _ in 0..<1_000 {
            guard let document = SheetDocuments.all.randomElement(using: &generator) else { return }
            let body = Self.damage(Array(document.text.utf8), &generator)
            #expect(await inbox.handle(headers: signer.headers(for: body), body: body).status == 200)
        }
    }
}

extension String {
    fileprivate func trimming(while isBlank: (Character) -> Bool) -> String {
        var text = self[...].drop(while: isBlank)
        while let last = text.last, isBlank(last) { text.removeLast() }
        return String(text)
    }
}
