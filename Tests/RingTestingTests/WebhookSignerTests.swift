import RingCore
import RingCrypto
import RingTesting
import RingWebhooks
import Synchronization
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct WebhookSignerTests {
    private let body = Array(#"{"meta":{},"data":{}}"#.utf8)

    @Test func theVerifierAcceptsItsSignature() throws {
        let signer = try WebhookSigner()
        let verifier = try RingWebhookVerifier(keys: [signer.key])
        _ = try verifier.verify(body: self.body, signature: signer.signature(of: self.body))
        #expect(signer.headers(for: self.body)["X-Signature"] == signer.signature(of: self.body))
        #expect(signer.headers(for: self.body)["Content-Type"] == "application/json")
    }

    @Test func theVerifierRefusesAForgeryAndAnotherKey() throws {
        let signer = try WebhookSigner()
        let verifier = try RingWebhookVerifier(keys: [signer.key])
        let forged = signer.forgedHeaders(for: self.body)["X-Signature"]
        #expect(forged?.hasPrefix("sha256=") == true)
        #expect(forged?.utf8.count == signer.signature(of: self.body).utf8.count)
        #expect(throws: RingWebhookError.self) { try verifier.verify(body: self.body, signature: forged) }
        let other = try WebhookSigner(key: "another key").signature(of: self.body)
        #expect(throws: RingWebhookError.self) { try verifier.verify(body: self.body, signature: other) }
        #expect(throws: RingCryptoError.self) { try WebhookSigner(key: "") }
    }

    @Test func deliversADraftToAnInbox() async throws {
        let signer = try WebhookSigner()
        let handled = Mutex<[RingWebhookEvent]>([])
        // It stands still, so that no time limit ends the save on a busy machine.
        let clock = ManualClock()
        let inbox = RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: [signer.key]), storage: RingMemoryStorage(), sealing: nil,
            environment: RingEnvironment(clock: clock)
        ) { delivery in handled.withLock { $0.append(delivery.event) } }
        let running = Task { await inbox.run() }
        let response = await signer.send(
            RingWebhookDraft(kind: .buttonPress, account: "account-1", device: "device-1", occurredAt: clock.now()),
            to: inbox)
        #expect(response.status == 200)
        while handled.withLock({ $0.isEmpty }) { await Task.yield() }
        running.cancel()
        await running.value
        #expect(handled.withLock { $0.map(\.kind) } == [.buttonPress])
        #expect(handled.withLock { $0.map(\.deviceID) } == ["device-1"])
    }
}
