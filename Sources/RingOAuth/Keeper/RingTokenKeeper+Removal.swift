public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension RingTokenKeeper {
    /// Notes that the user removed the app (`app_integration_removed`) and erases the tokens; a tombstone stays.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - moment: When it happened, by Ring's clock: webhooks arrive late, and a link that is younger stays as it is.
    ///     `nil` erases in any case.
    /// - Returns: Whether the account is removed now.
    /// - Throws: `RingError` with code `storageFailed`.
    @discardableResult
    public func remove(_ account: RingAccountID, at moment: Date? = nil) async throws -> Bool {
        while true {
            guard let record = try await self.parts.record(for: account) else { return false }
            if record.stage == .removed { return true }
            guard let removed = record.removing(at: moment) else { return false }
            let what = "erasing the tokens of \(account)"
            guard try await self.parts.commit([.put(removed, replacing: record.version)], what) else { continue }
            self.parts.observeChange(from: record, to: removed)
            self.forget(account)
            return true
        }
    }

    /// Deletes everything that is stored about an account.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func erase(_ account: RingAccountID) async throws {
        while let record = try await self.parts.record(for: account) {
            let what = "deleting account \(account)"
            if try await self.parts.commit([.delete(account, version: record.version)], what) { break }
        }
        self.forget(account)
    }

    /// Deletes what nobody claimed: `unclaimed` accounts that left the pool, and tokens that stayed unidentified.
    ///
    /// - Parameters:
    ///   - pool: The life of an unclaimed account. Ring advises 10 to 15 minutes.
    ///   - unidentified: The life of tokens for which `users/me` has not answered.
    /// - Returns: How many were deleted. A growing number is worth an alert.
    /// - Throws: `RingError` with code `storageFailed`.
    @discardableResult
    public func purge(
        pool: Duration = .seconds(15 * 60), unidentified: Duration = .seconds(24 * 3_600)
    ) async throws -> Int {
        let now = self.environment.clock.now()
        var deleted = 0
        for (stage, age) in [(RingLinkStage.unclaimed, pool), (.unidentified, unidentified)] {
            let query = RingTokenQuery.abandoned(stage, before: now - age.seconds)
            for account in try await self.parts.accounts(query, limit: nil) {
                // Compared with the version: one that is claimed at this moment stays.
                guard let record = try await self.parts.record(for: account), query.matches(record) else { continue }
                let change = RingTokenChange.delete(account, version: record.version)
                guard try await self.parts.commit([change], "deleting what nobody claimed") else { continue }
                self.forget(account)
                deleted += 1
            }
        }
        return deleted
    }
}
