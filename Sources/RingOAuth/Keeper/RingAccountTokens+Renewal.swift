package import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The refresh itself: intent before the request, compare-and-swap after it.
extension RingAccountTokens {
    /// Gives a token that meets the need: the stored one when another process has obtained it, else a new one.
    func renew(_ need: RingTokenNeed) async throws -> RingKnownToken {
        let clock = self.parts.environment.clock
        let started = clock.uptime()
        if let unsaved = self.state.withLock({ $0.unsaved }) { return try await self.save(unsaved) }
        for round in 0... {
            guard let record = try await self.parts.record(for: self.account) else {
                self.forget()
                throw RingError.accountUnknown(self.account)
            }
            let isRefused = { self.state.withLock { $0.isRefused } }
            if let known = self.learn(record), need.isMet(by: known, clock), !isRefused() { return known }
            switch record.beginningRefresh(now: clock.now(), isForced: need.isForced) {
            case .impossible(let error): throw error
            case .begun where record.isLeased:
                // A living holder extends its lease, so the limit is that of its request and of saving what it brought.
                guard clock.uptime() - started < self.parts.heartbeat.duration + .seconds(60) else {
                    throw self.stillBusy
                }
                try self.setWaiting(true)
                try await clock.sleep(for: self.parts.pause(round))
                try self.setWaiting(false)
            case .begun(let begun):
                guard let flight = try await self.begin(begun, replacing: record) else { continue }
                self.parts.observeChange(from: record, to: begun)
                if let known = try await self.exchange(flight, need) { return known }
            }
        }
        throw self.stillBusy
    }

    private var stillBusy: RingError {
        RingError(
            code: .timedOut,
            message: "another process has been refreshing account \(self.account) for too long; try again")
    }

    /// A refresh whose intent is stored, with the right to send it.
    struct Flight: Sendable {
        var record: RingTokenRecord
        var lease: RingStorageLease
        /// The request has ended by then, while the lease still lasts, whether or not it could be extended: no other process
        /// sends the same token while this one may be on its way.
        var deadline: RingDeadline
    }

    /// Stores the intent and takes the lease.
    ///
    /// - Returns: `nil` when somebody else wrote first.
    private func begin(_ begun: RingTokenRecord, replacing record: RingTokenRecord) async throws -> Flight? {
        guard !self.parts.isStopped.load(ordering: .sequentiallyConsistent) else {
            throw RingError(code: .closed, message: "the client was shut down; make another one")
        }
        let environment = self.parts.environment
        let start = environment.clock.uptime()
        let flight = Flight(
            record: begun,
            lease: RingStorageLease(id: RingTokenStore.id(begun.accountID), token: environment.randomToken()),
            deadline: RingDeadline(uptime: start + self.parts.heartbeat.duration - .seconds(2)))
        let take = RingLeaseChange.take(token: flight.lease.token, for: self.parts.heartbeat.duration)
        let what = "noting the refresh of \(begun.accountID)"
        do {
            let change = RingTokenChange.put(begun, replacing: record.version, lease: take)
            guard try await self.parts.commit([change], what) else { return nil }
        } catch {
            // It may have been stored all the same. The lease's token tells.
            guard let stored = try? await self.parts.header(for: begun.accountID),
                stored.leaseToken == flight.lease.token, stored.version == begun.version
            else { throw error }
        }
        self.parts.heartbeat.hold(flight.lease, since: start)
        return flight
    }

