internal import RingCore
internal import RingOAuth

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The steps between a claim and a link, each written before it is done.
extension RingAccountLinker {
    /// Takes whatever steps are left. One process at a time; others wait for its outcome.
    func drive(_ account: RingAccountID, for principal: RingPrincipal) async throws -> RingLinkResult {
        let clock = self.keeper.environment.clock
        let worker = String(UInt64.random(in: .min ... .max), radix: 36)
        var round = 0
        while true {
            guard let record = try await self.keeper.store.record(for: account), let link = record.link,
                record.stage == .claimed || record.stage == .linked
            else { throw Self.gone }
            guard link.principal == principal else { throw Self.taken }
            if link.step == .refused { throw Self.refused }
            if link.step == .completed { return RingLinkResult(account: account, status: .completed) }
            if let other = link.worker, other != worker, link.workerExpiresAt > clock.now(), round < 10_000 {
                round += 1
                try await clock.sleep(for: self.keeper.policy.pause(min(round, 3)))
                continue
            }
            guard
                try await self.change(
                    account, from: link,
                    {
                        // The POST is noted before it is sent: a crash leaves "confirming", and Ring may have taken it.
                        if $0.step == .claimed { $0.step = .confirming }
                        $0.worker = worker
                        $0.workerExpiresAt = clock.now() + self.policy.leaseDuration.seconds
                    })
            else { continue }
            try await self.finish(account, link, worker)
        }
    }

    /// Does the step that is noted. On failure the work is laid down, so that the next call can take it up at once.
    private func finish(_ account: RingAccountID, _ link: RingLinkProgress, _ worker: String) async throws {
        let client = self.accounts(account)
        do {
            if link.step == .confirmed {
                try await client.updateLink(status: .completed, accountIdentifier: link.accountIdentifier)
                try await self.note(account, worker, .completed)
                return
            }
            do {
                try await client.confirmLink(nonce: link.nonce, accountIdentifier: link.accountIdentifier)
                try await self.note(account, worker, .confirmed)
            } catch let refusal as RingError where refusal.code == .invalidNonce {
                // The first try may have been taken and its answer lost: Ring then refuses the used nonce, and the PATCH
                // tells.
                do {
                    try await client.updateLink(status: .completed, accountIdentifier: link.accountIdentifier)
                } catch let error as RingError where error.code == .badRequest || error.code == .notFound {
                    try await self.note(account, worker, .refused)
                    throw refusal
                }
                try await self.note(account, worker, .completed)
            }
        } catch let error as RingError {
            // What Ring surely has not taken is begun anew; what it may have taken stays "confirming".
            let isDefinite =
                error.code != .storageFailed
                && (error.delivery == .notSent || [.notFound, .forbidden, .badRequest].contains(error.code))
            try? await self.lay(down: account, worker, backTo: isDefinite ? .claimed : nil)
            throw error
        } catch {
            try? await self.lay(down: account, worker, backTo: nil)
            throw error
        }
    }

    /// Notes that the step is done.
    private func note(_ account: RingAccountID, _ worker: String, _ step: RingLinkProgress.Step) async throws {
        while true {
            guard let record = try await self.keeper.store.record(for: account), let link = record.link else {
                throw Self.gone
            }
            // Whoever took over meanwhile finds out by itself.
            guard link.worker == worker else { return }
            let now = self.keeper.environment.clock.now()
            var noted = record
            noted.version += 1
            noted.link?.step = step
            if step != .confirmed {
                noted.link?.worker = nil
                noted.link?.workerExpiresAt = .distantPast
            }
            if step == .completed {
                noted.stage = .linked
                noted.linkedAt = now
            }
            if try await self.keeper.store.commit([.put(noted, replacing: record.version)]) {
                if noted.state != record.state {
                    self.keeper.environment.observer.observe(
                        RingAccountStateChanged(account: account, from: record.state, to: noted.state))
                }
                self.observe(account, step)
                return
            }
        }
    }

    private func lay(down account: RingAccountID, _ worker: String, backTo step: RingLinkProgress.Step?) async throws {
        while let record = try await self.keeper.store.record(for: account), let link = record.link,
            link.worker == worker
        {
            let isLaid = try await self.change(account, from: link) { laid in
                laid.worker = nil
                laid.workerExpiresAt = .distantPast
                if let step, laid.step == .confirming { laid.step = step }
            }
            if isLaid { return }
        }
    }

    /// Changes the progress by compare-and-swap.
    ///
    /// - Returns: `false` when it is another one by now.
    private func change(
        _ account: RingAccountID, from link: RingLinkProgress, _ edit: (inout RingLinkProgress) -> Void
    ) async throws -> Bool {
        guard let record = try await self.keeper.store.record(for: account), record.link == link else { return false }
        var changed = record
        var edited = link
        edit(&edited)
        changed.link = edited
        changed.version += 1
        return try await self.keeper.store.commit([.put(changed, replacing: record.version)])
    }

    private static var refused: RingError {
        .linking(.invalidNonce, "Ring has refused this nonce; have the user start again from Ring")
    }

    private static var gone: RingError {
        .linking(.noMatchingAccount, "the account was removed meanwhile; have the user start again from Ring")
    }

    private static var taken: RingError {
        .linking(.claimedByAnother, "another user has claimed this Ring account; they must unlink it first")
    }
}
