extension RingPartnerClient {
    /// Does the background work for as long as the service runs: identifies tokens whose account is not known, resumes links,
    /// refreshes idle accounts daily, stores tokens that could not be stored, closes live sessions that a crash left open,
    /// deletes what is old, and handles webhooks. All of it repeatedly; failures are reported to the observer and tried
    /// again.
    ///
    /// Run it in every process that shares the storage, or in one of them. It returns when the task is cancelled, or after
    /// ``shutdown(within:)`` was called.
    ///
    /// - Parameter inbox: The inbox whose webhooks this process handles; `nil` for none.
    public func run(inbox: RingWebhookInbox? = nil) async {
        let work = self.configuration.environment.detach { await self.work(inbox) }
        await withTaskCancellationHandler {
            // A handler that ignores its cancellation keeps the work from ending. After a shutdown it is not waited for.
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
            group.addTask { await self.tokens.followChanges() }
            group.addTask { await self.repeatedly(every: .seconds(10)) { await self.recoverLiveSessions() } }
            group.addTask { await self.repeatedly(every: .seconds(60)) { await self.resumeUnfinishedWork() } }
            group.addTask {
                await self.repeatedly(every: .seconds(300)) {
                    await self.report("purge") { _ = try await self.linker.purge() }
                }
            }
            if let inbox { group.addTask { await inbox.run() } }
            // Until the shutdown begins, or the task is cancelled.
            await self.lifecycle.wait(for: .stopping)
            group.cancelAll()
        }
    }

    /// Closes the live sessions that were left open by processes that have ended.
    func recoverLiveSessions() async {
        await self.report("recover_live") {
            for account in try await self.ledger.accountsToRecover() {
                guard let account else {
                    // Sessions with a fixed token, which is not known here: their records are removed once they have ended.
                    await self.report("recover_live") { try await self.ledger.removeEnded() }
                    continue
                }
                await self.report("recover_live", account) { _ = try await self.account(account).live.recover() }
            }
        }
    }

    /// Ends everything in the right order before the process ends: stops receiving webhooks, gives back webhooks that handlers
    /// have not finished, closes live sessions, waits for refreshes and stores their tokens, and closes the storage.
    ///
    /// ``run(inbox:)`` returns then. The storage stays open when tokens could not be stored or a refresh has not ended: call
    /// this function again until ``RingShutdownReport/isComplete``. The storage also stays open while a handler ignores its
    /// cancellation, so that no other process handles the same webhook before this one has ended.
    ///
    /// - Parameter limit: The time for all of it. A token request may last 30 seconds; a shorter limit may lose an account
    ///   whose refresh has not ended.
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
        // Most of the time is reserved for tokens: a request lasts 30 seconds at most, and storing its tokens comes after it.
        let spare = limit - min(limit * 5 / 7, .seconds(40))
        let spareEnd = environment.clock.uptime() + spare
        let isQuiet = await withTaskGroup(of: Bool.self) { group in
            for inbox in inboxes { group.addTask { await inbox.shutdown(within: spare * 2 / 3) } }
            return await group.reduce(true) { $0 && $1 }
        }
        report.handlersStillRunning = !isQuiet
        let forCameras = max(spareEnd - environment.clock.uptime(), spare / 3)
        report.sessionsNotClosed = await self.ledger.closeAll(within: forCameras).notClosedCount
        let isSettled = await RingFirstResult<Bool>.wait(atMost: left(), in: environment) {
            await self.linker.stop()
            self.tokens.stopRefreshing()
            // Half of the time, so that the report is made before the limit.
            await self.tokens.settle(within: left() / 2)
            return true
        }
        report.refreshesStillRunning = isSettled == nil
        report.unsavedAccounts = self.tokens.unsavedAccounts
        // Closing releases the leases: the webhook of a handler that still runs would be handled by another process as well.
        if report.isComplete, !report.handlersStillRunning {
            // A stalled disk must not keep the process from ending: committed changes are on it.
            _ = await RingFirstResult<Bool>.wait(atMost: max(left(), .seconds(1)), in: environment) {
                await self.configuration.storage.close()
                return true
            }
        }
        self.lifecycle.enter(.ended)
        return report
    }

    private func resumeUnfinishedWork() async {
        let unsaved = await self.tokens.saveUnsaved()
        for account in unsaved { self.observe("save_tokens", account, .storageFailed) }
        await self.report("identify") { _ = try await self.linker.identifyWaiting() }
        await self.report("resume_links") {
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

    /// Runs a task, and reports its failure to the observer.
    private func report(
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
    /// Whether handlers ignored their cancellation. Their webhooks are handled again later.
    public var handlersStillRunning = false
    /// The number of live sessions that could not be closed. They may run until Ring's limit; the next process closes them.
    public var sessionsNotClosed = 0
    /// Whether a token request has not ended. If the process ends now, its account may be lost.
    public var refreshesStillRunning = false
    /// Accounts whose newest tokens are only in the memory of this process. If it ends now, they are lost.
    public var unsavedAccounts: [RingAccountID] = []

    /// Whether the process may end now without losing tokens.
    public var isComplete: Bool { !self.refreshesStillRunning && self.unsavedAccounts.isEmpty }
}

/// A task of ``RingPartnerClient/run(inbox:)`` failed. It is tried again.
package struct RingMaintenanceFailed: RingObservation {
    /// `maintenance.failed`.
    package static let name = "maintenance.failed"
    /// The task: `identify`, `resume_links`, `recover_live`, `purge` or `save_tokens`.
    package var task: String
    /// The account of the task; `nil` when it concerns all of them.
    package var account: RingAccountID?
    /// The error's code.
    package var code: RingError.Code

    /// An error for `save_tokens`, a warning for the other tasks.
    package var level: RingObservationLevel { self.task == "save_tokens" ? .error : .warning }
    /// The task, the account and the code.
    package var attributes: [(key: String, value: String)] {
        var attributes = [(key: "task", value: self.task)]
        if let account { attributes.append(("account", account.rawValue)) }
        return attributes + [("code", self.code.rawValue)]
    }
}
