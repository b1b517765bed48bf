package import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Refreshes unused accounts once a day, because a refresh token expires when it is not used for thirty days.
///
/// Run one in every process that shares the store, or in one of them: each account is refreshed once. Its requests have the
/// lowest priority in the rate budget.
public final class RingIdleKeeper: Sendable {
    private let keeper: RingTokenKeeper
    private let interval: Duration
    private let concurrency: Int
    /// The lowest number of days that was reported for each account, and the expiry it was for. It is stored as well; this is
    /// for a store that cannot be written, which may be the cause of the warning.
    private let warned = Mutex<[RingAccountID: (end: Date, days: Int)]>([:])

    /// Creates a keeper of idle accounts; ``run()`` starts its work.
    ///
    /// - Parameters:
    ///   - keeper: The keeper of the accounts.
    ///   - interval: The time between two sweeps. An account is refreshed once a day, not at every sweep.
    ///   - concurrency: The maximum number of refreshes at a time.
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
                let noAccount = RingAccountID(rawValue: "")
                environment.observer.observe(RingTokenRefreshFailed(account: noAccount, code: error.code))
            } catch {}
            let jitter = 0.9 + 0.2 * environment.randomUnit()
            guard (try? await environment.clock.sleep(for: self.interval * jitter)) != nil else { return }
        }
    }

    /// Refreshes the accounts that are due now, and warns about refresh tokens that expire soon.
    ///
    /// An account whose refresh fails waits before its next attempt, longer after each failure; the pause is stored with it.
    /// Failures that concern the whole endpoint (not reachable, 5xx, 429, unknown client) end a sweep, after eight in a row.
    ///
    /// - Returns: The result for each account that was due.
    /// - Throws: `RingError` with code `storageFailed`; `CancellationError` when the task is cancelled.
    package func sweep() async throws -> RingIdleReport {
        let due = try await self.keeper.context.accounts(self.due, limit: nil)
        var report = RingIdleReport()
        var failuresInARow = 0
        var index = 0
        while index < due.count {
            try Task.checkCancellation()
            // A failing endpoint gets requests for a few accounts in a sweep, not for all of them.
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

    /// The accounts that are due now. No account is stored to be due later than an interval from now.
    private var due: RingTokenQuery {
        let now = self.keeper.environment.clock.now()
        return .refreshDue(by: now, latest: now + self.keeper.policy.idleInterval.seconds)
    }

    private enum Outcome: Sendable {
        case refreshed
        /// There is no refresh token, or Ring has refused it.
        case impossible
        case failed(RingError.Code)
        /// No request was sent.
        case postponed(RingError.Code)

        var concernsEndpoint: Bool {
            guard case .failed(let code) = self else { return false }
            return switch code {
            case .hostNotFound, .connectionFailed, .tlsFailed, .connectionLost, .timedOut, .deadlineExceeded,
                .rateLimited, .serverFailure, .invalidClient, .badRequest:
                true
            default: false
            }
        }
    }

    /// Refreshes some accounts at once.
    ///
    /// - Returns: The accounts in the given order, with their outcomes.
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
            guard let record = try await self.keeper.context.header(for: account), self.isDue(record) else {
                return .refreshed  // by another process
            }
            guard record.mayBeRefreshed else {
                await self.clearDue(record)
                return .impossible
            }
            try await self.keeper.refresh(account, isForced: false)
            return .refreshed
        } catch let error as RingError {
            // A store that fails, a missing key, the end of the process and a refresh by another process are no fault of the
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

    /// Delays the next attempt of an account whose refresh failed. When the store fails here, it stays due.
    private func backOff(_ account: RingAccountID, isFinal: Bool) async {
        let (context, environment) = (self.keeper.context, self.keeper.environment)
        guard let record = try? await context.header(for: account), self.isDue(record) else { return }
        if isFinal { return await self.clearDue(record) }
        let now = environment.clock.now()
        let left = Duration.seconds(record.tokens?.refreshExpiresAt.timeIntervalSince(now) ?? 0)
        let waiting = record.backingOff(now: now) {
            context.policy.idlePause(failures: $0, left: max(left, .zero), environment)
        }
        _ = try? await context.commit(
            [.put(waiting, replacing: record.version)], "noting a failed refresh of \(account)")
    }

    /// Notes that an account cannot be refreshed, so that it is not due again.
    private func clearDue(_ record: RingTokenRecord) async {
        var cleared = record
        cleared.refreshDueAt = nil
        cleared.version &+= 1
        let what = "noting that \(record.accountID) cannot be refreshed"
        _ = try? await self.keeper.context.commit([.put(cleared, replacing: record.version)], what)
    }

    /// Reports each of the policy's warning days once for each refresh token, however often the process is restarted.
    private func warn(about account: RingAccountID) async throws -> Int? {
        let environment = self.keeper.environment
        guard let record = try await self.keeper.context.header(for: account) else { return nil }
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
        // Of two processes, the one whose write succeeds reports the warning.
        let isTaken = try? await self.keeper.context.commit(
            [.put(warned, replacing: record.version)], "noting a warning about \(account)")
        if isTaken == false {
            // The record has changed in the meantime: the next sweep checks it again.
            self.warned.withLock { $0[account] = nil }
        } else {
            environment.observer.observe(RingRefreshTokenEnding(account: account, daysLeft: days))
        }
        return days
    }
}

/// The result of one sweep over the idle accounts.
package struct RingIdleReport: Hashable, Sendable {
    /// The accounts with a new pair.
    package var refreshed: [RingAccountID] = []
    /// The accounts whose refresh failed, and why. Each of them waits before its next attempt, longer after every failure.
    package var failed: [RingAccountID: RingError.Code] = [:]
    /// The number of accounts that were not tried because the token endpoint was failing.
    package var postponed = 0
    /// The accounts whose refresh token expires soon, with the number of full days left.
    package var ending: [RingAccountID: Int] = [:]

    package init() {}
}
