internal import RingCore
internal import Synchronization

/// The state of an inbox, shared by its receiver and its worker, and the signals of its changes.
final class InboxActivity: Sendable {
    private let environment: RingEnvironment
    private let state: Mutex<InboxState>
    /// There may be something to work on.
    private let workExpected = RingSignal()
    /// A run, a save or the work on a webhook has ended.
    private let workEnded = RingSignal()

    init(_ options: RingWebhookInboxOptions, environment: RingEnvironment) {
        self.environment = environment
        self.state = Mutex(InboxState(options))
    }

    var replayWindow: RingReplayWindow {
        get { self.state.withLock { $0.replayWindow } }
        set { self.state.withLock { $0.replayWindow = newValue } }
    }

    var isReceiving: Bool { self.state.withLock { $0.isReceiving } }
    var isWorking: Bool { self.state.withLock { $0.isWorking } }

    // MARK: The end

    func stopReceiving() { self.state.withLock { $0.stopReceiving() } }

    func stop() {
        self.state.withLock { $0.stop() }
        self.workExpected.signal()
    }

    /// Waits until nothing is under way any more, also when the caller is cancelled, as at the end of the process.
    ///
    /// - Returns: `false` when the time was over first.
    func waitUntilQuiet(atMost limit: Duration) async -> Bool {
        await self.environment.detach {
            await self.workEnded.wait(
                until: { self.state.withLock { $0.isQuiet } }, atMost: limit, in: self.environment)
        }.value
    }

    // MARK: Receiving

    func admission() -> InboxState.Admission {
        let now = self.environment.clock.uptime()
        return self.state.withLock { $0.admission(at: now) }
    }

    func noteCount(_ count: Int?) -> Bool { self.state.withLock { $0.noteCount(count) } }

    func beginSaving(taking id: RingStorageID?) -> Bool { self.state.withLock { $0.beginSaving(taking: id) } }

    func endSaving() {
        self.state.withLock { $0.endSaving() }
        self.workEnded.signal()
    }

    func noteSaved() { self.state.withLock { $0.noteSaved() } }

    func noteSettled() { self.state.withLock { $0.noteSettled() } }

    // MARK: Working

    func beginRun(_ mode: InboxState.Mode) { self.state.withLock { $0.beginRun(mode) } }

    /// Ends a run, and wakes the others for what was handed over. What it returns is to be given back before
    /// ``noteRunEnded()``.
    func endRun(_ mode: InboxState.Mode) -> [HeldWebhook] {
        defer { self.workExpected.signal() }
        return self.state.withLock { $0.endRun(mode) }
    }

    func noteRunEnded() { self.workEnded.signal() }

    /// One more delivery is wanted, or one fewer.
    func want(_ difference: Int) {
        self.state.withLock { $0.want(difference) }
        if difference > 0 { self.workExpected.signal() }
    }

    func handOver(_ held: HeldWebhook) -> Bool {
        let isTaken = self.state.withLock { $0.handOver(held) }
        if isTaken { self.workExpected.signal() }
        return isTaken
    }

    func takeHandedOver() -> [HeldWebhook] { self.state.withLock { $0.takeHandedOver() } }

    /// Something that no query has found yet may be due.
    func expectWork() {
        self.state.withLock { $0.expectWork() }
        self.workExpected.signal()
    }

    /// Waits for a reason to look for work, or for the task's cancellation.
    func waitForWork() async { await self.workExpected.wait() }

    /// This process no longer works on a record.
    ///
    /// - Parameter expectsMore: Whether another webhook may be due because of that.
    func endWork(on id: RingStorageID, expectsMore: Bool = false) {
        self.state.withLock { state in
            if expectsMore { state.expectWork() }
            state.endWork(on: id)
        }
        self.workExpected.signal()
        self.workEnded.signal()
    }

    func takeFreeHandlers(for mode: InboxState.Mode) -> Int { self.state.withLock { $0.takeFreeHandlers(for: mode) } }

    func nextQuery() -> InboxState.Query {
        let now = self.environment.clock.uptime()
        return self.state.withLock { $0.nextQuery(at: now) }
    }

    func noteLanes(_ hasLanes: Bool) { self.state.withLock { $0.noteLanes(hasLanes) } }

    func noteFound(_ ids: [RingStorageID], limit: Int) { self.state.withLock { $0.noteFound(ids, limit: limit) } }

    func noteClockSet() { self.state.withLock { $0.noteClockSet() } }
}
