import RingTesting
import RingWebhooks
import Testing

@Suite struct RingMemoryWebhookStoreTests {
    @Test(arguments: WebhookStoreConformance.rules)
    func conforms(rule: WebhookStoreConformance.Rule) async throws {
        try await rule.check(RingMemoryWebhookStore())
    }
}
