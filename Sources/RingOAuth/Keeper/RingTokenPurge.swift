internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Deletes records that are no longer needed.
///
/// A record is deleted when it is old by the wall clock *and* by this process's monotonic clock, so that a wall clock that
/// jumps ahead deletes nothing.
final class RingTokenPurge: Sendable {
    private let context: RingKeeperContext
    private let unclaimed = Mutex(RingFirstSeen<RingAccountID>())
    private let expired = Mutex(RingFirstSeen<String>())

    init(_ context: RingKeeperContext) { self.context = context }

    /// - Parameters:
    ///   - pool: The lifetime of an unclaimed account.
    ///   - unidentified: The lifetime of tokens for which `users/me` fails.
    ///   - onDelete: Called for each account with tokens that was deleted.
    /// - Throws: `RingError` with code `storageFailed`.
    func run(pool: Duration, unidentified: Duration, onDelete: (RingAccountID) -> Void) async throws {
        let clock = self.context.environment.clock
        let (now, uptime) = (clock.now(), clock.uptime())
        let unclaimed = try await self.context.accounts(.unclaimed(before: .distantFuture), limit: nil)
        let waiting = try await self.context.accounts(.unidentified, limit: nil)
        let seen = self.unclaimed.withLock { seen in
            seen.update(unclaimed + waiting, at: uptime)
            return seen
        }
        for (accounts, age) in [(unclaimed, pool), (waiting, unidentified)] {
            // A process seldom runs for days.
            for account in accounts where seen.has(account, for: min(age, .seconds(86_400)), at: uptime) {
                // Compared with the version: an account that is claimed or identified at this moment stays.
                guard let record = try await self.context.header(for: account), record.accountID == account,
                    !record.isLeased, record.exchangedAt <= now - age.seconds,
                    record.stage == .unclaimed || record.stage == .unidentified && record.identifyTries > 0
                else { continue }
                let change = RingTokenChange.delete(account, version: record.version)
                guard try await self.context.commit([change], "deleting an unclaimed account") else { continue }
                onDelete(account)
            }
        }
        try await self.purgeExpired(now, uptime)
    }

    /// Deletes what is left of removed accounts and of provisional ids. A date further ahead than any of them may live was
    /// written under a wrong clock. Each must have counted as expired for an hour.
    private func purgeExpired(_ now: Date, _ uptime: Duration) async throws {
        let latest = RingStorageKey.date(now + RingTokenKeeper.tombstoneLifetime + 86_400)
        let storage = self.context.store.storage
        do {
            var expired: [RingStorageRecord] = []
            for query in [
                RingStorageQuery(.tokens, index: RingTokenIndex.expires, through: .date(now), includesPayload: false),
                RingStorageQuery(
                    .tokens, index: RingTokenIndex.expires, from: latest, through: .integer(.max),
                    includesPayload: false),
            ] { expired += try await storage.records(matching: query) }
            let names = expired.map(\.id.name)
            let seen = self.expired.withLock { seen in
                seen.update(names, at: uptime)
                return seen
            }
            for record in expired where seen.has(record.id.name, for: .seconds(3_600), at: uptime) {
                _ = try await storage.commit([.delete(record.id, version: record.version)])
            }
        } catch { throw RingError.storage(error, "deleting removed accounts") }
    }
}

/// Since when this process has seen each of some things without interruption, by the monotonic clock.
struct RingFirstSeen<Name: Hashable & Sendable>: Sendable {
    private var since: [Name: Duration] = [:]

    /// Takes note of what is present now. What is absent is forgotten, and starts again when it comes back.
    mutating func update(_ present: [Name], at now: Duration) {
        let before = self.since
        self.since = [:]
        for name in present { self.since[name] = before[name] ?? now }
    }

    /// Whether something has been seen for at least a time.
    func has(_ name: Name, for time: Duration, at now: Duration) -> Bool {
        self.since[name].map { now - $0 >= time } ?? false
    }
}
