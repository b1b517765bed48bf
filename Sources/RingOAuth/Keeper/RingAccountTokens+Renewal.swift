package import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The refresh itself: intent before the request, compare-and-swap after it.
extension RingAccountTokens {
    /// Gives a token that meets the need: the stored one when another process has seen to it, else a new one.
    func renew(_ need: RingTokenNeed) async throws -> RingKnownToken {
        let clock = self.parts.environment.clock
        let policy = self.parts.policy
        let started = clock.uptime()
        if let unsaved = self.state.withLock({ $0.unsaved }) { return try await self.save(unsaved) }
        for round in 0... {
            guard let record = try await self.parts.record(for: self.account) else {
                self.forget()
                throw RingError.accountUnknown(self.account)
            }
            let isRefused = { self.state.withLock { $0.isRefused } }
            if let known = self.learn(record), need.isMet(by: known, now: clock.now()), !isRefused() { return known }
            switch record.beginningRefresh(
                by: self.parts.holder, now: clock.now(), lease: policy.leaseDuration, isForced: need.isForced)
            {
            case .impossible(let error): throw error
            case .busy:
                guard clock.uptime() - started < policy.leaseDuration * 3 else { throw self.stillBusy }
                try await clock.sleep(for: policy.pause(round))
            case .begun(let begun):
                let what = "noting the refresh of \(self.account)"
                guard try await self.parts.commit([.put(begun, replacing: record.version)], what) else { continue }
                self.parts.observeChange(from: record, to: begun)
                if let known = try await self.spend(begun, need) { return known }
            }
        }
        throw self.stillBusy
    }

    private var stillBusy: RingError {
        RingError(
            code: .timedOut,
            message: "another process has been refreshing account \(self.account) for too long; try again")
    }

    /// Spends the refresh token of a record whose intent is on the disk.
    ///
    /// - Returns: `nil` when somebody else decided meanwhile: look at the store again.
    private func spend(_ begun: RingTokenRecord, _ need: RingTokenNeed) async throws -> RingKnownToken? {
        guard let refresh = begun.tokens?.refreshToken else { throw RingError.noRefreshToken(self.account) }
        let outcome = await self.parts.client.refresh(refresh, for: self.account, priority: need.priority)
        switch outcome {
        case .granted(let grant):
            let unsaved = RingUnsavedPair(
                tokens: OAuthTokens(grant, keeping: refresh), generation: begun.generation,
                dueAt: grant.issuedAt + self.parts.policy.idleDelay().seconds, reason: need.reason)
            self.state.withLock { $0.unsaved = unsaved }
            return try await self.save(unsaved)
        case .rejected:
            // Another process may have rotated meanwhile: the store, read again, decides.
            guard try await self.end(begun, .relinkRequired) else { return nil }
            throw RingError.relinkRequired(self.account)
        case .misconfigured(let refusal):
            try await self.endQuietly(begun, nil)
            throw RingError.misconfigured(refusal)
        case .transient(let error):
            try await self.endQuietly(begun, nil)
            throw error
        case .unknown(let error):
            try await self.endQuietly(begun, .uncertain)
            throw error
        }
    }

    /// Writes a bought pair. Until that is done it is used by nobody.
    private func save(_ unsaved: RingUnsavedPair) async throws -> RingKnownToken {
        var failures = 0
        while true {
            do {
                guard let record = try await self.parts.record(for: self.account) else {
                    self.state.withLock { $0.unsaved = nil }
                    throw RingError.accountUnknown(self.account)
                }
                guard
                    let saved = record.replacingTokens(
                        unsaved.tokens, bought: unsaved.generation, dueAt: unsaved.dueAt)
                else { return try self.superseded(by: record) }
                let what = "saving the new tokens of \(self.account)"
                guard try await self.parts.commit([.put(saved, replacing: record.version)], what) else { continue }
                self.state.withLock { $0.unsaved = nil }
                self.parts.observeChange(from: record, to: saved)
                self.parts.environment.observer.observe(
                    RingTokensRefreshed(account: self.account, reason: unsaved.reason))
                guard let known = self.learn(saved) else { throw RingError.noRefreshToken(self.account) }
                return known
            } catch let error as RingError where error.code == .storageFailed {
                failures += 1
                guard failures < self.parts.policy.saveAttempts else { throw error }
                try await self.parts.environment.clock.sleep(for: self.parts.policy.pause(failures + 2))
            }
        }
    }

    /// The stored pair is not the one this pair was bought with: it is the same write seen again, or a younger pair.
    private func superseded(by record: RingTokenRecord) throws -> RingKnownToken {
        self.state.withLock { $0.unsaved = nil }
        guard record.stage != .removed else { throw RingError.accountRemoved(self.account) }
        guard let known = self.learn(record) else { throw RingError.noRefreshToken(self.account) }
        return known
    }

    /// Notes how an attempt ended.
    ///
    /// - Returns: `false` when the account has another pair, or the attempt was taken over.
    private func end(_ begun: RingTokenRecord, _ condition: RingTokenCondition?) async throws -> Bool {
        while true {
            guard let record = try await self.parts.record(for: self.account) else {
                throw RingError.accountUnknown(self.account)
            }
            guard
                let ended = record.endingRefresh(
                    fence: begun.fence, generation: begun.generation, condition: condition)
            else { return false }
            let what = "noting the outcome for \(self.account)"
            guard try await self.parts.commit([.put(ended, replacing: record.version)], what) else { continue }
            self.parts.observeChange(from: record, to: ended)
            return true
        }
    }

    /// As ``end(_:_:)``, for an error that says more than a failing store does: the note then stays, and says `uncertain`
    /// once its lease is over.
    private func endQuietly(_ begun: RingTokenRecord, _ condition: RingTokenCondition?) async throws {
        do {
            _ = try await self.end(begun, condition)
        } catch let error as RingError {
            self.parts.environment.observer.observe(RingTokenRefreshFailed(account: self.account, code: error.code))
        }
    }

    /// Takes note of the access token in a record.
    func learn(_ record: RingTokenRecord) -> RingKnownToken? {
        let known = RingKnownToken(record)
        self.state.withLock { state in
            if let old = state.known, let new = known, old.token.isSame(as: new.token) {
                state.known = new
                return
            }
            state.known = known
            state.isRefused = false
        }
        return known
    }
}

extension RingError {
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
}
