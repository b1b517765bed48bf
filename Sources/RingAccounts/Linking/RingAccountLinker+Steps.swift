internal import RingCore
internal import RingOAuth
internal import Synchronization

extension RingStorageCollection {
    /// The rights to work on a link. A record exists while somebody does.
    static let linkWork = Self(name: "link_work", indexes: [])
}

/// The steps between a claim and a link, each written before it is done.
extension RingAccountLinker {
    /// Takes whatever steps are left. One process at a time; others wait for its outcome.
    func drive(_ account: RingAccountID, for principal: RingPrincipal) async throws -> RingLinkResult {
        let environment = self.keeper.environment
        let started = environment.clock.uptime()
        for round in 0... {
            guard try await self.link(of: account, for: principal) != nil else {
                return RingLinkResult(account: account, status: .completed)
            }
            let work = LinkWork()
            let lease = try await RingWorkLease.take(
                RingStorageID(.linkWork, account.rawValue), in: self.keeper.store.storage, heartbeat: self.heartbeat,
                environment: environment, onLoss: { work.end() })
            guard let lease else {
                guard environment.clock.uptime() - started < self.policy.leaseDuration + .seconds(120) else { break }
                try await environment.clock.sleep(for: self.keeper.policy.pause(min(round, 3), environment))
                continue
            }
            do {
                // Read with the lease: what was read before it may have changed.
                if let link = try await self.link(of: account, for: principal) {
                    if !lease.isHeld { work.end() }
                    try await work.run(environment) { try await self.step(account, link, work) }
                }
                await lease.release()
            } catch {
                await lease.release()
                throw error
            }
        }
        throw RingError.linking(
            .timedOut, "another process has been working on this link for too long; try the same link again")
    }

    /// The link that has steps left; `nil` when it is completed.
    private func link(of account: RingAccountID, for principal: RingPrincipal) async throws -> RingLinkProgress? {
        guard let record = try await self.keeper.store.record(for: account), let link = record.link,
            record.stage == .claimed || record.stage == .linked
        else { throw Self.gone }
        guard link.principal == principal else { throw Self.taken }
        if link.step == .refused { throw Self.refused }
        return link.step == .completed ? nil : link
    }

    /// Does the step that is next. The right to work on the link is held, or was lost on the way: then nothing is taken back,
    /// because another process may have gone on.
    private func step(_ account: RingAccountID, _ link: RingLinkProgress, _ work: LinkWork) async throws {
        let client = self.accounts(account)
        if link.step == .confirmed {
            do {
                try await client.updateLink(status: .completed, accountIdentifier: link.accountIdentifier)
            } catch let error as RingError where error.code == .badRequest || error.code == .notFound {
                // The confirmed connection is gone, as when the user removed the app and added it again meanwhile.
                try await self.note(account, link, .refused)
                throw error
            }
            return try await self.note(account, link, .completed)
        }
        // A POST that was begun before and whose outcome nobody noted: Ring may have taken it.
        let isAmbiguous = link.step == .confirming
        // The POST is noted before it is sent: a crash leaves "confirming".
        guard try await self.note(account, link, .confirming, from: [.claimed, .confirming]) else { return }
        do {
            try await client.confirmLink(nonce: link.nonce, accountIdentifier: link.accountIdentifier)
        } catch let refusal as RingError where refusal.code == .invalidNonce {
            guard isAmbiguous || refusal.followsUnknownOutcome else {
                // The first try, refused outright: Ring has taken nothing. Unless another process has taken the link over
                // meanwhile: then Ring refuses this nonce because it has taken it from that one.
                guard !work.isLost else { throw refusal }
                guard try await self.note(account, link, .refused, from: [.claimed, .confirming]) else { return }
                throw refusal
            }
            // The earlier try may have been taken and its response lost: Ring refuses a used nonce, and the PATCH tells.
            do {
                try await client.updateLink(status: .completed, accountIdentifier: link.accountIdentifier)
            } catch let error as RingError where error.code == .badRequest || error.code == .notFound {
                try await self.note(account, link, .refused)
                throw refusal
            }
            return try await self.note(account, link, .completed)
        } catch let error as RingError {
            // What Ring surely has not taken is begun anew. What it may have taken stays "confirming".
            let isDefinite = error.delivery == .notSent || [.notFound, .forbidden, .badRequest].contains(error.code)
            if isDefinite, !isAmbiguous, !error.followsUnknownOutcome, !work.isLost {
                _ = try? await self.note(account, link, .claimed, from: [.confirming])
            }
            throw error
        }
        try await self.note(account, link, .confirmed)
    }

    private func note(_ account: RingAccountID, _ link: RingLinkProgress, _ step: RingLinkProgress.Step) async throws {
        _ = try await self.note(account, link, step, from: [.claimed, .confirming, .confirmed])
    }

    /// Notes the step that a link has reached, whoever else has written meanwhile.
    ///
    /// - Parameter steps: The steps it may come from; at another one it has gone on already.
    /// - Returns: `false` when the account has another link by now, or this one has gone on.
    @discardableResult
    private func note(
        _ account: RingAccountID, _ link: RingLinkProgress, _ step: RingLinkProgress.Step,
        from steps: [RingLinkProgress.Step]
    ) async throws -> Bool {
        while true {
            guard let record = try await self.keeper.store.record(for: account), let present = record.link else {
                throw Self.gone
            }
            // A user may bring the same nonce for a new connection: that is another link.
            guard present.id == link.id, present.nonce == link.nonce, present.principal == link.principal,
                steps.contains(present.step)
            else { return false }
            if present.step == step { return true }
            var noted = record
            noted.version &+= 1
            noted.link?.step = step
            // The connection that the refused nonce was not for is still to be claimed.
            if step == .refused, record.stage == .linked { noted.hasNewCode = true }
            if step == .completed {
                noted.stage = .linked
                noted.linkedAt = self.keeper.environment.clock.now()
            }
            guard try await self.keeper.store.commit([.put(noted, replacing: record.version)]) else { continue }
            if noted.state != record.state {
                self.keeper.environment.observer.observe(
                    RingAccountStateChanged(account: account, from: record.state, to: noted.state))
            }
            self.observe(account, step)
            return true
        }
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

/// One step of a link, which ends when the right to it is lost: a POST that is sent after another process has completed the
/// link would take the link back to `awaiting`.
private final class LinkWork: Sendable {
    private struct State {
        var task: Task<Void, any Error>?
        var isLost = false
    }

    private let state = Mutex(State())

    /// Whether another process may work on the link by now.
    var isLost: Bool { self.state.withLock { $0.isLost } }

    func end() {
        let task = self.state.withLock { state in
            state.isLost = true
            return state.task
        }
        task?.cancel()
    }

    /// Runs the step.
    ///
    /// - Throws: What it throws; `RingError` with code `timedOut` when the right was lost; `CancellationError`.
    func run(_ environment: RingEnvironment, _ step: @escaping @Sendable () async throws -> Void) async throws {
        let task = environment.detach(throwing: step)
        let isLost = self.state.withLock { state in
            state.task = task
            return state.isLost
        }
        if isLost { task.cancel() }
        do {
            try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        } catch {
            guard self.state.withLock({ $0.isLost }), !Task.isCancelled else { throw error }
            throw RingError.linking(
                .timedOut,
                "another process has taken this link over, because this one stood still; try the same link again")
        }
    }
}
