internal import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Refreshes the accounts that nobody uses, once a day, so that no refresh token reaches its thirtieth day.
///
/// Run one in every process that shares the store, or in one of them: an account is still refreshed once. Requests go out
/// under the rate budget with the lowest priority.
public final class RingIdleKeeper: Sendable {
    private let keeper: RingTokenKeeper
    private let interval: Duration
    private let concurrency: Int
    /// The lowest warning each account has had, and for which end of its refresh token. The store has it as well; this is
    /// for a store that cannot be written, which may be the very reason for the warning.
    private let warned = Mutex<[RingAccountID: (end: Date, days: Int)]>([:])

    /// Creates a keeper of idle accounts; ``run()`` sets it to work.
    ///
    /// - Parameters:
    ///   - keeper: Whose accounts.
    ///   - interval: The time between two sweeps. An account is refreshed when its day is over, not at every sweep.
    ///   - concurrency: How many refreshes at once.
    public init(keeper: RingTokenKeeper, interval: Duration = .seconds(600), concurrency: Int = 4) {
        self.keeper = keeper
        self.interval = interval
        self.concurrency = max(concurrency, 1)
    }

    /// Sweeps until the task is cancelled. A failing store or endpoint is reported and tried again at the next sweep.
    public func run() async {
        while !Task.isCancelled {
            do {
                _ = try await self.sweep()
            } catch let error as RingError {
                let nobody = RingAccountID(rawValue: "")
                self.keeper.environment.observer.observe(RingTokenRefreshFailed(account: nobody, code: error.code))
            } catch {}
            let jitter = 0.9 + 0.2 * self.keeper.policy.random()
            guard (try? await self.keeper.environment.clock.sleep(for: self.interval * jitter)) != nil else { return }
        }
    }

    /// Refreshes what is due now and warns about what nears its end.
    ///
    /// - Returns: What was done.
    /// - Throws: `RingError` with code `storageFailed`; `CancellationError` when the task is cancelled.
    public func sweep() async throws -> RingIdleReport {
        let clock = self.keeper.environment.clock
        let due = try await self.keeper.parts.accounts(.refreshDue(by: clock.now()), limit: nil)
        var report = RingIdleReport()
        var failuresInARow = 0
        var index = 0
        while index < due.count {
            try Task.checkCancellation()
            // A failing endpoint is asked about a few accounts a sweep, not about all of them.
            guard failuresInARow < 8 else {
                report.postponed = due.count - index
                break
            }
            let batch = due[index..<min(index + self.concurrency, due.count)]
            index += batch.count
            for (account, code) in try await self.refresh(Array(batch)) {
                if let code { report.failed[account] = code } else { report.refreshed.append(account) }
                if let code, code != .relinkRequired, code != .accountUnknown, code != .accountRemoved {
                    failuresInARow += 1
                } else {
                    failuresInARow = 0
                }
            }
        }
        let refreshed = Set(report.refreshed)
        for account in due where !refreshed.contains(account) {
            if let days = try await self.warn(about: account) { report.ending[account] = days }
        }
        return report
    }

    private func refresh(_ batch: [RingAccountID]) async throws -> [(RingAccountID, RingError.Code?)] {
        await withTaskGroup(of: (RingAccountID, RingError.Code?).self) { group in
            for account in batch {
                group.addTask { (account, await self.refreshIfDue(account)) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }

    private func refreshIfDue(_ account: RingAccountID) async -> RingError.Code? {
        do {
            let now = self.keeper.environment.clock.now()
            guard let record = try await self.keeper.parts.record(for: account),
                RingTokenQuery.refreshDue(by: now).matches(record)
            else { return nil }  // another process has seen to it
            _ = try await self.keeper.tokens(for: account).renewed(isForced: false)
            return nil
        } catch let error as RingError {
            return error.code
        } catch { return .closed }
    }

    /// Reports each of the policy's days once for each refresh token, however often the process starts anew.
    private func warn(about account: RingAccountID) async throws -> Int? {
        let environment = self.keeper.environment
        guard let record = try await self.keeper.parts.record(for: account) else { return nil }
        let status = RingTokenStatus(record)
        guard let end = status.refreshExpiresAt, let days = status.daysLeft(at: environment.clock.now()),
            let level = self.keeper.policy.warningDays.filter({ days <= $0 }).min()
        else { return nil }
        guard let warned = record.warning(of: level) else { return days }
        let isNew = self.warned.withLock { warned in
            if let last = warned[account], last.end == end, last.days <= level { return false }
            warned[account] = (end, level)
            return true
        }
        guard isNew else { return days }
        // Of two sweepers, the one whose write is taken speaks. The other's is refused, or it finds the note.
        let isTaken = try? await self.keeper.parts.commit(
            [.put(warned, replacing: record.version)], "noting a warning about \(account)")
        if isTaken == false {
            // Something else was written meanwhile: the next sweep looks again.
            self.warned.withLock { $0[account] = nil }
        } else {
            environment.observer.observe(RingRefreshTokenEnding(account: account, daysLeft: days))
        }
        return days
    }
}
