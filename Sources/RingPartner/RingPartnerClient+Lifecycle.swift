internal import Synchronization

extension RingPartnerClient {
    /// Does what has to be done for as long as the service runs: asks whose tokens are that have no name yet, goes on with
    /// links that were begun, refreshes idle accounts daily, stores what could not be stored, closes live sessions that a
    /// crash left open, deletes what nobody needs any more, and works on the inbox. All of it repeatedly; failures go to the
    /// observer and are tried again.
    ///
    /// Run it in every process that shares the storage, or in one of them. It returns when the task is cancelled, or after
    /// ``shutdown(within:)`` was called.
    ///
    /// - Parameter inbox: The inbox to work on, when this process works on one.
    public func run(inbox: RingWebhookInbox? = nil) async {
        let work = self.configuration.environment.detach { await self.work(inbox) }
        await withTaskCancellationHandler {
            // A handler that ignores its cancellation keeps the work from ending; after a shutdown nobody waits for it.
            let ended = RingFirstResult<Void>()
            let environment = self.configuration.environment
            environment.detach {
                await work.value
                if self.lifecycle.phase != .stopping { ended.finish(.success(())) }
            }
            let ending = environment.detach {
                await self.lifecycle.wait(for: .ended)
                if self.lifecycle.phase == .ended { ended.finish(.success(())) }
            }
            _ = try? await ended.value()
            ending.cancel()
        } onCancel: {
            work.cancel()
        }
    }

    private func work(_ inbox: RingWebhookInbox?) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await RingIdleKeeper(keeper: self.tokens).run() }
            group.addTask { await self.repeatedly(every: .seconds(10)) { await self.recoverLiveSessions() } }
            group.addTask { await self.repeatedly(every: .seconds(60)) { await self.finishWhatWasBegun() } }
            group.addTask {
                await self.repeatedly(every: .seconds(300)) {
                    await self.tell("purge") { _ = try await self.linker.purge() }
                }
            }
            if let inbox { group.addTask { await inbox.run() } }
            // Until the shutdown begins, or the task is cancelled.
            await self.lifecycle.wait(for: .stopping)
            group.cancelAll()
        }
    }

    /// Closes the live sessions that processes which have ended left open. ``run(inbox:)`` does it every ten seconds.
    public func recoverLiveSessions() async {
        await self.tell("recover_live") {
            for account in try await self.ledger.accountsToRecover() {
                guard let account else {
                    // Sessions with a fixed token, which is not known here: they are forgotten when they have surely ended.
                    await self.tell("recover_live") { try await self.ledger.removeEnded() }
                    continue
                }
                await self.tell("recover_live", account) { _ = try await self.account(account).live.recover() }
            }
        }
    }

    /// Ends everything in the right order, for the end of the process: takes no more webhooks, gives back what handlers had
    /// not finished, closes live sessions, waits for refreshes under way and stores their tokens, and closes the storage.
    ///
    /// ``run(inbox:)`` returns then. The storage stays open when tokens could not be stored or a refresh has not ended: the
    /// process should then live on until ``RingShutdownReport/isComplete`` of a second call. It stays open as well while a
    /// handler ignores its cancellation, so that no other process runs the same webhook until this one has ended.
    ///
    /// - Parameter limit: The time for all of it. A token request may last 30 seconds; shorter limits risk an account whose
    ///   refresh is under way.
    /// - Returns: What could not be ended.
    @discardableResult
    public func shutdown(within limit: Duration = .seconds(45)) async -> RingShutdownReport {
        let environment = self.configuration.environment
        let end = environment.clock.uptime() + limit
        let left: @Sendable () -> Duration = { max(end - environment.clock.uptime(), .zero) }
        var report = RingShutdownReport()
        let inboxes = self.lifecycle.inboxes
        for inbox in inboxes { inbox.stopReceiving() }
        self.lifecycle.enter(.stopping)
        // Most of it is kept for tokens, which matter most: a request lasts 30 seconds at most, and the saving comes after it.
        let spare = limit - min(limit * 5 / 7, .seconds(40))
        let spareEnd = environment.clock.uptime() + spare
        let isQuiet = await withTaskGroup(of: Bool.self) { group in
            for inbox in inboxes { group.addTask { await inbox.shutdown(within: spare * 2 / 3) } }
            return await group.reduce(true) { $0 && $1 }
        }
        report.handlersStillRunning = !isQuiet
        let forCameras = max(spareEnd - environment.clock.uptime(), spare / 3)
        report.sessionsNotClosed = await self.ledger.closeAll(within: forCameras).notClosed
        let isSettled = await RingFirstResult<Bool>.wait(atMost: left(), in: environment) {
            await self.linker.stop()
            self.tokens.stopRefreshing()
            // Leaves the report a moment before the time is up.
            await self.tokens.settle(within: left() / 2)
            return true
        }
        report.refreshesStillRunning = isSettled == nil
        report.unsavedAccounts = self.tokens.unsavedAccounts
        // Closing gives up the leases: a handler that still runs would run in another process as well.
        if report.isComplete, !report.handlersStillRunning {
            // A disk that has stalled does not keep the process from ending: what is committed is on it.
            _ = await RingFirstResult<Bool>.wait(atMost: max(left(), .seconds(1)), in: environment) {
                await self.configuration.storage.close()
                return true
            }
        }
        self.lifecycle.enter(.ended)
        return report
    }

    private func finishWhatWasBegun() async {
        let unsaved = await self.tokens.saveUnsaved()
        for account in unsaved { self.observe("save_tokens", account, .storageFailed) }
        await self.tell("identify") { _ = try await self.linker.identifyWaiting() }
        await self.tell("resume_links") {
            let now = self.configuration.environment.clock.uptime()
            let resumed = try await self.linker.resumeAll { account in self.lifecycle.mayResume(account, now) }
            for result in resumed.linked { self.lifecycle.noteSuccess(result.account) }
            for (account, error) in resumed.failed.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
                self.lifecycle.noteFailure(account, now)
                self.observe("resume_links", account, (error as? RingError)?.code ?? .closed)
            }
        }
    }

    private func repeatedly(every interval: Duration, _ work: @Sendable () async -> Void) async {
        let environment = self.configuration.environment
        while !Task.isCancelled {
            await work()
            let jitter = 0.9 + 0.2 * environment.randomUnit()
            guard (try? await environment.clock.sleep(for: interval * jitter)) != nil else { return }
        }
    }

    /// Does something, and tells the observer when it fails.
    private func tell(
        _ task: String, _ account: RingAccountID? = nil, _ work: @Sendable () async throws -> Void
    ) async {
        do { try await work() } catch {
            if !Task.isCancelled { self.observe(task, account, (error as? RingError)?.code ?? .closed) }
        }
    }

    private func observe(_ task: String, _ account: RingAccountID?, _ code: RingError.Code) {
        self.configuration.environment.observer.observe(
            RingMaintenanceFailed(task: task, account: account, code: code))
    }
}

