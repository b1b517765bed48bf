/// What this package does about an event. Every step may be repeated.
struct RingPartnerHousekeeping: Sendable {
    let client: RingPartnerClient

    /// What comes before the application's handlers.
    ///
    /// - Throws: `RingError` when the storage failed; the event then comes again.
    func before(_ event: RingWebhookEvent) async throws {
        // A change of access is told to the directory afterwards, and once.
        if event.lifecycle == nil, let account = event.accountID, let key = event.historyKey {
            await self.client.directory.observe(key, of: account)
        }
        switch event.content {
        case .device(let event) where event.change == .added:
            // A new device may be looked up by the handlers at once.
            break
        case .device(let event) where event.change == .removed:
            try await self.closeSessions { $0.device == event.device }
        case .integration(let integration) where integration.isAdded:
            if let moment = event.occurredAt {
                try await self.client.linker.integrationAdded(integration.account, at: moment)
            }
        case .integration(let integration):
            // A late report about an earlier link ends nothing of the present one. The sessions are read first: those of a
            // link that begins between the two are not among them.
            let sessions = try await self.client.ledger.records().filter { $0.account == integration.account }
            if try await self.client.tokens.isPresent(integration.account, removedAt: event.occurredAt) {
                await self.close(sessions)
            }
            try await self.client.linker.integrationRemoved(integration.account, at: event.occurredAt)
        default: break
        }
        if let change = event.lifecycle, !change.endsAccess { try await self.client.directory.respond(to: change) }
    }

    /// What comes after the application's handlers: until now the directory knows the names of what was removed.
    ///
    /// - Throws: `RingError` when a part failed; the event then comes again.
    func after(_ event: RingWebhookEvent) async throws {
        if let change = event.lifecycle, change.endsAccess { try await self.client.directory.respond(to: change) }
    }

    /// Closes live sessions whose access is gone. Ring ends them itself, so closing is a courtesy that must not hold up
    /// the rest.
    private func closeSessions(where isGone: (WHEPSessionRecord) -> Bool) async throws {
        await self.close(try await self.client.ledger.records().filter(isGone))
    }

    private func close(_ records: [WHEPSessionRecord]) async {
        for record in records {
            guard let account = record.account, let url = record.sessionURL else { continue }
            _ = try? await self.client.account(account).live.close(url)
        }
    }
}

extension RingLifecycleEvent {
    /// Whether something is no longer visible.
    fileprivate var endsAccess: Bool {
        switch self.change {
        case .deviceRemoved, .integrationRemoved: true
        case .deviceAdded, .integrationAdded, .subscriptionsChanged: false
        }
    }
}
