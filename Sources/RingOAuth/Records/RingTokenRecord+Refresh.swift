package import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The life of a refresh as pure transitions: when it may begin, what an outcome does. No store, no network, no clock.
///
/// Whether another process is refreshing is not decided here: the storage's lease on the record says so.
extension RingTokenRecord {
    /// Whether a refresh may begin.
    package enum RefreshStart: Sendable {
        /// Write this record, with the attempt in it, before anything is sent.
        case begun(RingTokenRecord)
        /// No refresh can help.
        case impossible(RingError)
    }

    /// Begins a refresh of a record that is free.
    ///
    /// - Parameters:
    ///   - now: The present moment, for the note.
    ///   - isForced: Also for an account that needs a new link: a last try that somebody asked for.
    package func beginningRefresh(now: Date, isForced: Bool = false) -> RefreshStart {
        guard self.stage != .removed, let tokens else { return .impossible(.accountRemoved(self.accountID)) }
        guard tokens.refreshToken != nil else { return .impossible(.noRefreshToken(self.accountID)) }
        guard self.condition != .relinkRequired || isForced else {
            return .impossible(.relinkRequired(self.accountID))
        }
        var record = self
        // A note on a free record was never answered for: its token may have been used.
        if record.attempt != nil, record.condition == .current { record.condition = .uncertain }
        record.fence += 1
        record.attempt = RingRefreshAttempt(fence: record.fence, startedAt: now)
        record.version &+= 1
        return .begun(record)
    }

    /// The record with a new pair.
    ///
    /// It is right whatever happened to the lease meanwhile, as long as the pair it was obtained with is still the stored
    /// one. The old secrets need not be readable.
    ///
    /// - Parameters:
    ///   - generation: The pair the new one was obtained with.
    ///   - dueAt: When the idle keeper should look again.
    /// - Returns: `nil` when the stored pair is another one by now, or the account is gone.
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

    /// The record after a warning that its refresh token nears its end.
    ///
    /// - Parameter days: The policy's days that were reached.
    /// - Returns: `nil` when that, or a lower one, was warned of before.
    package func warning(of days: Int) -> RingTokenRecord? {
        guard self.warnedDays.map({ days < $0 }) ?? true else { return nil }
        var record = self
        record.warnedDays = days
        record.version &+= 1
        return record
    }

    /// The record after an idle refresh failed: the account waits alone, longer each time.
    ///
    /// - Parameter pause: Gives the pause after a number of failures in a row.
    package func backingOff(now: Date, pause: (Int) -> Duration) -> RingTokenRecord {
        var record = self
        record.idleFailures = min(record.idleFailures, 999) + 1
        record.refreshDueAt = now + pause(record.idleFailures).seconds
        record.version &+= 1
        return record
    }

    /// The record after an attempt that brought no pair.
    ///
    /// - Parameters:
    ///   - fence: The attempt.
    ///   - condition: What is known now; `nil` leaves it.
    /// - Returns: `nil` when the attempt was taken over, or the pair replaced: then the outcome belongs to others.
    package func endingRefresh(fence: Int64, generation: Int64, condition: RingTokenCondition?) -> RingTokenRecord? {
        guard self.fence == fence, self.generation == generation, self.stage != .removed else { return nil }
        var record = self
        record.attempt = nil
        record.condition = condition ?? record.condition
        record.version &+= 1
        return record
    }
}
