internal import RingCore
internal import RingCrypto
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Stores new tokens: first under a provisional account id, then under their account once `users/me` has told it.
///
/// Tokens that could not be stored are kept in memory until they are.
final class RingTokenArrivals: Sendable {
    private let context: RingKeeperContext
    /// Tokens that could not be stored yet: the only copies.
    private let unsaved = Mutex<[RingAccountID: RingTokenRecord]>([:])

    init(_ context: RingKeeperContext) { self.context = context }

    // MARK: Under a provisional id

    /// Stores the tokens of a response under a provisional id.
    ///
    /// - Throws: `RingError` with code `storageFailed` or `misconfigured` after several attempts; the tokens stay in memory.
    func accept(_ grant: OAuthGrant) async throws -> RingAccountID {
        let environment = self.context.environment
        var record = RingTokenRecord(
            accountID: .provisional(for: grant.accessToken.revealed), stage: .unidentified, tokens: OAuthTokens(grant),
            version: environment.randomToken(), now: environment.clock.now())
        record.ringTime = grant.serverDate
        record.codeTime = grant.serverDate
        record.refreshDueAt = grant.issuedAt + self.context.nextIdleRefresh().seconds
        let arrival = record
        self.unsaved.withLock { $0[arrival.accountID] = arrival }
        var failures = 0
        while true {
            do {
                try await self.store(arrival)
                return arrival.accountID
            } catch let error as RingError {
                failures += 1
                guard failures < self.context.policy.saveAttempts else { throw error }
                try await environment.clock.sleep(for: self.context.pause(failures + 2))
            }
        }
    }

    private func store(_ record: RingTokenRecord) async throws {
        // `false`: the same tokens are stored already, or were moved to their account.
        if try await self.context.commit([.put(record, replacing: nil)], "storing new tokens") {
            self.context.observeChange(from: nil, to: record)
        }
        self.unsaved.withLock { _ = $0.removeValue(forKey: record.accountID) }
    }

    /// Stores tokens that could not be stored before, each with one attempt. What is left afterwards is ``unsavedAccounts``.
    func saveUnsaved() async {
        for record in self.unsaved.withLock({ $0.values.sorted { $0.accountID.rawValue < $1.accountID.rawValue } }) {
            try? await self.store(record)
        }
    }

    /// The provisional ids of tokens that are only in memory.
    var unsavedAccounts: [RingAccountID] {
        self.unsaved.withLock { $0.keys.sorted { $0.rawValue < $1.rawValue } }
    }

    /// Stores a refresh token that was obtained elsewhere under a provisional id. A token that was stored before leads to its
    /// present account.
    ///
    /// - Throws: `RingError` with code `storageFailed` or `misconfigured`.
    func seed(_ token: OAuthRefreshToken) async throws -> RingAccountID {
        let digest = RingSHA256.digest(of: Array("ring seed:\(token.revealed)".utf8)).base64URL
        if let known = try await self.context.accounts(.seed(digest), limit: nil).first { return known }
        let now = self.context.environment.clock.now()
        var record = RingTokenRecord(
            accountID: .provisional(for: "seed \(digest)"), stage: .unidentified,
            tokens: OAuthTokens(seed: token, now: now), version: self.context.environment.randomToken(), now: now)
        record.seed = digest
        if try await self.context.commit([.put(record, replacing: nil)], "storing the seed") {
            self.context.observeChange(from: nil, to: record)
            return record.accountID
        }
        // Another process stored it first, and may have identified the account by now.
        return try await self.context.accounts(.seed(digest), limit: nil).first ?? record.accountID
    }

    // MARK: Under their account

    /// The result of ``identify(_:as:)``.
    enum Identified {
        /// Another process has identified the tokens already.
        case before(RingTokenRecord)
        /// The tokens are from an earlier code than those of the account, and were dropped.
        case outdated(account: RingTokenRecord)
        /// The tokens were moved to the account.
        case moved(RingTokenRecord)

        /// The record of the account.
        var record: RingTokenRecord {
            switch self {
            case .before(let record), .outdated(let record), .moved(let record): record
            }
        }
    }

    /// How long a provisional id leads to its account, in seconds.
    private static let forwardingLifetime = 86_400.0

    /// Moves the tokens of a provisional id to their account.
    ///
    /// - Throws: `RingError` with code `storageFailed`, `timedOut` or `accountUnknown`.
    func identify(_ provisional: RingAccountID, as account: RingAccountID) async throws -> Identified {
        let (environment, clock) = (self.context.environment, self.context.environment.clock)
        let started = clock.uptime()
        for round in 0... {
            guard var found = try await self.context.record(for: provisional) else {
                throw RingError.accountUnknown(account)
            }
            if found.accountID != provisional { return .before(found) }
            if found.isLeased {
                // The refresh under way may obtain a pair, which must be stored before the tokens are moved.
                guard clock.uptime() - started < self.context.heartbeat.duration + .seconds(60) else { break }
                try await clock.sleep(for: self.context.pause(round))
                continue
            }
            let existing = try await self.context.header(for: account)
            if let existing, found.isOlder(than: existing) {
                let outdated = found.forwarding(
                    to: existing, isOutdated: true, expiresAt: clock.now() + Self.forwardingLifetime)
                let what = "dropping tokens of an earlier code of \(account)"
                guard try await self.context.commit([.put(outdated, replacing: found.version)], what) else { continue }
                return .outdated(account: existing)
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
            guard try await self.context.commit(changes, "storing account \(account)") else { continue }
            self.context.observeChange(from: existing, to: adopted)
            return .moved(adopted)
        }
        throw RingError(
            code: .timedOut, message: "the tokens of \(account) are being refreshed by another process; try again")
    }

    /// Notes that `users/me` failed for a provisional id.
    func noteIdentifyFailure(_ provisional: RingAccountID) async throws {
        guard let record = try await self.context.header(for: provisional), record.accountID == provisional else {
            return
        }
        var noted = record
        noted.identifyTries = min(record.identifyTries, 999) + 1
        noted.version &+= 1
        // `false`: another process wrote first; the next failure is counted.
        _ = try await self.context.commit([.put(noted, replacing: record.version)], "noting a failure")
    }
}
