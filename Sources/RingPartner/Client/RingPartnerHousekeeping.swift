/// What the rooms do about an event, before the application hears of it. Every step may be repeated.
struct RingPartnerHousekeeping: Sendable {
    let client: RingPartnerClient

    /// - Throws: `RingError` when a store failed; the event then comes again.
    func handle(_ event: RingWebhookEvent) async throws {
        if let account = event.accountID, let key = event.historyKey {
            await self.client.directory.observe(key, of: account)
        }
        if let change = event.lifecycle { try await self.client.directory.respond(to: change) }
        switch event.content {
        case .device(let event) where event.change == .removed:
            try await self.closeSessions { $0.device == event.device }
        case .integration(let event) where !event.isAdded:
            try await self.closeSessions { $0.account == event.account }
            try await self.client.linker.integrationRemoved(event.account, at: event.occurredAt)
        default: break
        }
    }

    /// Closes live sessions whose access is gone. Ring ends them itself, so closing is a courtesy that must not hold up
    /// the rest.
    private func closeSessions(where isGone: (WHEPSessionRecord) -> Bool) async throws {
        for record in try await self.client.ledger.records() where isGone(record) {
            guard let account = record.account, let url = record.sessionURL else { continue }
            _ = try? await self.client.account(account).live.close(url)
        }
    }
}
