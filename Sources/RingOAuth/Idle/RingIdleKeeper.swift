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
        let environment = self.keeper.environment
        while !Task.isCancelled {
            do {
                _ = try await self.sweep()
            } catch let error as RingError {
                let nobody = RingAccountID(rawValue: "")
                environment.observer.observe(RingTokenRefreshFailed(account: nobody, code: error.code))
            } catch {}
            let jitter = 0.9 + 0.2 * environment.randomUnit()
            guard (try? await environment.clock.sleep(for: self.interval * jitter)) != nil else { return }
        }
    }

    /// Refreshes what is due now and warns about what nears its end.
    ///
    /// An account whose refresh fails waits alone, longer each time; the pause is stored with it. Only failures that concern
    /// the whole endpoint (not reachable, 5xx, 429, unknown client) end a sweep, after eight in a row.
    ///
    /// - Returns: What was done.
    /// - Throws: `RingError` with code `storageFailed`; `CancellationError` when the task is cancelled.
    public func sweep() async throws -> RingIdleReport {
        let due = try await self.keeper.parts.accounts(self.due, limit: nil)
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
            for (account, outcome) in await self.refresh(Array(batch)) {
                switch outcome {
                case .refreshed: report.refreshed.append(account)
                case .failed(let code), .postponed(let code): report.failed[account] = code
                case .impossible: break
                }
                failuresInARow = outcome.concernsEndpoint ? failuresInARow + 1 : 0
            }
        }
        let refreshed = Set(report.refreshed)
        for account in due where !refreshed.contains(account) {
            if let days = try await self.warn(about: account) { report.ending[account] = days }
        }
        return report
    }

    /// What is due now. Nothing is stored to be due later than an interval from now.
    private var due: RingTokenQuery {
        let now = self.keeper.environment.clock.now()
        return .refreshDue(by: now, latest: now + self.keeper.policy.idleInterval.seconds)
    }

    private enum Outcome: Sendable {
        case refreshed
        /// There is no refresh token, or it is known to be void.
        case impossible
        case failed(RingError.Code)
        /// Nothing was asked of Ring.
        case postponed(RingError.Code)

        var concernsEndpoint: Bool {
            guard case .failed(let code) = self else { return false }
            return switch code {
            case .hostNotFound, .connectionFailed, .tlsFailed, .connectionLost, .timedOut, .deadlineExceeded,
                .rateLimited, .serverFailure, .invalidClient:
                true
            default: false
            }
        }
    }

    /// Refreshes some accounts at once.
    ///
    /// - Returns: The accounts in the given order, and what came of them.
    private func refresh(_ batch: [RingAccountID]) async -> [(RingAccountID, Outcome)] {
        let outcomes = await withTaskGroup(of: (Int, Outcome).self) { group in
            for (index, account) in batch.enumerated() {
                group.addTask { (index, await self.refreshIfDue(account)) }
            }
            return await group.reduce(into: [Int: Outcome]()) { $0[$1.0] = $1.1 }
        }
        return batch.enumerated().map { ($1, outcomes[$0] ?? .impossible) }
    }

    private func refreshIfDue(_ account: RingAccountID) async -> Outcome {
        let environment = self.keeper.environment
        do {
            guard let record = try await self.keeper.parts.header(for: account), self.isDue(record) else {
                return .refreshed  // by another process
            }
            guard record.mayBeRefreshed else {
                await self.clearDue(record)
                return .impossible
            }
            _ = try await self.keeper.tokens(for: account).renewed(isForced: false)
            return .refreshed
        } catch let error as RingError {
            // A store that fails, a process that lacks a key or ends, and one that waited for another, say nothing about the
            // account.
            guard ![.storageFailed, .closed].contains(error.code), !error.isStillBusy else {
                return .postponed(error.code)
            }
            let isFinal = [.relinkRequired, .accountUnknown, .accountRemoved, .unauthorized].contains(error.code)
            await self.backOff(account, isFinal: isFinal)
            return .failed(error.code)
        } catch {
            if !Task.isCancelled {
                environment.observer.observe(RingTokenRefreshFailed(account: account, code: .closed))
            }
            return .failed(.closed)
        }
    }

    private func isDue(_ record: RingTokenRecord) -> Bool {
        guard record.stage != .removed, record.condition != .relinkRequired, let due = record.refreshDueAt else {
            return false
        }
        let now = self.keeper.environment.clock.now()
        return due <= now || due > now + self.keeper.policy.idleInterval.seconds
    }

    /// Lets an account whose refresh failed wait. A store that fails here leaves it due, which is no loss.
    private func backOff(_ account: RingAccountID, isFinal: Bool) async {
        let (parts, environment) = (self.keeper.parts, self.keeper.environment)
        guard let record = try? await parts.header(for: account), self.isDue(record) else { return }
        if isFinal { return await self.clearDue(record) }
        let now = environment.clock.now()
        let left = Duration.seconds(record.tokens?.refreshExpiresAt.timeIntervalSince(now) ?? 0)
        let waiting = record.backingOff(now: now) {
            parts.policy.idlePause(failures: $0, left: max(left, .zero), environment)
        }
        _ = try? await parts.commit([.put(waiting, replacing: record.version)], "noting a failed refresh of \(account)")
    }

    /// An account that cannot be refreshed is never due.
    private func clearDue(_ record: RingTokenRecord) async {
        var cleared = record
        cleared.refreshDueAt = nil
        cleared.version &+= 1
        let what = "noting that \(record.accountID) cannot be refreshed"
        _ = try? await self.keeper.parts.commit([.put(cleared, replacing: record.version)], what)
    }

    /// Reports each of the policy's days once for each refresh token, however often the process starts anew.
    private func warn(about account: RingAccountID) async throws -> Int? {
        let environment = self.keeper.environment
        guard let record = try await self.keeper.parts.header(for: account) else { return nil }
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