    /// Sends the refresh token of a record whose intent is stored.
    ///
    /// - Returns: `nil` when somebody else decided meanwhile: look at the store again.
    private func exchange(_ flight: Flight, _ need: RingTokenNeed) async throws -> RingKnownToken? {
        let begun = flight.record
        guard let refresh = begun.tokens?.refreshToken else { throw RingError.noRefreshToken(begun.accountID) }
        guard flight.deadline.remaining(self.parts.environment.clock) > .seconds(5) else {
            // The process stood still since the intent was stored. Nothing was sent: once more from the beginning. The same
            // below, when it stands still a moment later.
            try await self.endQuietly(flight, nil)
            return nil
        }
        // Nobody cancels it: what it brings may be the only copy of a pair.
        let outcome = await self.parts.client.refresh(
            refresh, for: begun.accountID, priority: need.priority, before: flight.deadline)
        switch outcome {
        case .granted(let grant):
            let unsaved = RingUnsavedPair(
                account: begun.accountID, tokens: OAuthTokens(grant, keeping: refresh), generation: begun.generation,
                dueAt: grant.issuedAt + self.parts.nextIdleRefresh().seconds, reason: need.reason, lease: flight.lease)
            self.state.withLock { $0.unsaved = unsaved }
            return try await self.save(unsaved)
        case .rejected:
            // Another process may have rotated meanwhile: the store, read again, decides.
            guard try await self.end(flight, .relinkRequired) else { return nil }
            throw RingError.relinkRequired(begun.accountID)
        case .misconfigured(let refusal):
            try await self.endQuietly(flight, nil)
            throw RingError.misconfigured(refusal)
        case .transient(let error):
            try await self.endQuietly(flight, nil)
            if flight.deadline.remaining(self.parts.environment.clock) <= .zero { return nil }
            throw error
        case .unknown(let error):
            try await self.endQuietly(flight, .uncertain)
            throw error
        }
    }

