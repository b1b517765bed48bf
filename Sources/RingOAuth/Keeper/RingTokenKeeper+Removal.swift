public import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension RingTokenKeeper {
    /// Notes that the user removed the app (`app_integration_removed`) and erases the tokens. What is left says that the account was removed.
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
            guard let record = try await self.parts.header(for: account) else { return false }
            if record.stage == .removed { return true }
            let end = self.environment.clock.now() + Self.tombstoneLifetime
            guard let removed = record.removing(at: moment, expiresAt: end) else { return false }
            let what = "erasing the tokens of \(record.accountID)"
            guard try await self.parts.commit([.put(removed, replacing: record.version)], what) else { continue }
            self.parts.observeChange(from: record, to: removed)
            self.forget(record.accountID)
            return true
        }
    }

    /// Whether a report of a removal is about the present link, and not about an earlier one.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    package func isPresent(_ account: RingAccountID, removedAt moment: Date?) async throws -> Bool {
        guard let record = try await self.parts.header(for: account), record.stage != .removed else { return true }
        return record.removing(at: moment, expiresAt: record.exchangedAt) != nil
    }

    /// Notes a moment by Ring's clock at which the link of an account exists, such as the time of `app_integration_added`: a
    /// report about an earlier removal that comes late does not end it.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    package func noteLinked(_ account: RingAccountID, at moment: Date) async throws {
        while let record = try await self.parts.header(for: account), record.stage != .removed {
            if let known = record.ringTime, known >= moment { return }
            var noted = record
            noted.ringTime = moment
            noted.version &+= 1
            if try await self.parts.commit([.put(noted, replacing: record.version)], "noting a link") { return }
        }
    }

    /// How long a removed account is remembered, in seconds.
    private static let tombstoneLifetime = 30 * 86_400.0

    /// Deletes everything that is stored about an account.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func erase(_ account: RingAccountID) async throws {
        while let record = try await self.parts.header(for: account) {
            let what = "deleting account \(account)"
            if try await self.parts.commit([.delete(record.accountID, version: record.version)], what) { break }
        }
        self.forget(account)
    }

    /// Deletes what nobody needs any more: `unclaimed` accounts that left the pool, tokens for which `users/me` was asked in
    /// vain for thirty days, and what is left of removed accounts after thirty days.
    ///
    /// An account is deleted when its age by the wall clock says so *and* this process has seen it for as long, or for a day,
    /// by the monotonic clock: a clock that jumps ahead deletes nothing. Call it from time to time.
    ///
    /// - Parameters:
    ///   - pool: The life of an unclaimed account. Ring advises 10 to 15 minutes.
    ///   - unidentified: The life of tokens for which `users/me` has not answered.
    /// - Returns: How many accounts with tokens were deleted. A growing number is worth an alert.
    /// - Throws: `RingError` with code `storageFailed`.
    @discardableResult
    public func purge(
        pool: Duration = .seconds(15 * 60), unidentified: Duration = .seconds(30 * 86_400)
    ) async throws -> Int {
        let clock = self.environment.clock
        let (now, uptime) = (clock.now(), clock.uptime())
        let unclaimed = try await self.parts.accounts(.unclaimed(before: .distantFuture), limit: nil)
        let waiting = try await self.parts.accounts(.unidentified, limit: nil)
        let since = self.unclaimedSince.withLock { since in
            let present = Set(unclaimed + waiting)
            since = since.filter { present.contains($0.key) }
            for account in unclaimed + waiting where since[account] == nil { since[account] = uptime }
            return since
        }
        var deleted = 0
        for (accounts, age) in [(unclaimed, pool), (waiting, unidentified)] {
            // A process seldom lives for days.
            let seen = min(age, .seconds(86_400))
            for account in accounts where since[account].map({ uptime - $0 >= seen }) ?? false {
                // Compared with the version: one that is claimed or identified at this moment stays.
                guard let record = try await self.parts.header(for: account), record.accountID == account,
                    !record.isLeased, record.exchangedAt <= now - age.seconds,
                    record.stage == .unclaimed || record.stage == .unidentified && record.identifyTries > 0
                else { continue }
                let change = RingTokenChange.delete(account, version: record.version)
                guard try await self.parts.commit([change], "deleting what nobody claimed") else { continue }
                self.forget(account)
                deleted += 1
            }
        }
        try await self.purgeExpired(now, uptime)
        return deleted
    }

    /// Deletes what is left of removed accounts and of made-up ones. What lies further ahead than any of them may live was
    /// written under a wrong clock. Each must have counted as expired for an hour, so that no clock that jumps deletes it.
    private func purgeExpired(_ now: Date, _ uptime: Duration) async throws {
        let longest = RingStorageKey.date(now + Self.tombstoneLifetime + 86_400)
        do {
            var expired: [RingStorageRecord] = []
            for query in [
                RingStorageQuery(.tokens, index: RingTokenIndex.expires, through: .date(now), includesPayload: false),
                RingStorageQuery(
                    .tokens, index: RingTokenIndex.expires, from: longest, through: .integer(.max),
                    includesPayload: false),
            ] { expired += try await self.store.storage.records(matching: query) }
            let since = self.expiredSince.withLock { since in
                // What does not count as expired any more begins anew.
                let before = since
                since = [:]
                for record in expired { since[record.id.name] = before[record.id.name] ?? uptime }
                return since
            }
            for record in expired where since[record.id.name].map({ uptime - $0 >= .seconds(3_600) }) ?? false {
                _ = try await self.store.storage.commit([.delete(record.id, version: record.version)])
            }
        } catch { throw RingError.storage(error, "deleting removed accounts") }
    }
}
