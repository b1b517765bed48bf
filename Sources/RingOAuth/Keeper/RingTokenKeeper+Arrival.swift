public import RingCore
internal import RingCrypto

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// How tokens come in: they are on the disk, under a made-up account, before anybody asks whose they are.
extension RingTokenKeeper {
    private static let unidentified = "unidentified:"

    /// Stores tokens of an account that is not known yet.
    ///
    /// - Parameter grant: The tokens of a code exchange.
    /// - Returns: A made-up account, good for asking `users/me`; then call ``identify(_:as:)``.
    /// - Throws: `RingError` with code `storageFailed` when the store failed again and again; the tokens are then lost.
    public func accept(_ grant: OAuthGrant) async throws -> RingAccountID {
        let clock = self.environment.clock
        var record = RingTokenRecord(
            accountID: Self.provisionalID(grant.accessToken.revealed), stage: .unidentified, tokens: OAuthTokens(grant),
            now: clock.now())
        record.refreshDueAt = grant.issuedAt + self.policy.idleDelay().seconds
        var failures = 0
        while true {
            do {
                // `false`: the very same grant is stored already.
                if try await self.parts.commit([.put(record, replacing: nil)], "storing new tokens") {
                    self.parts.observeChange(from: nil, to: record)
                }
                return record.accountID
            } catch let error as RingError {
                failures += 1
                guard failures < self.policy.saveAttempts else { throw error }
                try await clock.sleep(for: self.policy.pause(failures + 2))
            }
        }
    }

    /// Stores a refresh token that came from outside, such as `RING_REFRESH_TOKEN`, once.
    ///
    /// A seed that was used before gives the account it became, with the rotated pair that is stored for it: the stale seed
    /// never overwrites it.
    ///
    /// - Returns: The account, made up while `users/me` has not been asked: see ``isIdentified(_:)``.
    /// - Throws: `RingError` with code `storageFailed`.
    public func seed(_ token: OAuthRefreshToken) async throws -> RingAccountID {
        let digest = RingSHA256.digest(of: Array("ring seed:\(token.revealed)".utf8)).base64URL
        if let known = try await self.parts.accounts(.seed(digest), limit: 1).first { return known }
        let now = self.environment.clock.now()
        var record = RingTokenRecord(
            accountID: Self.provisionalID("seed \(digest)"), stage: .unidentified,
            tokens: OAuthTokens(seed: token, now: now), now: now)
        record.seed = digest
        if try await self.parts.commit([.put(record, replacing: nil)], "storing the seed") {
            self.parts.observeChange(from: nil, to: record)
            return record.accountID
        }
        // Another process was faster; it may even have identified the account by now.
        return try await self.parts.accounts(.seed(digest), limit: 1).first ?? record.accountID
    }

    /// Whether an account id is Ring's, and not one made up for tokens whose account is not known yet.
    public static func isIdentified(_ account: RingAccountID) -> Bool {
        !account.rawValue.hasPrefix(Self.unidentified)
    }

    /// Moves unidentified tokens to the account they belong to: a new one is `unclaimed`; one that is stored already gets
    /// the tokens and keeps its link; a removed one begins anew.
    ///
    /// - Parameters:
    ///   - provisional: The made-up account.
    ///   - account: The account `users/me` named for its tokens.
    /// - Returns: How the account's tokens are afterwards.
    /// - Throws: `RingError` with code `storageFailed`, or `accountUnknown` when neither is stored.
    @discardableResult
    public func identify(_ provisional: RingAccountID, as account: RingAccountID) async throws -> RingTokenStatus {
        for round in 0... {
            let existing = try await self.parts.record(for: account)
            guard var found = try await self.parts.record(for: provisional) else {
                // Another process has done it.
                guard let existing else { throw RingError.accountUnknown(account) }
                self.forget(provisional)
                return RingTokenStatus(existing)
            }
            let clock = self.environment.clock
            if let attempt = found.attempt {
                if attempt.expiresAt > clock.now(), round < 1_000 {
                    try await clock.sleep(for: self.policy.pause(round))
                    continue
                }
                if found.condition == .current { found.condition = .uncertain }
                found.attempt = nil
            }
            let adopted = RingTokenRecord.adopting(found, as: account, over: existing, now: clock.now())
            let changes: [RingTokenChange] = [
                .delete(provisional, version: found.version), .put(adopted, replacing: existing?.version),
            ]
            guard try await self.parts.commit(changes, "storing account \(account)") else { continue }
            self.parts.observeChange(from: existing, to: adopted)
            self.forget(provisional)
            _ = self.tokens(for: account).learn(adopted)
            return RingTokenStatus(adopted)
        }
        throw RingError.accountUnknown(account)
    }

    private static func provisionalID(_ secret: String) -> RingAccountID {
        let digest = RingSHA256.digest(of: Array("ring provisional:\(secret)".utf8)).base64URL
        return RingAccountID(rawValue: Self.unidentified + digest)
    }
}
