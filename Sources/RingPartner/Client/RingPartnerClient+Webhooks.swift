extension RingPartnerClient {
    /// Makes the inbox of this app's webhooks, with its keys, and with the rooms told of every change of access: live
    /// sessions are closed, tokens purged and cached devices dropped when the user takes access away.
    ///
    /// - Parameters:
    ///   - store: Where webhooks survive; `RingSQLiteWebhookStore` for a service.
    ///   - router: The application's own handlers and responders; they come after the rooms'.
    ///   - options: How webhooks are taken and worked on.
    /// - Throws: `RingWebhookError` when no HMAC key is configured.
    public func webhookInbox(
        store: any RingWebhookStore, router: RingWebhookRouter = RingWebhookRouter(),
        options: RingWebhookInboxOptions = RingWebhookInboxOptions()
    ) throws -> RingWebhookInbox {
        let environment = self.configuration.environment
        let rooms = RingPartnerHousekeeping(client: self)
        return RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: self.configuration.hmacKeys), store: store, options: options,
            clock: environment.clock, observer: environment.observer
        ) { delivery in
            try await rooms.handle(delivery.event)
            try await router.handle(delivery)
        }
    }
}
