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
    ///   - found: The unidentified record, with its secrets opened. It must have no refresh under way.
    ///   - account: The account `users/me` named.
    ///   - existing: What is stored for it already.
    ///   - version: The version of a record that is new.
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
            // What belongs to another name must be encrypted anew.
            record.tokens = found.tokens
            return record
        }
        record.tokens = found.tokens
        record.codeTime = found.codeTime ?? record.codeTime
        record.condition = found.condition
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
        // A claim whose nonce is younger than the code is of the same connection. Ring's time has whole seconds.
        let claimed = record.link.flatMap { Int64($0.time) }.map { Double($0) / 1_000 }
        let isClaimed = claimed.map { $0 >= (found.codeTime ?? .distantFuture).timeIntervalSince1970 + 1 } ?? false
        record.hasNewCode = (record.link != nil || record.stage == .linked) && !isClaimed
        record.version &+= 1
        return record
    }

    /// Whether unidentified tokens are of an earlier code than those that are stored for their account: Ring takes them no
    /// more.
    package func isOlder(than existing: RingTokenRecord) -> Bool {
        guard existing.stage != .removed, existing.tokens != nil else { return false }
        if self.condition == .relinkRequired, existing.condition == .current { return true }
        guard let mine = self.codeTime, let other = existing.codeTime else { return false }
        return mine < other
    }

    /// What stands in the place of a made-up account once its tokens are another account's.
    ///
    /// - Parameters:
    ///   - adopted: The account.
    ///   - isOutdated: The account has tokens of a later code: pairs that are still obtained with these must not replace them.
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

    /// The record after the user removed the app: no secrets are left in it.
    ///
    /// - Parameters:
    ///   - moment: When it was removed, by Ring's clock; `nil` when it is certain.
    ///   - expiresAt: When the rest may be deleted.
    /// - Returns: `nil` when the link is younger than the removal: a late report about an earlier link.
    package func removing(at moment: Date?, expiresAt: Date) -> RingTokenRecord? {
        // Ring's time is compared with Ring's time. The local clock decides only when Ring never told its own.
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
