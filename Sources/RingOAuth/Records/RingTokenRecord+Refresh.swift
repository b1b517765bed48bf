package import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The transitions of a refresh: whether it may begin, and the effect of its outcome. No store, no network, no clock.
///
/// Whether another process is refreshing is decided by the storage's lease on the record, not here.
extension RingTokenRecord {
    /// Whether a refresh may begin.
    package enum RefreshStart: Sendable {
        /// Write this record, with the attempt in it, before anything is sent.
        case begun(RingTokenRecord)
        /// No refresh can help.
        case impossible(RingError)
    }

    /// Begins a refresh of a record that is not leased.
    ///
    /// - Parameters:
    ///   - now: The present moment, for the note.
    ///   - isForced: The caller demands a refresh, even of an account that must be linked again.
    package func beginningRefresh(now: Date, isForced: Bool = false) -> RefreshStart {
        guard self.stage != .removed, let tokens else { return .impossible(.accountRemoved(self.accountID)) }
        guard tokens.refreshToken != nil else { return .impossible(.noRefreshToken(self.accountID)) }
        guard self.condition != .relinkRequired || isForced else {
            return .impossible(.relinkRequired(self.accountID))
        }
        var record = self
        // The outcome of an earlier attempt was never recorded: its token may have been used.
        if record.attempt != nil, record.condition == .current { record.condition = .uncertain }
        record.fence += 1
        record.attempt = RingRefreshAttempt(fence: record.fence, startedAt: now)
        record.version &+= 1
        return .begun(record)
    }

    /// The record with a new pair.
    ///
    /// This is correct even if the lease was lost in the meantime, as long as the pair that was exchanged is still the stored
    /// one. The old secrets need not be readable.
    ///
    /// - Parameters:
    ///   - generation: The generation of the pair that was exchanged.
    ///   - dueAt: When the idle keeper should refresh the account.
    /// - Returns: `nil` when another pair is stored by now, or the account was removed.
    package func replacingTokens(_ tokens: OAuthTokens, obtainedWith generation: Int64, dueAt: Date?)
        -> RingTokenRecord?
    {
        guard self.generation == generation, self.stage != .removed else { return nil }
        var record = self
        record.tokens = tokens
        record.generation += 1
        record.condition = .current
        record.attempt = nil
        record.refreshDueAt = dueAt
        record.warnedDays = nil
        record.idleFailures = 0
        record.version &+= 1
        return record
    }

    /// The record after a warning that its refresh token expires soon.
    ///
    /// - Parameter days: The policy's warning days that were reached.
    /// - Returns: `nil` when the same or a lower number of days was reported before.
    package func warning(of days: Int) -> RingTokenRecord? {
        guard self.warnedDays.map({ days < $0 }) ?? true else { return nil }
        var record = self
        record.warnedDays = days
        record.version &+= 1
        return record
    }

    /// The record after an idle refresh failed: the account waits before its next attempt, longer after each failure.
    ///
    /// - Parameter pause: Gives the pause after a number of failures in a row.
    package func backingOff(now: Date, pause: (Int) -> Duration) -> RingTokenRecord {
        var record = self
        record.idleFailures = min(record.idleFailures, 999) + 1
        record.refreshDueAt = now + pause(record.idleFailures).seconds
        record.version &+= 1
        return record
    }

    /// The record after an attempt that obtained no pair.
    ///
    /// - Parameters:
    ///   - fence: The attempt.
    ///   - generation: The generation of the pair that was sent.
    ///   - condition: The new condition; `nil` leaves it unchanged.
    /// - Returns: `nil` when a later attempt began or the pair was replaced: then this outcome no longer matters.
    package func endingRefresh(fence: Int64, generation: Int64, condition: RingTokenCondition?) -> RingTokenRecord? {
        guard self.fence == fence, self.generation == generation, self.stage != .removed else { return nil }
        var record = self
        record.attempt = nil
        record.condition = condition ?? record.condition
        record.version &+= 1
        return record
    }
}