    /// Stores a pair that was obtained. Until that is done nobody uses it, and nothing drops it: not an expired lease, not
    /// a changed sealing key, not a record that has another name by now.
    ///
    /// - Parameter attempts: How often a failing store is tried; `nil` for as often as the policy says.
    func save(_ unsaved: RingUnsavedPair, attempts: Int? = nil) async throws -> RingKnownToken {
        let attempts = attempts ?? self.parts.policy.saveAttempts
        var failures = 0
        var superseding: RingTokenRecord
        while true {
            do {
                guard let record = try await self.parts.header(for: unsaved.account) else {
                    // Deleted on purpose, with everything that is known about it.
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
                // A lease that another process has taken meanwhile stays its own.
                let isOurs = record.leaseToken == nil || record.leaseToken == unsaved.lease.token
                let change = RingTokenChange.put(
                    saved, replacing: record.version, lease: isOurs ? .release : .keep)
                guard try await self.parts.commit([change], what) else { continue }
                self.finish(unsaved)
                self.parts.observeChange(from: record, to: saved)
                self.parts.environment.observer.observe(
                    RingTokensRefreshed(account: record.accountID, reason: unsaved.reason))
                guard let known = self.learn(saved) else { throw RingError.noRefreshToken(record.accountID) }
                return known
            } catch let error as RingError where error.code == .storageFailed || error.code == .misconfigured {
                failures += 1
                guard failures < attempts else { throw error }
                try await self.parts.environment.clock.sleep(for: self.parts.pause(failures + 2))
            }
        }
        return try await self.superseded(unsaved, by: superseding)
    }

    private func finish(_ unsaved: RingUnsavedPair) {
        self.parts.heartbeat.drop(unsaved.lease)
        // Another refresh may have obtained another pair meanwhile.
        self.state.withLock { if $0.unsaved === unsaved { $0.unsaved = nil } }
        self.parts.ends(self)
    }

    /// The stored pair is not the one this pair was obtained with: it is the same write seen again, or a younger pair.
    private func superseded(_ unsaved: RingUnsavedPair, by record: RingTokenRecord) async throws -> RingKnownToken {
        self.finish(unsaved)
        await self.release(unsaved.lease, on: record)
        guard record.stage != .removed else { throw RingError.accountRemoved(record.accountID) }
        var newest = record
        if let opened = try? await self.parts.record(for: record.accountID) {
            newest = opened
        } else if record.generation == unsaved.generation + 1 {
            newest.tokens = unsaved.tokens
        }
        guard newest.sealed == nil || newest.hasNewTokens, let known = self.learn(newest) else {
            throw RingError.superseded(record.accountID)
        }
        return known
    }

    /// Notes how an attempt ended.
    ///
    /// - Returns: `false` when the account has another pair, or the attempt was taken over.
    private func end(_ flight: Flight, _ condition: RingTokenCondition?) async throws -> Bool {
        defer { self.parts.heartbeat.drop(flight.lease) }
        let begun = flight.record
        while true {
            guard let record = try await self.parts.header(for: begun.accountID) else {
                throw RingError.accountUnknown(begun.accountID)
            }
            guard record.forwardedFrom == nil,
                let ended = record.endingRefresh(
                    fence: begun.fence, generation: begun.generation, condition: condition)
            else {
                await self.release(flight.lease, on: record)
                return false
            }
            let what = "noting the outcome for \(begun.accountID)"
            let change = RingTokenChange.put(ended, replacing: record.version, lease: .release)
            guard try await self.parts.commit([change], what) else { continue }
            self.parts.observeChange(from: record, to: ended)
            return true
        }
    }

    /// Gives up a lease whose refresh has lost its meaning. When the store fails, the lease ends by itself.
    private func release(_ lease: RingStorageLease, on record: RingTokenRecord) async {
        var present: RingTokenRecord? = record
        while let record = present, record.leaseToken == lease.token {
            var free = record
            free.version &+= 1
            let change = RingTokenChange.put(free, replacing: record.version, lease: .release)
            // `false`: somebody else wrote, such as a link; the lease is still there.
            guard (try? await self.parts.commit([change], "giving up a lease")) == false else { return }
            present = try? await self.parts.header(for: record.accountID)
        }
    }

    /// As ``end(_:_:)``, for an error that says more than a failing store does: the note then stays, and means `uncertain`
    /// once its lease is over.
    private func endQuietly(_ flight: Flight, _ condition: RingTokenCondition?) async throws {
        do {
            _ = try await self.end(flight, condition)
        } catch let error as RingError {
            self.parts.environment.observer.observe(RingTokenRefreshFailed(account: self.account, code: error.code))
        }
    }

    /// Takes note of the access token in a record.
    func learn(_ record: RingTokenRecord) -> RingKnownToken? {
        guard record.sealed == nil || record.hasNewTokens else { return self.state.withLock { $0.known } }
        let known = RingKnownToken(record, clock: self.parts.environment.clock)
        return self.state.withLock { state in
            if let old = state.known, let new = known, old.token.isSame(as: new.token) {
                // The same token: how long it lasts is known since it was first seen.
                state.known?.generation = new.generation
                return state.known
            }
            state.known = known
            state.isRefused = false
            return known
        }
    }
}

extension RingError {
    /// Whether this process only waited for another one's refresh.
    var isStillBusy: Bool { self.code == .timedOut && self.operation == nil }

    /// The token endpoint does not know this client, or cannot work at all.
    package static func misconfigured(
        _ refusal: OAuthRefusal, _ operation: RingOperation = .tokenRefresh
    ) -> RingError {
        let isClient = refusal.error.map { $0.contains("client") } ?? (refusal.status == 401)
        let said = refusal.error.map { " (\($0))" } ?? ""
        return RingError(
            code: isClient ? .invalidClient : .misconfigured,
            message: isClient
                ? "Ring does not know this client\(said): check the client id and the client secret"
                : "the token endpoint refused the request\(said): check the OAuth URL and the app's configuration",
            operation: operation, status: refusal.status, requestID: refusal.requestID, delivery: .answered)
    }

    static func superseded(_ account: RingAccountID) -> RingError {
        RingError(
            code: .storageFailed,
            message: """
                account \(account): another process stored a newer pair, which the sealing keys of this one do not open
                """)
    }
}
