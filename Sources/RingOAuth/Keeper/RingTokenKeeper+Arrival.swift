public import RingCore
internal import RingCrypto
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// How tokens come in: they are stored under a made-up account before anybody asks whose they are.
extension RingTokenKeeper {
    private static let unidentified = "unidentified:"

    /// Stores tokens of an account that is not known yet.
    ///
    /// - Parameter grant: The tokens of a code exchange.
    /// - Returns: A made-up account, good for asking `users/me`; then call ``identify(_:as:)``.
    /// - Throws: `RingError` with code `storageFailed` when the store failed again and again. The tokens stay in memory;
    ///   ``settle(within:)`` and the next exchange try again.
    public func accept(_ grant: OAuthGrant) async throws -> RingAccountID {
        let environment = self.environment
        var record = RingTokenRecord(
            accountID: Self.provisionalID(of: grant), stage: .unidentified, tokens: OAuthTokens(grant),
            version: environment.randomToken(), now: environment.clock.now())
        record.ringTime = grant.serverDate
        record.codeTime = grant.serverDate
        record.refreshDueAt = grant.issuedAt + self.parts.nextIdleRefresh().seconds
        let arrival = record
        self.arrivals.withLock { $0[arrival.accountID] = arrival }
        var failures = 0
        while true {
            do {
                try await self.store(arrival: arrival)
                return arrival.accountID
            } catch let error as RingError {
                failures += 1
                guard failures < self.policy.saveAttempts else { throw error }
                try await environment.clock.sleep(for: self.parts.pause(failures + 2))
            }
        }
    }

    /// Stores a new record and lets go of the copy in memory.
    func store(arrival record: RingTokenRecord) async throws {
        // `false`: the very same grant is stored already, or was moved to its account.
        if try await self.parts.commit([.put(record, replacing: nil)], "storing new tokens") {
            self.parts.observeChange(from: nil, to: record)
        }
        self.arrivals.withLock { _ = $0.removeValue(forKey: record.accountID) }
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
        if let known = try await self.parts.accounts(.seed(digest), limit: nil).first { return known }
        let now = self.environment.clock.now()
        var record = RingTokenRecord(
            accountID: Self.provisionalID("seed \(digest)"), stage: .unidentified,
            tokens: OAuthTokens(seed: token, now: now), version: self.environment.randomToken(), now: now)
        record.seed = digest
        if try await self.parts.commit([.put(record, replacing: nil)], "storing the seed") {
            self.parts.observeChange(from: nil, to: record)
            return record.accountID
        }
        // Another process was faster; it may even have identified the account by now.
        return try await self.parts.accounts(.seed(digest), limit: nil).first ?? record.accountID
    }

    /// Whether an account id is Ring's, and not one made up for tokens whose account is not known yet.
    public static func isIdentified(_ account: RingAccountID) -> Bool {
        !account.rawValue.hasPrefix(Self.unidentified)
    }

    /// Moves unidentified tokens to the account they belong to: a new one is `unclaimed`; one that is stored already gets
    /// the tokens and keeps its link; a removed one begins anew. Whoever asks for the made-up account afterwards is led to
    /// the real one.
    ///
    /// - Parameters:
    ///   - provisional: The made-up account.
    ///   - account: The account `users/me` named for its tokens.
    /// - Returns: How the account's tokens are afterwards.
    /// - Throws: `RingError` with code `storageFailed`, `timedOut` when another process refreshes the tokens for too long,
    ///   or `accountUnknown` when neither is stored.
    @discardableResult
    public func identify(_ provisional: RingAccountID, as account: RingAccountID) async throws -> RingTokenStatus {
        let (environment, clock) = (self.environment, self.environment.clock)
        let started = clock.uptime()
        for round in 0... {
            guard var found = try await self.parts.record(for: provisional) else {
                throw RingError.accountUnknown(account)
            }
            // Another process has done it.
            if found.accountID != provisional { return RingTokenStatus(found) }
            if found.isLeased {
                // Its refresh may bring a pair, which has to be here when it is moved.
                guard clock.uptime() - started < self.parts.heartbeat.duration + .seconds(60) else { break }
                try await clock.sleep(for: self.parts.pause(round))
                continue
            }
            let existing = try await self.parts.header(for: account)
            if let existing, found.isOlder(than: existing) {
                let outdated = found.forwarding(
                    to: existing, isOutdated: true, expiresAt: clock.now() + Self.forwardingLifetime)
                let what = "dropping tokens of an earlier code of \(account)"
                guard try await self.parts.commit([.put(outdated, replacing: found.version)], what) else { continue }
                self.release(provisional)
                return RingTokenStatus(existing)
            }
            if found.attempt != nil {
                if found.condition == .current { found.condition = .uncertain }
                found.attempt = nil
            }
            let now = clock.now()
            let adopted = RingTokenRecord.adopting(
                found, as: account, over: existing, version: environment.randomToken(), now: now)
            let changes: [RingTokenChange] = [
                .put(
                    found.forwarding(to: adopted, expiresAt: now + Self.forwardingLifetime),
                    replacing: found.version),
                .put(adopted, replacing: existing?.version),
            ]
            guard try await self.parts.commit(changes, "storing account \(account)") else { continue }
            self.parts.observeChange(from: existing, to: adopted)
            self.release(provisional)
            _ = self.tokens(for: account).learn(adopted)
            return RingTokenStatus(adopted)
        }
        throw RingError(
            code: .timedOut, message: "the tokens of \(account) are being refreshed by another process; try again")
    }

    /// Notes that `users/me` could not be asked for unidentified tokens.
    package func noteIdentifyFailure(_ provisional: RingAccountID) async throws {
        guard let record = try await self.parts.header(for: provisional), record.accountID == provisional else {
            return
        }
        var noted = record
        noted.identifyTries = min(record.identifyTries, 999) + 1
        noted.version &+= 1
        // `false`: somebody else wrote; the next failure counts.
        _ = try await self.parts.commit([.put(noted, replacing: record.version)], "noting a failure")
    }

    /// How long a made-up account leads to the real one, in seconds.
    private static let forwardingLifetime = 86_400.0

    /// The made-up account of a grant.
    package static func provisionalID(of grant: OAuthGrant) -> RingAccountID {
        Self.provisionalID(grant.accessToken.revealed)
    }

    /// Whether the tokens of a made-up account are in this process's memory alone.
    package func isUnsaved(_ account: RingAccountID) -> Bool { self.arrivals.withLock { $0[account] != nil } }

    private static func provisionalID(_ secret: String) -> RingAccountID {
        let digest = RingSHA256.digest(of: Array("ring provisional:\(secret)".utf8)).base64URL
        return RingAccountID(rawValue: Self.unidentified + digest)
    }
}
