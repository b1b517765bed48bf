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

    /// Whether a refresh token that Ring has refused is sent again.
    package enum RefusedToken: Sendable {
        /// It is not.
        case never
        /// An ordinary call tries it again after a pause: one second, then four times as long after each try, a day at most. So
        /// an account recovers by itself when the refusal was a mistake, and a revoked one costs a request a day.
        case afterPause
        /// The caller demands it.
        case always
    }

    /// Whether an ordinary call may send the refused token again.
    private func mayTryRefusedToken(at now: Date) -> Bool {
        // The release before did not note the time.
        guard let refusedAt else { return true }
        let pause = self.refusedTries < 9 ? Double(1 << (2 * max(self.refusedTries, 0))) : 86_400
        let age = now.timeIntervalSince(refusedAt)
        // A moment in the future was noted under a wrong clock.
        return age >= pause || age < -600
    }

    /// Begins a refresh of a record that is not leased.
    ///
    /// - Parameters:
    ///   - now: The present moment, for the note.
    ///   - refused: Whether a token that Ring has refused is sent again.
    package func beginningRefresh(now: Date, refused: RefusedToken = .never) -> RefreshStart {
        guard self.stage != .removed, let tokens else { return .impossible(.accountRemoved(self.accountID)) }
        guard tokens.refreshToken != nil else { return .impossible(.noRefreshToken(self.accountID)) }
        var record = self
        if self.condition == .relinkRequired {
            guard refused == .always || refused == .afterPause && self.mayTryRefusedToken(at: now) else {
                return .impossible(.relinkRequired(self.accountID))
            }
            record.refusedAt = now
            record.refusedTries = min(self.refusedTries, 999) + 1
        }
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
        record.refusedAt = nil
        record.refusedTries = 0
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
        if condition == .relinkRequired, self.condition != .relinkRequired {
            record.refusedAt = self.attempt?.startedAt
            record.refusedTries = 0
        }
        record.attempt = nil
        record.condition = condition ?? record.condition
        record.version &+= 1
        return record
    }
}
