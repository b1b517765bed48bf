internal import RingCore
internal import RingCrypto
internal import RingOAuth

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Finds out the account of tokens, by `users/me`.
struct RingTokenIdentification: Sendable {
    let keeper: RingTokenKeeper
    let accounts: @Sendable (RingAccountID) -> RingAccountsClient

    /// Identifies tokens that were just stored. When that fails, they stay unidentified.
    ///
    /// - Returns: Their status, and why they could not be identified.
    func identify(
        stored provisional: RingAccountID
    ) async throws -> (status: RingTokenStatus, failure: (any Error)?) {
        do {
            return (try await self.identify(provisional), nil)
        } catch let error where (error as? RingError)?.code != .storageFailed {
            // Another process may have identified them meanwhile: the status is then the account's.
            let status = try await self.keeper.status(of: provisional)
            return (status, status.state == .unidentified ? error : nil)
        }
    }

    func identify(_ provisional: RingAccountID) async throws -> RingTokenStatus {
        do {
            let user = try await self.accounts(provisional).user()
            return try await self.keeper.identify(provisional, as: user.id)
        } catch let error as RingError where error.code != .storageFailed {
            try? await self.keeper.noteIdentifyFailure(provisional)
            throw error
        }
    }

    /// Identifies the tokens that were stored last.
    func identifyWaiting(newest count: Int) async throws -> [RingTokenStatus] {
        var found: [RingTokenStatus] = []
        for account in try await self.keeper.store.accounts(.unidentified).suffix(count) {
            do {
                found.append(try await self.identify(account))
            } catch let error as RingError where error.code != .storageFailed { continue }
        }
        return found
    }
}

/// Finds the account that a redirect's nonce was made for.
struct RingLinkSearch: Sendable {
    let policy: RingLinkPolicy
    let identification: RingTokenIdentification
    let exchanges: RingCodeExchanges
    private var keeper: RingTokenKeeper { self.identification.keeper }

    /// An account whose nonce matched, and the position of the key.
    typealias Match = (account: RingAccountID, keyIndex: Int)

    init(policy: RingLinkPolicy, identification: RingTokenIdentification, exchanges: RingCodeExchanges) {
        self.policy = policy
        self.identification = identification
        self.exchanges = exchanges
    }

    /// Finds the account, even if `users/me` had failed for its tokens.
    func account(of redirect: RingLinkRedirect, for principal: RingPrincipal) async throws -> Match {
        do {
            let match = try await self.match(redirect, for: principal)
            // The link of an earlier connection. The tokens of the connection that the redirect belongs to may be stored and not
            // identified.
            if try await self.keeper.store.header(for: match.account).map({ $0.stage == .linked && !$0.hasNewCode })
                ?? false, try await self.hasUnidentified
            {
                try await self.identifyNewest()
            }
            return match
        } catch let error as RingError where error.code == .noMatchingAccount {
            // The user's tokens may be stored and not identified. They are identified now, while the user waits.
            guard try await self.hasUnidentified else { throw error }
            try await self.identifyNewest()
            do {
                return try await self.match(redirect, for: principal)
            } catch let error as RingError where error.code == .noMatchingAccount {
                guard try await self.hasUnidentified else { throw error }
                throw RingError(
                    code: .serverFailure,
                    message: """
                        the account of this link is not known yet, because the request for the user of its tokens failed; try \
                        the same link again in a minute
                        """)
            }
        }
    }

    private var hasUnidentified: Bool {
        get async throws { try await !self.keeper.store.accounts(.unidentified, limit: 1).isEmpty }
    }

    /// Identifies the tokens that were stored last: those of this user were exchanged a moment ago. Anybody who is signed in can
    /// present a redirect that matches nothing, so only a few are tried, and not for each request.
    private func identifyNewest() async throws {
        guard self.exchanges.mayIdentify(at: self.keeper.environment.clock.uptime()) else { return }
        _ = try await self.identification.identifyWaiting(newest: 8)
    }

    /// Compares the nonce with every account of the pool, even after a match.
    private func match(_ redirect: RingLinkRedirect, for principal: RingPrincipal) async throws -> Match {
        let search = try self.search(for: redirect)
        try self.checkTime(of: redirect)
        // The nonce's time is Ring's, as is the one that is stored with an account. An invented time matches no account.
        let sent = redirect.date ?? self.keeper.environment.clock.now()
        var pool = try await self.keeper.store.accounts(.pool(since: sent - self.policy.poolLifetime.seconds))
        let count = pool.count
        // A user may press "Sign In" at Ring again long after the exchange. They have few accounts; looking at one of them twice
        // costs less than removing duplicates from the pool.
        pool += try await self.keeper.store.accounts(.principal(principal))
        guard let match = search.firstMatch(in: pool.map(\.rawValue)) else {
            let advice =
                self.policy.keys.lazy.compactMap(\.advice).first
                ?? "have the user start again from Ring, and check the HMAC key"
            let others = pool[count...].filter { !pool[..<count].contains($0) }.count
            throw RingError(
                code: .noMatchingAccount,
                message: "the nonce matches none of the \(count + others) accounts that can be claimed; \(advice)")
        }
        return (pool[match.accountIndex], match.keyIndex)
    }

    private func search(for redirect: RingLinkRedirect) throws -> RingLinkNonceSearch {
        do {
            return try RingLinkNonceSearch(nonce: redirect.nonce, time: redirect.time, keys: self.policy.keys)
        } catch  where error.code == .emptyKey {
            throw RingError(
                code: .misconfigured, message: "no HMAC key is configured; copy it from the developer console")
        } catch {
            throw RingError(code: .invalidNonce, message: "the link is malformed: \(error.message)")
        }
    }

    private func checkTime(of redirect: RingLinkRedirect) throws {
        let now = self.keeper.environment.clock.now()
        let milliseconds = Int64(exactly: (now.timeIntervalSince1970 * 1_000).rounded(.down)) ?? .max
        switch self.policy.window.verdict(time: redirect.time, nowMilliseconds: milliseconds) {
        case .fresh: break
        case .expired:
            throw RingError(
                code: .linkExpired, message: "the link is older than ten minutes; have the user start again from Ring")
        case .future:
            throw RingError(
                code: .linkFromFuture, message: "the link's time is in the future; check this machine's clock")
        case .malformed:
            throw RingError(code: .invalidNonce, message: "the link's time is not a number of milliseconds")
        }
    }
}
