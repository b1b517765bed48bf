package import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension RingTokenRecord {
    /// The record an account gets when unidentified tokens turn out to be its own.
    ///
    /// A second exchange replaces the tokens and keeps what is known about the link; a removed account begins anew.
    ///
    /// - Parameters:
    ///   - found: The unidentified record. It must have no refresh under way: the pair that refresh brings would have
    ///     nowhere to go.
    ///   - account: The account `users/me` named.
    ///   - existing: What is stored for it already.
    ///   - now: The present moment.
    package static func adopting(
        _ found: RingTokenRecord, as account: RingAccountID, over existing: RingTokenRecord?, now: Date
    ) -> RingTokenRecord {
        guard var record = existing else {
            var record = found
            record.accountID = account
            record.stage = .unclaimed
            record.exchangedAt = now
            record.version = RingTokenRecord(accountID: account, stage: .unclaimed, tokens: nil, now: now).version
            return record
        }
        record.tokens = found.tokens
        record.condition = found.condition
        record.seed = found.seed
        record.attempt = nil
        record.generation = max(record.generation, found.generation) + 1
        record.fence = max(record.fence, found.fence)
        record.refreshDueAt = found.refreshDueAt
        record.warnedDays = found.warnedDays
        record.exchangedAt = now
        if record.stage == .removed || record.stage == .unidentified {
            record.stage = .unclaimed
            record.link = nil
            record.linkedAt = nil
        }
        record.version += 1
        return record
    }

    /// The record after the user removed the app: a tombstone without secrets.
    ///
    /// - Parameter moment: When it was removed, by Ring's clock; `nil` when it is certain.
    /// - Returns: `nil` when the tokens are younger than the removal: a late report about an earlier link.
    package func removing(at moment: Date?) -> RingTokenRecord? {
        if let moment, self.exchangedAt > moment { return nil }
        var record = self
        record.stage = .removed
        record.tokens = nil
        record.link = nil
        record.attempt = nil
        record.refreshDueAt = nil
        record.warnedDays = nil
        record.seed = nil
        record.version += 1
        return record
    }
}
