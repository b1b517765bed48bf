extension RingPartnerClient {
    /// Makes the inbox of this app's webhooks, with its keys and its storage. Live sessions are closed, tokens erased and
    /// cached devices dropped when the user takes access away.
    ///
    /// - Parameters:
    ///   - router: The application's own handlers and responders. Of a removal they hear while the directory still knows the
    ///     devices' names, and after the tokens were erased and the sessions closed.
    ///   - options: How webhooks are taken and worked on.
    /// - Throws: `RingWebhookError` when no HMAC key is configured.
    public func webhookInbox(
        router: RingWebhookRouter = RingWebhookRouter(), options: RingWebhookInboxOptions = RingWebhookInboxOptions()
    ) throws -> RingWebhookInbox {
        let housekeeping = RingPartnerHousekeeping(client: self)
        let inbox = RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: self.configuration.hmacKeys), storage: self.configuration.storage,
            sealing: self.configuration.sealing, options: options, environment: self.configuration.environment
        ) { delivery in
            try await housekeeping.before(delivery.event)
            try await router.handle(delivery)
            try await housekeeping.after(delivery.event)
        }
        self.lifecycle.add(inbox)
        return inbox
    }
}
