internal import RingCore
internal import RingOAuth
internal import Synchronization

extension RingStorageCollection {
    /// The leases of the processes that work on a link. A record exists only while one does.
    static let linkWork = Self(name: "link_work", indexes: [])
}

/// Takes a link from the claim to its end. Each step is stored before its request, so that any process can continue after a
/// crash.
struct RingLinkSteps: Sendable {
    private let keeper: RingTokenKeeper
    private let accounts: @Sendable (RingAccountID) -> RingAccountsClient
    private let leaseDuration: Duration
    /// Extends the leases of the links under way.
    private let heartbeat: RingLeaseHeartbeat

    init(
        keeper: RingTokenKeeper, leaseDuration: Duration,
        accounts: @escaping @Sendable (RingAccountID) -> RingAccountsClient
    ) {
        self.keeper = keeper
        self.accounts = accounts
        self.leaseDuration = leaseDuration
        self.heartbeat = RingLeaseHeartbeat(
            storage: keeper.store.storage, environment: keeper.environment, duration: leaseDuration)
    }

    // MARK: The claim

    /// Claims an account by compare-and-swap: of two users with the same nonce, one wins.
    ///
    /// - Throws: `RingError` with code `claimedByAnother`, `noMatchingAccount`, or why a taken-over link could not be confirmed.
    func claim(_ account: RingAccountID, _ claim: RingLinkProgress) async throws {
        var claim = claim
        if claim.id == 0 { claim.id = self.keeper.environment.randomToken() }
        while true {
            guard let record = try await self.keeper.store.record(for: account) else { throw RingError.linkGone }
            switch try record.claiming(claim) {
            case .impossible: throw RingError.linkGone
            case .unchanged: return
            case .takesOver: return try await self.takeOver(account, claim)
            case .claimed(let claimed):
                guard try await self.keeper.store.commit([.put(claimed, replacing: record.version)]) else { continue }
                return self.observe(account, claim.step)
            }
        }
    }

    /// Claims an account that is linked for another user. Their link stays until Ring has accepted the nonce.
    ///
    /// A POST that is interrupted changes nothing: its user starts again from Ring.
    private func takeOver(_ account: RingAccountID, _ claim: RingLinkProgress) async throws {
        guard let lease = try await self.lease(account, onLoss: {}) else {
            throw RingError(
                code: .timedOut,
                message: "another process is working on a link of this account; try the same link again")
        }
        do {
            // Read again, because the account may have been linked again before the lease was taken.
            if let record = try await self.keeper.store.record(for: account),
                case .takesOver = try record.claiming(claim)
            {
                try await self.accounts(account).confirmLink(
                    nonce: claim.nonce, accountIdentifier: claim.accountIdentifier)
                var confirmed = claim
                confirmed.step = .confirmed
                try await self.claim(account, confirmed)
                return await lease.release()
            }
        } catch {
            await lease.release()
            throw error
        }
        await lease.release()
        try await self.claim(account, claim)
    }

    private func lease(
        _ account: RingAccountID, onLoss: @escaping @Sendable () -> Void
    ) async throws -> RingWorkLease? {
        try await RingWorkLease.take(
            RingStorageID(.linkWork, account.rawValue), in: self.keeper.store.storage, heartbeat: self.heartbeat,
            environment: self.keeper.environment, onLoss: onLoss)
    }

    // MARK: The steps

    /// Takes all steps that are left. One process does so at a time; the others wait for its outcome.
    func complete(_ account: RingAccountID, for principal: RingPrincipal) async throws -> RingLinkResult {
        let environment = self.keeper.environment
        let started = environment.clock.uptime()
        for round in 0... {
            guard try await self.unfinishedLink(of: account, for: principal) != nil else {
                return RingLinkResult(account: account)
            }
            let work = RingLinkWork()
            guard let lease = try await self.lease(account, onLoss: { work.end() }) else {
                guard environment.clock.uptime() - started < self.leaseDuration + .seconds(120) else { break }
                try await environment.clock.sleep(for: self.keeper.policy.pause(min(round, 3), environment))
                continue
            }
            do {
                // Read again, because the link may have changed before the lease was taken.
                if let link = try await self.unfinishedLink(of: account, for: principal) {
                    if !lease.isHeld { work.end() }
                    try await work.run(environment) { try await self.takeStep(account, link, work) }
                }
                await lease.release()
            } catch {
                await lease.release()
                throw error
            }
        }
        throw RingError(
            code: .timedOut,
            message: "another process has been working on this link for too long; try the same link again")
    }

    /// The link that has steps left; `nil` when it is completed.
    private func unfinishedLink(
        of account: RingAccountID, for principal: RingPrincipal
    ) async throws -> RingLinkProgress? {
        guard let record = try await self.keeper.store.record(for: account), let link = record.link,
            record.stage == .claimed || record.stage == .linked
        else { throw RingError.linkGone }
        guard link.principal == principal else { throw RingError.claimedByAnother }
        guard link.step != .refused else { throw RingError.nonceRefused }
        return link.step == .completed ? nil : link
    }

