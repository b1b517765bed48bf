internal import RingCore
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
        let (account, keyIndex) = try await self.match(redirect, for: principal)
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
        for account in try await self.keeper.store.accounts(.principal(principal), limit: nil) {
            guard let record = try await self.keeper.store.record(for: account), record.stage == .claimed,
                record.link?.step != .refused
            else { continue }
            do { results.append(try await self.drive(account, for: principal)) } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        return results
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
        let since = now - self.policy.poolLifetime.seconds
        var pool = try await self.keeper.store.accounts(.pool(since: since), limit: nil)
        // A user may press "Sign In" at Ring again long after the exchange. They have few accounts, and to look at one of
        // them twice costs less than a set of the pool.
        pool += try await self.keeper.store.accounts(.principal(principal), limit: nil)
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
        while true {
            guard let record = try await self.keeper.store.record(for: account),
                let claimed = try Self.claiming(record, claim)
            else {
                throw RingError.linking(
                    .noMatchingAccount, "the account was removed meanwhile; have the user start again from Ring")
            }
            guard claimed.version != record.version else { return }
            if try await self.keeper.store.commit([.put(claimed, replacing: record.version)]) {
                self.observe(account, claim.step)
                return
            }
        }
    }

    /// The record with the claim in it; the same record when it holds the claim already; `nil` when it cannot be claimed.
    private static func claiming(_ record: RingTokenRecord, _ claim: RingLinkProgress) throws -> RingTokenRecord? {
        var claimed = record
        claimed.version += 1
        switch record.stage {
        case .unidentified, .removed: return nil
        case .unclaimed:
            claimed.stage = .claimed
            claimed.link = claim
            return claimed
        case .claimed, .linked:
            guard let link = record.link else {
                claimed.link = claim
                return claimed
            }
            let isRefused = link.step == .refused && record.stage == .claimed
            guard link.principal == claim.principal || isRefused else {
                throw RingError.linking(
                    .claimedByAnother, "another user has claimed this Ring account; they must unlink it first")
            }
            // The same link again, or one whose POST is done: nothing to begin anew.
            if !isRefused, link.nonce == claim.nonce || link.step == .confirmed { return record }
            claimed.link = claim
            return claimed
        }
    }

    func observe(_ account: RingAccountID, _ step: RingLinkProgress.Step) {
        self.keeper.environment.observer.observe(RingLinkAdvanced(account: account, step: step))
    }
}
