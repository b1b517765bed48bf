package import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension RingTokenRecord {
    /// The record of an account after unidentified tokens were found to be its own.
    ///
    /// A second exchange replaces the tokens and keeps what is known about the link; a removed account starts from the
    /// beginning.
    ///
    /// - Parameters:
    ///   - found: The unidentified record, with its secrets opened and no refresh under way.
    ///   - account: The account `users/me` named.
    ///   - existing: The stored record of the account, if there is one.
    ///   - version: The version of a new record.
    ///   - now: The present moment: from here on the account waits in the unclaimed pool.
    package static func adopting(
        _ found: RingTokenRecord, as account: RingAccountID, over existing: RingTokenRecord?, version: Int64, now: Date
    ) -> RingTokenRecord {
        guard var record = existing else {
            var record = found
            record.accountID = account
            record.stage = .unclaimed
            record.version = version
            record.exchangedAt = now
            record.leaseToken = nil
            record.identifyTries = 0
            // The encryption is bound to the record's name, so the tokens must be encrypted again.
            record.tokens = found.tokens
            return record
        }
        record.tokens = found.tokens
        record.codeTime = found.codeTime ?? record.codeTime
        record.condition = found.condition
        record.refusedAt = found.refusedAt
        record.refusedTries = found.refusedTries
        record.seed = found.seed
        record.attempt = nil
        record.generation = max(record.generation, found.generation) + 1
        record.fence = max(record.fence, found.fence) + 1
        record.refreshDueAt = found.refreshDueAt
        record.warnedDays = found.warnedDays
        record.idleFailures = 0
        record.exchangedAt = now
        record.ringTime = [record.stage == .removed ? nil : record.ringTime, found.ringTime].compactMap(\.self).max()
        record.expiresAt = nil
        if record.stage == .removed || record.stage == .unidentified {
            record.stage = .unclaimed
            record.link = nil
            record.linkedAt = nil
        }
        // A claim whose nonce is younger than the code belongs to the same connection. Ring's time has whole seconds.
        let claimed = record.link.flatMap { Int64($0.time) }.map { Double($0) / 1_000 }
        let isClaimed = claimed.map { $0 >= (found.codeTime ?? .distantFuture).timeIntervalSince1970 + 1 } ?? false
        record.hasNewCode = (record.link != nil || record.stage == .linked) && !isClaimed
        record.version &+= 1
        return record
    }

    /// Whether unidentified tokens are from an earlier code than those that are stored for their account: Ring no longer
    /// accepts them.
    package func isOlder(than existing: RingTokenRecord) -> Bool {
        guard existing.stage != .removed, existing.tokens != nil else { return false }
        if self.condition == .relinkRequired, existing.condition == .current { return true }
        guard let mine = self.codeTime, let other = existing.codeTime else { return false }
        return mine < other
    }

    /// The rest of a provisional record once its tokens were moved to their account.
    ///
    /// - Parameters:
    ///   - adopted: The account.
    ///   - isOutdated: The account has tokens of a later code: a pair that is still obtained with the provisional tokens must
    ///     not replace them.
    ///   - expiresAt: When it may be deleted.
    package func forwarding(
        to adopted: RingTokenRecord, isOutdated: Bool = false, expiresAt: Date
    ) -> RingTokenRecord {
        var record = self
        record.stage = .removed
        record.tokens = nil
        record.link = nil
        record.attempt = nil
        record.refreshDueAt = nil
        record.seed = nil
        record.forwarding = RingTokenForwarding(
            account: adopted.accountID, generation: adopted.generation,
            fromGeneration: isOutdated ? -1 : self.generation)
        record.expiresAt = expiresAt
        record.version &+= 1
        return record
    }

    /// The record after the user removed the app, without any secrets.
    ///
    /// - Parameters:
    ///   - moment: When it was removed, by Ring's clock; `nil` removes it in any case.
    ///   - expiresAt: When the record may be deleted.
    /// - Returns: `nil` when the link is younger than the removal: the report is about an earlier link.
    package func removing(at moment: Date?, expiresAt: Date) -> RingTokenRecord? {
        // Ring's time is compared with Ring's time. The local clock decides only when Ring's time is not known.
        if let moment, (self.ringTime ?? self.exchangedAt) > moment { return nil }
        var record = self
        record.stage = .removed
        record.tokens = nil
        record.link = nil
        record.attempt = nil
        record.refreshDueAt = nil
        record.warnedDays = nil
        record.idleFailures = 0
        record.seed = nil
        record.hasNewCode = false
        record.expiresAt = expiresAt
        record.version &+= 1
        return record
    }
}