    /// Takes the next step. The lease is held, or was lost meanwhile: then no step is reverted, because another process may
    /// have continued.
    private func takeStep(_ account: RingAccountID, _ link: RingLinkProgress, _ work: RingLinkWork) async throws {
        if link.step == .confirmed {
            // A failed PATCH means that the confirmed connection is gone, for example because the user removed the app and added
            // it again.
            //
            // A link that is not `confirmed` any more by then belongs to a later connection, which Ring has not confirmed.
            return try await self.finish(account, link, from: [.confirmed], failure: nil)
        }
        // A POST was started before and its outcome was not noted: Ring may have accepted it.
        let isAmbiguous = link.step == .confirming
        // The POST is noted before it is sent: after a crash the step is `confirming`.
        guard try await self.note(account, link, .confirming, from: [.claimed, .confirming]) else { return }
        do {
            try await self.accounts(account).confirmLink(nonce: link.nonce, accountIdentifier: link.accountIdentifier)
        } catch let refusal as RingError where refusal.code == .invalidNonce {
            if isAmbiguous || refusal.followsUnknownOutcome {
                // Ring refuses a nonce that it has accepted before. Whether it has shows in the PATCH.
                return try await self.finish(
                    account, link, from: [.claimed, .confirming, .confirmed], failure: refusal)
            }
            // The first attempt was refused, so Ring has accepted nothing. Exception: another process has taken the link over
            // meanwhile; then Ring refuses this nonce because it has accepted it from that process.
            guard !work.isLost else { throw refusal }
            guard try await self.note(account, link, .refused, from: [.claimed, .confirming]) else { return }
            throw refusal
        } catch let error as RingError {
            // A POST that Ring certainly has not accepted is started again. Otherwise the step stays `confirming`.
            let isRefusal = error.isOfRing && [.notFound, .forbidden, .badRequest].contains(error.code)
            let isDefinite = error.delivery == .notSent || isRefusal
            if isDefinite, !isAmbiguous, !error.followsUnknownOutcome, !work.isLost {
                _ = try? await self.note(account, link, .claimed, from: [.confirming])
            }
            throw error
        }
        try await self.note(account, link, .confirmed)
    }

    /// Completes a confirmed link by the PATCH. When Ring refuses it, there is no such connection, and the link is refused. A
    /// response that is not Ring's own refuses nothing: the PATCH is sent again later.
    ///
    /// - Parameters:
    ///   - steps: The steps from which the outcome is noted.
    ///   - failure: The error to throw then; `nil` for the one of the PATCH.
    private func finish(
        _ account: RingAccountID, _ link: RingLinkProgress, from steps: [RingLinkProgress.Step], failure: RingError?
    ) async throws {
        do {
            try await self.accounts(account).updateLink(status: .completed, accountIdentifier: link.accountIdentifier)
        } catch let error as RingError where error.isOfRing && [.badRequest, .notFound].contains(error.code) {
            try await self.note(account, link, .refused, from: steps)
            throw failure ?? error
        }
        try await self.note(account, link, .completed, from: steps)
    }

    /// Notes the step that a link has reached, even if its record has changed in the meantime.
    ///
    /// - Parameter steps: The steps it may come from.
    /// - Returns: `false` when the account has another link by now, or this one has reached a later step.
    @discardableResult
    private func note(
        _ account: RingAccountID, _ link: RingLinkProgress, _ step: RingLinkProgress.Step,
        from steps: [RingLinkProgress.Step] = [.claimed, .confirming, .confirmed]
    ) async throws -> Bool {
        let environment = self.keeper.environment
        while true {
            guard let record = try await self.keeper.store.record(for: account) else { throw RingError.linkGone }
            switch record.reaching(step, of: link, from: steps, at: environment.clock.now()) {
            case .gone: throw RingError.linkGone
            case .overtaken: return false
            case .unchanged: return true
            case .changed(let noted):
                guard try await self.keeper.store.commit([.put(noted, replacing: record.version)]) else { continue }
                if noted.state != record.state {
                    environment.observer.observe(
                        RingAccountStateChanged(account: account, from: record.state, to: noted.state))
                }
                self.observe(account, step)
                return true
            }
        }
    }

    private func observe(_ account: RingAccountID, _ step: RingLinkProgress.Step) {
        self.keeper.environment.observer.observe(RingLinkAdvanced(account: account, step: step))
    }
}

/// One step of a link, which is cancelled when its lease is lost: a POST that is sent after another process has completed the
/// link would set the integration back to `awaiting`.
private final class RingLinkWork: Sendable {
    private struct State {
        var task: Task<Void, any Error>?
        var isLost = false
    }

    private let state = Mutex(State())

    /// Whether another process may work on the link by now.
    var isLost: Bool { self.state.withLock { $0.isLost } }

    /// The lease was lost.
    func end() {
        let task = self.state.withLock { state in
            state.isLost = true
            return state.task
        }
        task?.cancel()
    }

    /// Runs the step.
    ///
    /// - Throws: Its error; `RingError` with code `timedOut` when the lease was lost; `CancellationError`.
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
            guard self.isLost, !Task.isCancelled else { throw error }
            throw RingError(
                code: .timedOut,
                message:
                    "another process has continued this link, because this one was suspended; try the same link again")
        }
    }
}
