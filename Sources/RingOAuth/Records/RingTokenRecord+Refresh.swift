package import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The life of a refresh as pure transitions: who may begin, what an outcome does. No store, no network, no clock.
extension RingTokenRecord {
    /// Whether a refresh may begin.
    package enum RefreshStart: Sendable {
        /// Write this record, with the attempt in it, before anything is sent.
        case begun(RingTokenRecord)
        /// Another keeper is at work.
        case busy(until: Date)
        /// No refresh can help.
        case impossible(RingError)
    }

    /// Begins a refresh.
    ///
    /// - Parameters:
    ///   - holder: The keeper that will send the request.
    ///   - now: The present moment.
    ///   - lease: How long others keep off.
    ///   - isForced: Also for an account that needs a new link: a last try that somebody asked for.
    package func beginningRefresh(
        by holder: String, now: Date, lease: Duration, isForced: Bool = false
    ) -> RefreshStart {
        guard self.stage != .removed, let tokens else { return .impossible(.accountRemoved(self.accountID)) }
        guard tokens.refreshToken != nil else { return .impossible(.noRefreshToken(self.accountID)) }
        guard self.condition != .relinkRequired || isForced else {
            return .impossible(.relinkRequired(self.accountID))
        }
        if let attempt, attempt.expiresAt > now, attempt.holder != holder {
            // Clocks of machines differ; nobody is believed to hold on for longer than a lease lasts.
            return .busy(until: min(attempt.expiresAt, now + lease.seconds))
        }
        var record = self
        // A note that is still here was never answered for: its token may be spent.
        if record.attempt != nil, record.condition == .current { record.condition = .uncertain }
        record.fence += 1
        record.attempt = RingRefreshAttempt(
            holder: holder, fence: record.fence, startedAt: now, expiresAt: now + lease.seconds)
        record.version += 1
        return .begun(record)
    }

    /// The record with a new pair.
    ///
    /// It is right whatever happened to the lease meanwhile, as long as the pair it was bought with is still the stored
    /// one: a pair in the hand is never thrown away for a lease.
    ///
    /// - Parameters:
    ///   - generation: The pair the new one was bought with.
    ///   - dueAt: When the idle keeper should look again.
    /// - Returns: `nil` when the stored pair is another one by now, or the account is gone.
    package func replacingTokens(_ tokens: OAuthTokens, bought generation: Int64, dueAt: Date?) -> RingTokenRecord? {
        guard self.generation == generation, self.stage != .removed else { return nil }
        var record = self
        record.tokens = tokens
        record.generation += 1
        record.condition = .current
        record.attempt = nil
        record.refreshDueAt = dueAt
        record.warnedDays = nil
        record.version += 1
        return record
    }

    /// The record after a warning that its refresh token nears its end.
    ///
    /// - Parameter days: The policy's days that were reached.
    /// - Returns: `nil` when that, or a lower one, was warned of before.
    package func warning(of days: Int) -> RingTokenRecord? {
        guard self.warnedDays.map({ days < $0 }) ?? true else { return nil }
        var record = self
        record.warnedDays = days
        record.version += 1
        return record
    }

    /// The record after an attempt that brought no pair.
    ///
    /// - Parameters:
    ///   - fence: The attempt.
    ///   - condition: What is known now; `nil` leaves it.
    /// - Returns: `nil` when the attempt was taken over, or the pair replaced: then the verdict belongs to others.
    package func endingRefresh(
        fence: Int64, generation: Int64, condition: RingTokenCondition?, retryAt: Date? = nil
    ) -> RingTokenRecord? {
        guard self.fence == fence, self.generation == generation, self.stage != .removed else { return nil }
        var record = self
        record.attempt = nil
        record.condition = condition ?? record.condition
        if let retryAt { record.refreshDueAt = retryAt }
        record.version += 1
        return record
    }
}
