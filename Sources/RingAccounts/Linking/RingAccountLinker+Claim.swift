package import RingCore
internal import RingCrypto
public import RingOAuth

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingAccountLinker {
    /// Links the account that a redirect's nonce was made for to a user who has signed in.
    ///
    /// Finds the account among those that wait, claims it for the user, confirms it with Ring (POST) and completes it
    /// (PATCH). After a failure call it again with the same redirect: it goes on where it stopped. A second click shares the
    /// work of the first.
    ///
    /// - Parameters:
    ///   - redirect: What Ring's redirect brought.
    ///   - principal: The partner's user, signed in: Ring's certification demands it before a nonce is matched.
    ///   - accountIdentifier: A masked identifier of that user, shown to the Ring user.
    /// - Throws: `RingError` with code `invalidNonce` (malformed, or refused by Ring), `linkExpired`, `linkFromFuture`,
    ///   `noMatchingAccount`, `claimedByAnother`, `invalidArgument` for an empty principal, or why Ring or the store could not
    ///   be asked; `CancellationError`.
    public func link(
        _ redirect: RingLinkRedirect, for principal: RingPrincipal, accountIdentifier: String? = nil
    ) async throws -> RingLinkResult {
        guard !principal.rawValue.isEmpty else {
            throw RingError.linking(
                .invalidArgument, "an account is claimed for a signed-in user; the principal is empty")
        }
        let (account, keyIndex) = try await self.find(redirect, for: principal)
        let claim = RingLinkProgress(
            principal: principal, nonce: redirect.nonce, time: redirect.time, accountIdentifier: accountIdentifier)
        try await self.claim(account, claim)
        var result = try await self.drive(account, for: principal)
        result.keyIndex = keyIndex
        return result
    }

    /// Goes on with every link of a user that was begun and not finished, as when they come back later.
    ///
    /// - Parameter principal: The partner's user, signed in.
    /// - Returns: The accounts that are linked now.
    /// - Throws: `RingError` of the first link that cannot be finished; the others are tried before.
    public func resume(for principal: RingPrincipal) async throws -> [RingLinkResult] {
        var results: [RingLinkResult] = []
        var failure: (any Error)?
        for account in try await self.keeper.store.accounts(.principal(principal)) {
            guard let record = try await self.keeper.store.header(for: account), record.isLinkUnderWay else { continue }
            do { results.append(try await self.drive(account, for: principal)) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        return results
    }

    /// Goes on with every link that was begun and not finished, whoever began it: after a crash, and when Ring could not be
    /// reached.
    ///
    /// - Parameter mayResume: Whether an account is to be tried now.
    /// - Returns: The accounts that are linked now, and the errors of those that are not.
    /// - Throws: `RingError` with code `storageFailed`; `CancellationError`.
    package func resumeAll(
        where mayResume: (RingAccountID) -> Bool = { _ in true }
    ) async throws -> (linked: [RingLinkResult], failed: [RingAccountID: any Error]) {
        var linked: [RingLinkResult] = []
        var failed: [RingAccountID: any Error] = [:]
        for account in try await self.keeper.store.accounts(.claimed) where mayResume(account) {
            try Task.checkCancellation()
            guard let record = try await self.keeper.store.header(for: account), record.isLinkUnderWay,
                let link = record.link
            else { continue }
            do { linked.append(try await self.drive(account, for: link.principal)) } catch { failed[account] = error }
        }
        return (linked, failed)
    }

    /// Finds the account a nonce was made for, also among tokens for which `users/me` had not answered yet.
    private func find(
        _ redirect: RingLinkRedirect, for principal: RingPrincipal
    ) async throws -> (RingAccountID, keyIndex: Int) {
        do {
            let match = try await self.match(redirect, for: principal)
            // A link of an earlier connection: the tokens of the one that the redirect belongs to may be here without a name.
            if try await self.keeper.store.header(for: match.0).map({ $0.stage == .linked && !$0.hasNewCode }) ?? false,
                try await !self.keeper.store.accounts(.unidentified, limit: 1).isEmpty
            {
                try await self.identifyNewest()
            }
            return match
        } catch let error as RingError where error.code == .noMatchingAccount {
            // The user's tokens may be here without a name. They are asked about now, while the user waits.
            guard try await !self.keeper.store.accounts(.unidentified, limit: 1).isEmpty else { throw error }
            try await self.identifyNewest()
            do {
                return try await self.match(redirect, for: principal)
            } catch let error as RingError where error.code == .noMatchingAccount {
                guard try await !self.keeper.store.accounts(.unidentified, limit: 1).isEmpty else { throw error }
                throw RingError.linking(
                    .serverFailure,
                    """
                    the account of this link is not known yet: tokens are stored for which Ring could not be asked whose \
                    they are; try the same link again in a minute
                    """)
            }
        }
    }

    /// Asks about the tokens that came last: those of this user were exchanged a moment ago. Anybody who is signed in can
    /// bring a redirect that fits nothing, so it is a few, and not for each request.
    private func identifyNewest() async throws {
        guard self.exchanges.mayIdentify(at: self.keeper.environment.clock.uptime()) else { return }
        _ = try await self.identifyWaiting(newest: 8)
    }

    /// Finds the account a nonce was made for. The whole pool is visited, whatever matches.
    private func match(
        _ redirect: RingLinkRedirect, for principal: RingPrincipal
    ) async throws -> (RingAccountID, keyIndex: Int) {
        let search: RingLinkNonceSearch
        do {
            search = try RingLinkNonceSearch(nonce: redirect.nonce, time: redirect.time, keys: self.policy.keys)
        } catch  where error.code == .emptyKey {
            throw RingError.linking(.misconfigured, "no HMAC key is configured; copy it from the developer console")
        } catch {
            throw RingError.linking(.invalidNonce, "the link is malformed: \(error.message)")
        }
        let now = self.keeper.environment.clock.now()
        let milliseconds = Int64(exactly: (now.timeIntervalSince1970 * 1_000).rounded(.down)) ?? .max
        switch self.policy.window.verdict(time: redirect.time, nowMilliseconds: milliseconds) {
        case .fresh: break
        case .expired:
            throw RingError.linking(
                .linkExpired, "the link is older than ten minutes; have the user start again from Ring")
        case .future:
            throw RingError.linking(
                .linkFromFuture, "the link's time is in the future; check this machine's clock")
        case .malformed: throw RingError.linking(.invalidNonce, "the link's time is no number of milliseconds")
        }
        // The nonce's time is Ring's, as is the one that is stored with an account. Made-up times match no account.
        let sent = Int64(redirect.time).map { Date(timeIntervalSince1970: Double($0) / 1_000) } ?? now
        let since = sent - self.policy.poolLifetime.seconds
        var pool = try await self.keeper.store.accounts(.pool(since: since))
        // A user may press "Sign In" at Ring again long after the exchange. They have few accounts, and to look at one of
        // them twice costs less than a set of the pool.
        pool += try await self.keeper.store.accounts(.principal(principal))
        guard let match = search.firstMatch(in: pool.map(\.rawValue)) else {
            throw RingError.linking(
                .noMatchingAccount,
                "none of the \(Set(pool).count) accounts that wait to be claimed fits the nonce; have the user start again "
                    + "from Ring, and check the HMAC key")
        }
        return (pool[match.accountIndex], match.keyIndex)
    }

    /// Claims by compare-and-swap: of two users with one nonce, one wins.
    func claim(_ account: RingAccountID, _ claim: RingLinkProgress) async throws {
        var claim = claim
        if claim.id == 0 { claim.id = self.keeper.environment.randomToken() }
        while true {
            guard let record = try await self.keeper.store.record(for: account),
                let claimed = try Self.claiming(record, claim)
            else {
                throw RingError.linking(
                    .noMatchingAccount, "the account was removed meanwhile; have the user start again from Ring")
            }
            guard claimed.version != record.version else { return }
            if Self.takesOver(record, claim) { return try await self.takeOver(account, claim) }
            if try await self.keeper.store.commit([.put(claimed, replacing: record.version)]) {
                self.observe(account, claim.step)
                return
            }
        }
    }

    private static func takesOver(_ record: RingTokenRecord, _ claim: RingLinkProgress) -> Bool {
        record.stage == .linked && claim.step == .claimed
            && record.link.map { $0.principal != claim.principal } ?? false
    }

    /// Claims an account that is linked for another user. Their link stays as it is until Ring has taken the nonce.
    ///
    /// A POST that is cut off leaves everything as it was: its user starts again from Ring.
    private func takeOver(_ account: RingAccountID, _ claim: RingLinkProgress) async throws {
        let lease = try await RingWorkLease.take(
            RingStorageID(.linkWork, account.rawValue), in: self.keeper.store.storage, heartbeat: self.heartbeat,
            environment: self.keeper.environment)
        guard let lease else {
            throw RingError.linking(
                .timedOut, "another process works on a link of this account; try the same link again")
        }
        do {
            // The account may have been linked anew before the lease was taken.
            if let record = try await self.keeper.store.record(for: account), Self.takesOver(record, claim),
                try Self.claiming(record, claim)?.version != record.version
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

    /// The record with the claim in it; the same record when it holds the claim already, or is linked and nothing is to be
    /// done; `nil` when it cannot be claimed.
    private static func claiming(_ record: RingTokenRecord, _ claim: RingLinkProgress) throws -> RingTokenRecord? {
        var claimed = record
        claimed.version &+= 1
        claimed.link = claim
        // The redirect's time is Ring's: the link exists at least since then.
        let moment = Int64(claim.time).map { Date(timeIntervalSince1970: Double($0) / 1_000) }
        if let moment { claimed.ringTime = max(record.ringTime ?? moment, moment) }
        claimed.hasNewCode = false
        guard record.stage != .unidentified, record.stage != .removed else { return nil }
        if record.stage == .unclaimed {
            claimed.stage = .claimed
            return claimed
        }
        guard let link = record.link else { return claimed }
        let isRefused = link.step == .refused && record.stage == .claimed
        // A code that came after the link is another connection that somebody made at Ring: whoever brings a nonce that is
        // younger made it.
        let isYounger = moment.flatMap { moment in record.codeTime.map { moment >= $0 } } ?? true
        let isNewConnection = record.stage == .linked && record.hasNewCode && isYounger
        // Another nonce for the same connection belongs to the same link.
        if !isNewConnection { claimed.link?.id = link.id }
        let isAtRest = link.step == .completed || link.step == .refused
        guard link.principal == claim.principal || isRefused || isNewConnection && isAtRest else {
            throw RingError.linking(
                .claimedByAnother, "another user has claimed this Ring account; they must unlink it first")
        }
        // The same link again: nothing to begin anew. Ring refuses a nonce for good.
        if link.nonce == claim.nonce, !claim.nonce.isEmpty { return record }
        // The POST is done, unless it was for an earlier connection.
        if link.step == .confirmed, !(record.hasNewCode && isYounger) { return record }
        if isRefused { return claimed }
        if link.principal != claim.principal {
            // The former user's link is over; the new one is not confirmed yet.
            claimed.stage = .claimed
            claimed.linkedAt = nil
            return claimed
        }
        // A linked account is claimed again only for a code that came after the link: Ring made no other connection.
        if record.stage == .linked, link.step == .completed, !isNewConnection { return record }
        // What Ring may have taken of the claim that this one replaces shows when it refuses this one's nonce.
        if link.step == .confirming || link.step == .confirmed, claim.step == .claimed {
            claimed.link?.step = .confirming
        }
        return claimed
    }

    func observe(_ account: RingAccountID, _ step: RingLinkProgress.Step) {
        self.keeper.environment.observer.observe(RingLinkAdvanced(account: account, step: step))
    }
}
