extension RingPartnerClient {
    /// Does what has to be done for as long as the service runs, until the task is cancelled: closes live sessions that a
    /// crash left open, refreshes idle accounts daily, empties the unclaimed pool, and works on the inbox.
    ///
    /// Run it in every process that shares the stores, or in one of them.
    ///
    /// - Parameter inbox: The inbox to work on, when this process works on one.
    public func run(inbox: RingWebhookInbox? = nil) async {
        await withDiscardingTaskGroup { group in
            group.addTask { await RingIdleKeeper(keeper: self.tokens).run() }
            group.addTask { await self.housekeeping() }
            if let inbox { group.addTask { await inbox.run() } }
        }
    }

    /// Closes what a crash left open, then empties the pool every five minutes.
    private func housekeeping() async {
        await self.recoverLiveSessions()
        while !Task.isCancelled {
            _ = try? await self.linker.purge()
            guard (try? await self.configuration.environment.clock.sleep(for: .seconds(300))) != nil else { return }
        }
    }

    /// Closes the live sessions that an earlier run of this process left open.
    public func recoverLiveSessions() async {
        guard let records = try? await self.ledger.records() else { return }
        for account in Set(records.compactMap(\.account)) {
            _ = try? await self.account(account).live.recover()
        }
    }
}
