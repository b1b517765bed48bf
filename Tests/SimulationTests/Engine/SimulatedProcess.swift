package import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// A call of a process that has ended. Whoever catches it is not alive any more.
package struct SimulatedEnd: Error {}

/// One process of a simulation: an executor for its tasks, a clock of its own, and an end that can come at any call.
///
/// The end works without help from the code under test: from then on every call of storage, transport and clock throws
/// ``SimulatedEnd`` at once and has no effect, so what the tasks still do cannot be seen. The simulation runs them until
/// all have returned, before anything else happens. Nothing is left behind.
package final class SimulatedProcess: TaskExecutor, Sendable {
    private struct State {
        var isAlive = true
        var wallClockOffset: Duration
        /// Jobs that wait for the end of a pause.
        var held: [UnownedJob]?
        var calls: [Int: @Sendable () -> Void] = [:]
        var nextCall = 0
        var tasks: [Task<Void, Never>] = []
        var atEnd: [@Sendable () -> Void] = []
        var troubledAt: Duration?
        var resumedAt: Duration?
        var endedAt: Duration?
        var extraUptime = Duration.zero
        /// Whether it ended by itself, with nothing left that only it knew.
        var hasEndedInOrder = false
        /// Until when its storage fails at every call.
        var storageOutage = Duration.zero
    }

    /// Where it runs.
    package let simulation: Simulation
    /// Its name in traces.
    package let name: String
    /// Its number in digests.
    package let number: Int
    private let start: Duration
    private let state: Mutex<State>

    /// The date of every wall clock at time zero, before its offset.
    package static let epoch = Date(timeIntervalSince1970: 1_795_000_000)

    /// Starts a process without tasks.
    ///
    /// - Parameters:
    ///   - simulation: Where it runs.
    ///   - name: Its name in traces.
    ///   - number: Its number in digests.
    ///   - wallClockOffset: How far its wall clock is ahead.
    package init(_ simulation: Simulation, name: String, number: Int, wallClockOffset: Duration = .zero) {
        self.simulation = simulation
        self.name = name
        self.number = number
        // Monotonic clocks of two machines have nothing in common.
        self.start = .seconds(simulation.number(below: 1_000_000))
        self.state = Mutex(State(wallClockOffset: wallClockOffset))
    }

    // MARK: Tasks

    /// Takes a job of one of its tasks.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isHeld = self.state.withLock { state in
            state.held?.append(job)
            return state.held != nil
        }
        if !isHeld { self.simulation.enqueue(job, of: self) }
    }

    /// Starts a task.
    package func run(_ work: @escaping @Sendable () async -> Void) {
        let task = Task(executorPreference: self) { await work() }
        let isAlive = self.state.withLock { state in
            if state.isAlive { state.tasks.append(task) }
            return state.isAlive
        }
        if !isAlive { task.cancel() }
    }

    /// Waits until all tasks of ``run(_:)`` have returned.
    package func wait() async {
        while let task = self.state.withLock({ $0.tasks.popLast() }) { await task.value }
    }

    /// Cancels all tasks of ``run(_:)``.
    package func cancel() {
        for task in self.state.withLock({ $0.tasks }) { task.cancel() }
    }

    /// Clock, randomness and executor of this process.
    package func environment(observer: any RingObserver = RingSilentObserver()) -> RingEnvironment {
        var environment = RingEnvironment(clock: SimulatedProcessClock(self), observer: observer)
        environment.executor = self
        environment.random = { [simulation] in simulation.next() }
        return environment
    }

    // MARK: The end

    /// Whether it has not ended.
    package var isAlive: Bool { self.state.withLock { $0.isAlive } }

    /// Throws when the process has ended.
    package func checkAlive() throws {
        if !self.isAlive { throw SimulatedEnd() }
    }

    /// Runs an action when the process ends, at the very moment.
    package func atEnd(_ action: @escaping @Sendable () -> Void) { self.state.withLock { $0.atEnd.append(action) } }

    /// Ends the process, as `kill -9` does.
    ///
    /// - Parameter isInOrder: Whether it had said before that nothing would be lost by it.
    package func end(isInOrder: Bool = false) {
        let now = self.simulation.now
        let actions = self.state.withLock { state -> [@Sendable () -> Void]? in
            guard state.isAlive else { return nil }
            state.isAlive = false
            state.endedAt = now
            state.hasEndedInOrder = isInOrder
            defer { state.atEnd = [] }
            return state.atEnd
        }
        guard let actions else { return }
        self.simulation.note("ends", self)
        for action in actions { action() }
        self.resume()
        self.simulation.state.withLock { $0.ending.append(self) }
    }

    /// When it ended; `nil` while it lives.
    package var endedAt: Duration? { self.state.withLock { $0.endedAt } }

    /// Whether it has ended and had said before that nothing would be lost by it.
    package var hasEndedInOrder: Bool { self.state.withLock { $0.hasEndedInOrder } }

    /// Draws whether the process ends here, at a call of its clock.
    func meetFate() {
        let faults = self.simulation.faults.clock
        if faults != .none, self.simulation.fate(faults) != .success { self.end() }
    }

    /// Lets every call that waits throw.
    func abandonCalls() {
        let (calls, tasks) = self.state.withLock { state in
            defer { (state.calls, state.tasks) = ([:], []) }
            return (state.calls.sorted { $0.key < $1.key }.map(\.value), state.tasks)
        }
        for task in tasks { task.cancel() }
        for call in calls { call() }
    }

    // MARK: Time

    /// The wall clock.
    package var wallClock: Date {
        let offset = self.state.withLock { $0.wallClockOffset } + self.extraTime()
        let (seconds, attoseconds) = (self.simulation.now + offset).components
        return Self.epoch + (Double(seconds) + Double(attoseconds) / 1e18)
    }

    /// The monotonic clock.
    package var uptime: Duration { self.start + self.simulation.now + self.extraTime() }

    /// After the end both clocks run on at every reading, so that loops that wait for a time come to an end.
    private func extraTime() -> Duration {
        self.state.withLock { state in
            if !state.isAlive { state.extraUptime += .seconds(1) }
            return state.extraUptime
        }
    }

    /// Moves the wall clock alone.
    package func step(wallClockBy duration: Duration) { self.state.withLock { $0.wallClockOffset += duration } }

    /// Sets how far the wall clock is ahead of the true time.
    package func set(wallClockOffset: Duration) { self.state.withLock { $0.wallClockOffset = wallClockOffset } }

    /// Stops all tasks until ``resume()``, as SIGSTOP or a frozen virtual machine does. Time goes on.
    package func pause() {
        let now = self.simulation.now
        self.state.withLock { state in
            guard state.isAlive, state.held == nil else { return }
            state.held = []
            state.troubledAt = now
        }
    }

    /// Ends a pause.
    package func resume() {
        let now = self.simulation.now
        let held = self.state.withLock { state in
            defer { state.held = nil }
            if state.held != nil { (state.troubledAt, state.resumedAt) = (now, now) }
            return state.held ?? []
        }
        for job in held { self.simulation.enqueue(job, of: self) }
    }

    /// Whether it stands still.
    package var isPaused: Bool { self.state.withLock { $0.held != nil } }

    /// Whether it stands still, or has just been woken and had no time to notice what it missed.
    package var isStandingStill: Bool {
        let now = self.simulation.now
        return self.state.withLock { state in
            state.held != nil || state.resumedAt.map { now - $0 <= .milliseconds(20) } == true
        }
    }

    /// Lets every call of its storage fail for a time.
    package func failStorage(for duration: Duration) {
        let end = self.simulation.now + duration
        self.state.withLock { $0.storageOutage = end }
    }

    /// Whether its storage fails at every call now.
    var isStorageOut: Bool {
        let now = self.simulation.now
        return self.state.withLock { $0.storageOutage > now }
    }

    /// When its storage failed or was slow last, or when it stood still.
    package var troubledAt: Duration? { self.state.withLock { $0.troubledAt } }

    /// Notes that it cannot keep its leases as it should: it stood still, or its storage failed or was slow.
    package func noteTrouble() {
        let now = self.simulation.now
        self.state.withLock { $0.troubledAt = now }
    }

    /// Whether it may have lost a lease through no fault of the code since some time ago.
    package func wasTroubled(within duration: Duration) -> Bool {
        let now = self.simulation.now
        return self.state.withLock { state in
            state.held != nil || state.troubledAt.map { now - $0 <= duration } == true
        }
    }

    // MARK: Calls

    /// Suspends the task until `start`'s action is called back, the process ends or, when requested, the task is
    /// cancelled.
    ///
    /// - Parameters:
    ///   - isCancellable: Whether cancellation ends the call.
    ///   - start: Begins the work. It is given what to call with the result, once; later calls do nothing.
    /// - Throws: The result's error; ``SimulatedEnd``; `CancellationError`.
    package func call<Value: Sendable>(
        isCancellable: Bool, _ start: (@escaping @Sendable (Result<Value, any Error>) -> Void) -> Void
    ) async throws -> Value {
        try self.checkAlive()
        if isCancellable { try Task.checkCancellation() }
        let number = self.state.withLock { state in
            state.nextCall += 1
            return state.nextCall
        }
        let first = RingFirstResult<Value>()
        return try await withTaskCancellationHandler {
            self.state.withLock { $0.calls[number] = { first.finish(.failure(SimulatedEnd())) } }
            start { result in
                self.state.withLock { _ = $0.calls.removeValue(forKey: number) }
                first.finish(result)
            }
            return try await first.value()
        } onCancel: {
            guard isCancellable else { return }
            self.state.withLock { _ = $0.calls.removeValue(forKey: number) }
            first.finish(.failure(CancellationError()))
        }
    }

    /// Waits by the simulation's time.
    ///
    /// - Throws: ``SimulatedEnd``; `CancellationError` when that was requested.
    package func delay(_ duration: Duration, isCancellable: Bool = false) async throws {
        let timer = Mutex(0)
        defer { self.simulation.cancel(timer.withLock { $0 }) }
        try await self.call(isCancellable: isCancellable) {
            (finish: @escaping @Sendable (Result<Void, any Error>) -> Void) in
            timer.withLock { $0 = self.simulation.after(duration) { finish(.success(())) } }
        }
        try self.checkAlive()
    }
}

/// The clocks of a simulated process.
package struct SimulatedProcessClock: RingClock {
    private let process: SimulatedProcess

    package init(_ process: SimulatedProcess) { self.process = process }

    /// The wall clock, which can step.
    package func now() -> Date {
        self.process.meetFate()
        return self.process.wallClock
    }

    /// The monotonic clock.
    package func uptime() -> Duration {
        self.process.meetFate()
        return self.process.uptime
    }

    /// Waits by the virtual time.
    ///
    /// - Throws: `CancellationError` when the task is cancelled; ``SimulatedEnd`` when the process has ended.
    package func sleep(for duration: Duration) async throws {
        self.process.meetFate()
        try await self.process.delay(duration, isCancellable: true)
        self.process.meetFate()
        try self.process.checkAlive()
    }
}
