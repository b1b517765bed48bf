internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// One refresh of an account: the intent is stored before the request, and the new pair by a compare-and-swap after it.
struct RingTokenRefresh: Sendable {
    private let tokens: RingAccountTokens
    private let context: RingKeeperContext

    init(of tokens: RingAccountTokens, _ context: RingKeeperContext) {
        self.tokens = tokens
        self.context = context
    }

    /// Returns a token that meets the need: the stored one when another process has obtained it, otherwise a new one.
    func run(_ need: RingTokenNeed) async throws -> RingKnownToken {
        let account = self.tokens.account
        let clock = self.context.environment.clock
        let started = clock.uptime()
        if let unsaved = self.tokens.unsaved { return try await self.save(unsaved) }
        for round in 0... {
            guard let record = try await self.context.record(for: account) else {
                self.tokens.forget()
                throw RingError.accountUnknown(account)
            }
            if let known = self.tokens.learn(record), need.isMet(by: known, clock), !self.tokens.isRefused {
                return known
            }
            switch record.beginningRefresh(now: clock.now(), refused: need.refusedToken) {
            case .impossible(let error): throw error
            case .begun where record.isLeased:
                // A living holder extends its lease, so the limit is the time of its request and of saving its result.
                guard clock.uptime() - started < self.context.heartbeat.duration + .seconds(60) else {
                    throw RingError.busyElsewhere(account)
                }
                if self.tokens.mayStopWaiting { throw CancellationError() }
                try await clock.sleep(for: self.context.pause(round))
            case .begun(let begun):
                guard let intent = try await self.store(begun, replacing: record) else { continue }
                self.context.observeChange(from: record, to: begun)
                if let known = try await self.exchange(intent, need) { return known }
            }
        }
        throw RingError.busyElsewhere(account)
    }

    /// The stored intent to send a refresh token, with the lease that allows it.
    private struct Intent: Sendable {
        var record: RingTokenRecord
        var lease: RingStorageLease
        /// The request has ended by then, while the lease is still valid even if it could not be extended: no other process
        /// sends the same token while this request may be under way.
        var deadline: RingDeadline
    }

    /// Stores the intent and takes the lease.
    ///
    /// - Returns: `nil` when another process wrote first.
    private func store(_ begun: RingTokenRecord, replacing record: RingTokenRecord) async throws -> Intent? {
        guard !self.context.isStopped.load(ordering: .sequentiallyConsistent) else {
            throw RingError(code: .closed, message: "the client was shut down; create another one")
        }
        let environment = self.context.environment
        let start = environment.clock.uptime()
        let intent = Intent(
            record: begun, lease: RingStorageLease(id: .account(begun.accountID), token: environment.randomToken()),
            deadline: RingDeadline(uptime: start + self.context.heartbeat.duration - .seconds(2)))
        let take = RingLeaseChange.take(token: intent.lease.token, for: self.context.heartbeat.duration)
        do {
            let change = RingTokenChange.put(begun, replacing: record.version, lease: take)
            guard try await self.context.commit([change], "noting the refresh of \(begun.accountID)") else {
                return nil
            }
        } catch {
            // It may have been stored all the same. The lease's token shows whether it was.
            guard let stored = try? await self.context.header(for: begun.accountID),
                stored.leaseToken == intent.lease.token, stored.version == begun.version
            else { throw error }
        }
        self.context.heartbeat.hold(intent.lease, since: start)
        return intent
    }

    /// Sends the refresh token of a record whose intent is stored.
    ///
    /// - Returns: `nil` when the record changed in the meantime and must be read again.
    private func exchange(_ intent: Intent, _ need: RingTokenNeed) async throws -> RingKnownToken? {
        let begun = intent.record
        guard let refresh = begun.tokens?.refreshToken else { throw RingError.noRefreshToken(begun.accountID) }
        guard intent.deadline.remaining(self.context.environment.clock) > .seconds(5) else {
            // The process was suspended after the intent was stored. Nothing was sent, so it starts again.
            try await self.endQuietly(intent, nil)
            return nil
        }
        // The request is never cancelled: its response may be the only copy of a pair.
        let outcome = await self.context.client.refresh(
            refresh, for: begun.accountID, priority: need.priority, before: intent.deadline)
        switch outcome {
        case .granted(let grant):
            let unsaved = RingUnsavedPair(
                account: begun.accountID, tokens: OAuthTokens(grant, keeping: refresh), generation: begun.generation,
                dueAt: grant.issuedAt + self.context.nextIdleRefresh().seconds, reason: need.reason, lease: intent.lease
            )
            self.tokens.keep(unsaved)
            return try await self.save(unsaved)
        case .rejected:
            // Another process may have stored a new pair in the meantime: the store is read again first.
            guard try await self.end(intent, .relinkRequired) else { return nil }
            throw RingError.relinkRequired(begun.accountID)
        case .misconfigured(let refusal):
            try await self.endQuietly(intent, nil)
            throw RingError.misconfigured(refusal)
        case .transient(let error):
            try await self.endQuietly(intent, nil)
            // The process was suspended before the request was sent, so it starts again.
            if intent.deadline.remaining(self.context.environment.clock) <= .zero { return nil }
            throw error
        case .unknown(let error):
            try await self.endQuietly(intent, .uncertain)
            throw error
        }
    }

