extension RingPartnerClient {
    /// Creates the inbox of this app's webhooks, with its keys and its storage. Live sessions are closed, tokens erased and
    /// cached devices dropped when the user takes access away, for `run()` and `deliveries()` alike.
    ///
    /// - Parameters:
    ///   - router: The application's own handlers and responders, which `run()` calls. A removal reaches them, or the loop over
    ///     `deliveries()`, after the tokens were erased and the sessions closed, while the directory still knows the names of
    ///     the devices. The names are deleted when they have succeeded, or when the removal is quarantined.
    ///   - options: How webhooks are received and handled.
    /// - Throws: `RingWebhookError` when no HMAC key is configured.
    public func webhookInbox(
        router: RingWebhookRouter = RingWebhookRouter(), options: RingWebhookInboxOptions = RingWebhookInboxOptions()
    ) throws -> RingWebhookInbox {
        let directory = self.directory
        let inbox = RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: self.configuration.hmacKeys), storage: self.configuration.storage,
            sealing: self.configuration.sealing, options: options, environment: self.configuration.environment,
            steps: RingWebhookSteps(responders: self.responders) { event in
                // Changes of access reach the directory as one of the responders.
                guard let account = event.accountID, let key = event.historyKey else { return }
                await directory.observe(key, of: account)
            },
            handler: { try await router.handle($0) })
        self.lifecycle.add(inbox)
        return inbox
    }

    /// What this package does about changes of access, in this order: live sessions end first, then the tokens that close
    /// them are erased. The directory comes last, and forgets what was removed only after the application has finished, or
    /// when the removal is quarantined.
    private var responders: [any RingLifecycleResponder] {
        let (client, tokens) = (self, self.tokens)
        let sessions = WHEPSessionResponder(
            ledger: self.ledger, client: { client.account($0).live },
            isPresent: { try await tokens.isPresent($0, removedAt: $1) })
        return [sessions, self.linker, self.directory]
    }
}
