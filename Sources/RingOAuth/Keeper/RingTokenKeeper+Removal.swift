public import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

extension RingTokenKeeper {
    /// How long a removed account is remembered, in seconds.
    static let tombstoneLifetime = 30 * 86_400.0

    /// Notes that the user removed the app (`app_integration_removed`) and erases the tokens. The record stays for thirty days
    /// to say that the account was removed.
    ///
    /// - Parameters:
    ///   - account: The account.
    ///   - moment: When it happened, by Ring's clock: webhooks arrive late, and a younger link stays. `nil` erases in any case.
    /// - Returns: Whether the account is removed now.
    /// - Throws: `RingError` with code `storageFailed`.
    @discardableResult
    package func remove(_ account: RingAccountID, at moment: Date? = nil) async throws -> Bool {
        while true {
            guard let record = try await self.context.header(for: account) else { return false }
            if record.stage == .removed { return true }
            let end = self.environment.clock.now() + Self.tombstoneLifetime
            guard let removed = record.removing(at: moment, expiresAt: end) else { return false }
            let what = "erasing the tokens of \(record.accountID)"
            guard try await self.context.commit([.put(removed, replacing: record.version)], what) else { continue }
            self.context.observeChange(from: record, to: removed)
            self.forget(record.accountID)
            return true
        }
    }

    /// Whether a report of a removal is about the present link, and not about an earlier one.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    package func isPresent(_ account: RingAccountID, removedAt moment: Date?) async throws -> Bool {
        guard let record = try await self.context.header(for: account), record.stage != .removed else { return true }
        return record.removing(at: moment, expiresAt: record.exchangedAt) != nil
    }

    /// Notes a moment by Ring's clock at which the link of an account existed, such as the time of `app_integration_added`, so
    /// that a late report about an earlier removal does not end the link.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    package func noteLinked(_ account: RingAccountID, at moment: Date) async throws {
        while let record = try await self.context.header(for: account), record.stage != .removed {
            if let known = record.ringTime, known >= moment { return }
            var noted = record
            noted.ringTime = moment
            noted.version &+= 1
            if try await self.context.commit([.put(noted, replacing: record.version)], "noting a link") { return }
        }
    }

    /// Deletes everything that is stored about an account.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func erase(_ account: RingAccountID) async throws {
        while let record = try await self.context.header(for: account) {
            let what = "deleting account \(account)"
            if try await self.context.commit([.delete(record.accountID, version: record.version)], what) { break }
        }
        self.forget(account)
    }
}