    /// Stores a pair that was obtained. It is not used before, and it is kept until then, even if its lease has expired, a
    /// sealing key was replaced, or its record was moved to another account id.
    ///
    /// - Parameter attempts: How often a failing store is tried; `nil` for the policy's number.
    func save(_ unsaved: RingUnsavedPair, attempts: Int? = nil) async throws -> RingKnownToken {
        let attempts = attempts ?? self.context.policy.saveAttempts
        var failures = 0
        var superseding: RingTokenRecord
        while true {
            do {
                guard let record = try await self.context.header(for: unsaved.account) else {
                    // The application deleted the account with everything that is stored about it.
                    self.finish(unsaved)
                    throw RingError.accountUnknown(unsaved.account)
                }
                guard
                    let saved = unsaved.generation(in: record).flatMap({
                        record.replacingTokens(unsaved.tokens, obtainedWith: $0, dueAt: unsaved.dueAt)
                    })
                else {
                    superseding = record
                    break
                }
                let what = "saving the new tokens of \(record.accountID)"
                // A lease that another process has taken in the meantime stays with it.
                let isOurs = record.leaseToken == nil || record.leaseToken == unsaved.lease.token
                let change = RingTokenChange.put(
                    saved, replacing: record.version, lease: isOurs ? .release : .keep)
                guard try await self.context.commit([change], what) else { continue }
                self.finish(unsaved)
                self.context.observeChange(from: record, to: saved)
                self.context.environment.observer.observe(
                    RingTokensRefreshed(account: record.accountID, reason: unsaved.reason))
                guard let known = self.tokens.learn(saved) else { throw RingError.noRefreshToken(record.accountID) }
                return known
            } catch let error as RingError where error.code == .storageFailed || error.code == .misconfigured {
                failures += 1
                guard failures < attempts else { throw error }
                try await self.context.environment.clock.sleep(for: self.context.pause(failures + 2))
            }
        }
        return try await self.superseded(unsaved, by: superseding)
    }

    private func finish(_ unsaved: RingUnsavedPair) {
        self.context.heartbeat.drop(unsaved.lease)
        self.tokens.drop(unsaved)
    }

    /// The stored pair is not the one that was exchanged: it is this pair, stored by a commit that reported a failure, or a
    /// younger one.
    private func superseded(_ unsaved: RingUnsavedPair, by record: RingTokenRecord) async throws -> RingKnownToken {
        self.finish(unsaved)
        await self.release(unsaved.lease, on: record)
        guard record.stage != .removed else { throw RingError.accountRemoved(record.accountID) }
        var newest = record
        if let opened = try? await self.context.record(for: record.accountID) {
            newest = opened
        } else if record.generation == unsaved.generation + 1 {
            newest.tokens = unsaved.tokens
        }
        guard newest.sealed == nil || newest.hasNewTokens, let known = self.tokens.learn(newest) else {
            throw RingError.sealedElsewhere(record.accountID)
        }
        return known
    }

    /// Stores the outcome of an attempt that obtained no pair.
    ///
    /// - Returns: `false` when the account has another pair, or a later attempt has begun.
    private func end(_ intent: Intent, _ condition: RingTokenCondition?) async throws -> Bool {
        defer { self.context.heartbeat.drop(intent.lease) }
        let begun = intent.record
        while true {
            guard let record = try await self.context.header(for: begun.accountID) else {
                throw RingError.accountUnknown(begun.accountID)
            }
            guard record.forwardedFrom == nil,
                let ended = record.endingRefresh(
                    fence: begun.fence, generation: begun.generation, condition: condition)
            else {
                await self.release(intent.lease, on: record)
                return false
            }
            let what = "noting the outcome for \(begun.accountID)"
            let change = RingTokenChange.put(ended, replacing: record.version, lease: .release)
            guard try await self.context.commit([change], what) else { continue }
            self.context.observeChange(from: record, to: ended)
            return true
        }
    }

    /// Gives up the lease of a refresh that is no longer needed. When the store fails, the lease expires.
    private func release(_ lease: RingStorageLease, on record: RingTokenRecord) async {
        var present: RingTokenRecord? = record
        while let record = present, record.leaseToken == lease.token {
            var free = record
            free.version &+= 1
            let change = RingTokenChange.put(free, replacing: record.version, lease: .release)
            // `false`: another write, such as one of a link, came first; the lease is still there.
            guard (try? await self.context.commit([change], "giving up a lease")) == false else { return }
            present = try? await self.context.header(for: record.accountID)
        }
    }

    /// As ``end(_:_:)``, when another error is about to be thrown that matters more than a failing store. The note then stays,
    /// and means `uncertain` once its lease has expired.
    private func endQuietly(_ intent: Intent, _ condition: RingTokenCondition?) async throws {
        do {
            _ = try await self.end(intent, condition)
        } catch let error as RingError {
            self.context.environment.observer.observe(
                RingTokenRefreshFailed(account: self.tokens.account, code: error.code))
        }
    }
}

extension RingError {
    fileprivate static func busyElsewhere(_ account: RingAccountID) -> RingError {
        RingError(
            code: .timedOut,
            message: "another process has been refreshing account \(account) for too long; try again")
    }

    fileprivate static func sealedElsewhere(_ account: RingAccountID) -> RingError {
        RingError(
            code: .storageFailed,
            message: """
                account \(account): another process stored a newer pair, which the sealing keys of this process do not \
                decrypt
                """)
    }

    /// Whether this process only waited for another one's refresh.
    var isStillBusy: Bool { self.code == .timedOut && self.operation == nil }
}
