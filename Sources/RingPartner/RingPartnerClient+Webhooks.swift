extension RingPartnerClient {
    /// Creates the inbox of this app's webhooks, with its keys and its storage. Live sessions are closed, tokens erased and
    /// cached devices dropped when the user takes access away.
    ///
    /// - Parameters:
    ///   - router: The application's own handlers and responders. A removal reaches them after the tokens were erased and the
    ///     sessions closed, while the directory still knows the names of the devices.
    ///   - options: How webhooks are received and handled.
    /// - Throws: `RingWebhookError` when no HMAC key is configured.
    public func webhookInbox(
        router: RingWebhookRouter = RingWebhookRouter(), options: RingWebhookInboxOptions = RingWebhookInboxOptions()
    ) throws -> RingWebhookInbox {
        let router = router.following(self.responders)
        let directory = self.directory
        let inbox = RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: self.configuration.hmacKeys), storage: self.configuration.storage,
            sealing: self.configuration.sealing, options: options, environment: self.configuration.environment
        ) { delivery in
            let event = delivery.event
            // Changes of access reach the directory as one of the responders.
            if event.lifecycle == nil, let account = event.accountID, let key = event.historyKey {
                await directory.observe(key, of: account)
            }
            try await router.handle(delivery)
        }
        self.lifecycle.add(inbox)
        return inbox
    }

    /// What this package does about changes of access, in this order: live sessions end first, then the tokens that close
    /// them are erased. The directory comes last, and forgets what was removed only after the application's handlers.
    private var responders: [any RingLifecycleResponder] {
        let (client, tokens) = (self, self.tokens)
        let sessions = WHEPSessionResponder(
            ledger: self.ledger, client: { client.account($0).live },
            isPresent: { try await tokens.isPresent($0, removedAt: $1) })
        return [sessions, self.linker, self.directory]
    }
}