/// What a shutdown could not end.
public struct RingShutdownReport: Hashable, Sendable {
    /// Whether handlers ignored their cancellation. Their webhooks come again.
    public var handlersStillRunning = false
    /// The live sessions that could not be closed; they may run until Ring's limit, and the next process closes them.
    public var sessionsNotClosed = 0
    /// Whether a token request has not ended. Ending the process now may cost its account.
    public var refreshesStillRunning = false
    /// Accounts whose newest tokens are in this process's memory alone. Ending the process now costs them.
    public var unsavedAccounts: [RingAccountID] = []

    /// Whether no tokens are lost when the process ends now.
    public var isComplete: Bool { !self.refreshesStillRunning && self.unsavedAccounts.isEmpty }
}

/// Something that ``RingPartnerClient/run(inbox:)`` does failed. It is tried again.
public struct RingMaintenanceFailed: RingObservation {
    /// `maintenance.failed`.
    public static let name = "maintenance.failed"
    /// What: `identify`, `resume_links`, `recover_live`, `purge`, `save_tokens`.
    public var task: String
    /// The account it concerned, when it was one.
    public var account: RingAccountID?
    /// The error's code.
    public var code: RingError.Code

    /// Tokens that cannot be stored are an error, the rest a warning.
    public var level: RingObservationLevel { self.task == "save_tokens" ? .error : .warning }
    /// The task, the account and the code.
    public var attributes: [(key: String, value: String)] {
        var attributes = [(key: "task", value: self.task)]
        if let account { attributes.append(("account", account.rawValue)) }
        return attributes + [("code", self.code.rawValue)]
    }
}

/// What a client and its copies share about their end.
final class RingPartnerLifecycle: Sendable {
    enum Phase: Int, Sendable {
        case running, stopping, ended
    }

    private struct Weak { weak var inbox: RingWebhookInbox? }

    private struct State {
        var inboxes: [Weak] = []
        var phase = Phase.running
        /// Links that could not be finished: how often, and when they are tried again.
        var resumes: [RingAccountID: (failures: Int, next: Duration)] = [:]
    }

    private let state = Mutex(State())
    private let phaseChanged = RingSignal()

    func add(_ inbox: RingWebhookInbox) {
        self.state.withLock { state in
            state.inboxes.removeAll { $0.inbox == nil }
            state.inboxes.append(Weak(inbox: inbox))
        }
    }

    var inboxes: [RingWebhookInbox] { self.state.withLock { $0.inboxes.compactMap(\.inbox) } }

    var phase: Phase { self.state.withLock { $0.phase } }

    func enter(_ phase: Phase) {
        self.state.withLock { state in
            if phase.rawValue > state.phase.rawValue { state.phase = phase }
        }
        self.phaseChanged.signal()
    }

    /// Returns when a phase is reached, or when the task is cancelled.
    func wait(for phase: Phase) async {
        await self.phaseChanged.wait(until: { self.phase.rawValue >= phase.rawValue })
    }

    /// Whether a link that could not be finished may be tried again.
    func mayResume(_ account: RingAccountID, _ now: Duration) -> Bool {
        self.state.withLock { $0.resumes[account].map { $0.next <= now } ?? true }
    }

    func noteSuccess(_ account: RingAccountID) { self.state.withLock { $0.resumes[account] = nil } }

    /// One minute, doubled at each failure, at most six hours.
    func noteFailure(_ account: RingAccountID, _ now: Duration) {
        self.state.withLock { state in
            let failures = (state.resumes[account]?.failures ?? 0) + 1
            let pause = min(Duration.seconds(60) * (1 << min(failures - 1, 9)), .seconds(21_600))
            state.resumes[account] = (failures, now + pause)
            if state.resumes.count > 10_000 { state.resumes = state.resumes.filter { $0.value.next > now } }
        }
    }
}
