internal import RingTesting
internal import Synchronization

/// Tasks of several processes on one thread and in one virtual time, in an order that a seed decides.
///
/// Each ``SimulatedProcess`` is a task executor whose jobs wait in one queue here. ``run(afterEach:until:)`` takes one job
/// after another by the generator's choice. When no job can run, the time jumps to the earliest timer. One seed gives one
/// order of events, provided that the code under test takes time, randomness and executors from its environment. A job
/// that arrives from another thread breaks that promise and fails the run.
package final class Simulation: Sendable {
    /// Why ``run(afterEach:until:)`` returned.
    package enum End: Hashable, Sendable {
        /// The caller's condition holds.
        case done
        /// Nothing is left to run, and no timer is set.
        case idle
        /// An invariant was violated; see ``Simulation/failure``.
        case failed
    }

    struct Job: Sendable {
        var process: SimulatedProcess
        var job: UnownedJob
    }

    struct Timer: Sendable {
        var due: Duration
        var id: Int
        var action: @Sendable () -> Void
    }

    struct State: Sendable {
        var random: SeededGenerator
        var now = Duration.zero
        var ready: [Job] = []
        /// By due time, the earliest last; equal ones in the order of their setting.
        var timers: [Timer] = []
        var nextID = 0
        /// Processes that have ended and whose tasks have yet to notice it.
        var ending: [SimulatedProcess] = []
        var thread: UInt = 0
        var steps = 0
        var failure: String?
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        var trace: [String] = []
        var order = Order.random
        var faults = SimulatedFaultPlan()
    }

    /// How the next job is chosen.
    enum Order: Hashable, Sendable {
        case random
        case firstInFirstOut
        case lastInFirstOut
    }

    /// The number that decides everything.
    package let seed: UInt64
    private let keepsTrace: Bool
    private let stepLimit: Int
    let state: Mutex<State>

    /// The most jobs that the tasks of an ended process may still take until they have all returned.
    private static let endingLimit = 20_000
    /// The most lines of a trace that are kept.
    private static let traceLimit = 20_000

    /// Creates a simulation at time zero.
    ///
    /// - Parameters:
    ///   - seed: Decides the order of jobs and everything that is drawn from here.
    ///   - keepsTrace: Whether ``trace`` is recorded. ``digest`` always is.
    ///   - stepLimit: The number of jobs after which the run fails, because something repeats for ever.
    package init(seed: UInt64, keepsTrace: Bool = false, stepLimit: Int = 400_000) {
        self.seed = seed
        self.keepsTrace = keepsTrace
        self.stepLimit = stepLimit
        var random = SeededGenerator(seed: seed &* 0x2545_f491_4f6c_dd1d)
        var state = State(random: random)
        // Other orders reach other races.
        let draw = random.next() % 8
        if draw == 0 { state.order = .firstInFirstOut }
        if draw == 1 { state.order = .lastInFirstOut }
        state.random = random
        self.state = Mutex(state)
    }

    // MARK: Draws

    /// 64 bits of the seed's sequence.
    package func next() -> UInt64 { self.state.withLock { $0.random.next() } }

    /// A number below `bound`, which is above zero.
    package func number(below bound: Int) -> Int { Int(self.next() % UInt64(bound)) }

    /// Whether something that happens with a probability happens now.
    package func chance(_ probability: Double) -> Bool { Double(self.next() >> 11) * 0x1p-53 < probability }

    /// A duration below `bound`, in whole microseconds.
    package func duration(below bound: Duration) -> Duration {
        let microseconds = bound.components.seconds * 1_000_000 + bound.components.attoseconds / 1_000_000_000_000
        return microseconds <= 0 ? .zero : .microseconds(Int64(self.next() % UInt64(microseconds)))
    }

    /// The faults from now on.
    package var faults: SimulatedFaultPlan {
        get { self.state.withLock { $0.faults } }
        set { self.state.withLock { $0.faults = newValue } }
    }

    /// Draws what happens to one call.
    func fate(_ faults: SimulatedFaults) -> SimulatedFaults.Fate {
        let fate = faults.fate(self)
        guard fate == .endBefore || fate == .endAfter else { return fate }
        return self.state.withLock { state in
            guard state.faults.ends > 0 else { return .success }
            state.faults.ends -= 1
            return fate
        }
    }

    // MARK: Time

    /// The time since the start, the same for every process.
    package var now: Duration { self.state.withLock { $0.now } }

    /// Runs an action at a later time, in no process.
    ///
    /// - Returns: A number for ``cancel(_:)``.
    @discardableResult
    package func after(_ delay: Duration, _ action: @escaping @Sendable () -> Void) -> Int {
        self.state.withLock { state in
            state.nextID += 1
            let timer = Timer(due: state.now + max(delay, .zero), id: state.nextID, action: action)
            var low = 0
            var high = state.timers.count
            while low < high {
                let middle = (low + high) / 2
                if state.timers[middle].due <= timer.due { high = middle } else { low = middle + 1 }
            }
            state.timers.insert(timer, at: low)
            return timer.id
        }
    }

    /// Removes a timer that has not fired.
    ///
    /// - Returns: Whether it was there.
    @discardableResult
    package func cancel(_ id: Int) -> Bool {
        self.state.withLock { state in
            guard let index = state.timers.lastIndex(where: { $0.id == id }) else { return false }
            state.timers.remove(at: index)
            return true
        }
    }

    // MARK: Events

    /// Notes an event: its text enters the digest and, when one is kept, the trace.
    ///
    /// - Parameters:
    ///   - kind: What happens. Part of the digest.
    ///   - process: Where.
    ///   - detail: The rest of the line, for the trace alone.
    package func note(
        _ kind: StaticString, _ process: SimulatedProcess? = nil, _ detail: @autoclosure () -> String = ""
    ) {
        let text = self.keepsTrace ? detail() : ""
        self.state.withLock { state in
            state.mix(UInt64(kind.utf8CodeUnitCount) << 32 | UInt64(process?.number ?? 0))
            guard self.keepsTrace, state.trace.count < Self.traceLimit else { return }
            state.trace.append(
                "\(Self.seconds(state.now)) \(process?.name ?? "-") \(kind)\(text.isEmpty ? "" : " ")\(text)")
        }
    }

    /// Fails the run. The first message is kept.
    package func fail(_ message: String) {
        self.state.withLock { state in
            if state.failure == nil { state.failure = message }
        }
        self.note("violated", nil, message)
    }

    /// What was violated; `nil` while everything holds.
    package var failure: String? { self.state.withLock { $0.failure } }

    /// A number that two runs share when the same events happened in the same order at the same times.
    package var digest: UInt64 { self.state.withLock { $0.digest } }

    /// The events, when they are kept.
    package var trace: [String] { self.state.withLock { $0.trace } }

    /// The number of jobs that have run.
    package var steps: Int { self.state.withLock { $0.steps } }

    private static func seconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let fraction = String(attoseconds / 1_000_000_000_000)
        return "\(seconds)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }

    // MARK: Running

    private static let running = Mutex<[UInt: Simulation]>([:])

    /// The simulation that runs on the calling thread now.
    package static var current: Simulation? { Self.running.withLock { $0[SimulationThread.current] } }

    /// Runs jobs and timers on the calling thread.
    ///
    /// - Parameters:
    ///   - afterEach: Called after each job and each timer; checks what can be checked cheaply.
    ///   - isDone: Ends the run; looked at whenever no job can run.
    package func run(afterEach: () -> Void = {}, until isDone: () -> Bool = { false }) -> End {
        let thread = SimulationThread.current
        self.state.withLock { $0.thread = thread }
        Self.running.withLock { $0[thread] = self }
        defer { Self.running.withLock { _ = $0.removeValue(forKey: thread) } }
        while true {
            self.finishEndings()
            switch self.state.withLock({ $0.take(limit: self.stepLimit) }) {
            case .job(let job):
                unsafe job.job.runSynchronously(on: job.process.asUnownedTaskExecutor())
                afterEach()
            case .failed: return .failed
            case .nothing:
                if isDone() { return .done }
                guard let timer = self.state.withLock({ $0.takeTimer() }) else { return .idle }
                timer.action()
                afterEach()
            }
        }
    }

    /// Ends every process and lets their tasks return.
    package func finish(_ processes: [SimulatedProcess]) {
        for process in processes { process.end() }
        self.finishEndings()
        self.state.withLock { $0.timers = [] }
    }

    func enqueue(_ job: UnownedJob, of process: SimulatedProcess) {
        self.state.withLock { state in
            if state.thread != SimulationThread.current, state.thread != 0, state.failure == nil {
                state.failure =
                    "process \(process.name): a task came back from another thread; some code left the executor"
            }
            state.ready.append(Job(process: process, job: job))
        }
    }

    /// Lets the tasks of ended processes run until they have returned: what they call throws by now.
    private func finishEndings() {
        while let process = self.state.withLock({ $0.ending.popLast() }) {
            process.abandonCalls()
            var count = 0
            while let job = self.state.withLock({ $0.takeJob(of: process) }) {
                unsafe job.runSynchronously(on: process.asUnownedTaskExecutor())
                process.abandonCalls()
                count += 1
                if count > Self.endingLimit {
                    self.fail("process \(process.name): its tasks go on for ever when every call throws")
                    break
                }
            }
        }
    }
}

extension Simulation.State {
    enum Step {
        case job(Simulation.Job)
        case nothing
        case failed
    }

    mutating func mix(_ value: UInt64) {
        self.digest = (self.digest ^ value ^ UInt64(bitPattern: self.now.components.attoseconds)) &* 0x100_0000_01b3
        self.digest ^= self.digest >> 29
    }

    /// The next job that may run.
    mutating func take(limit: Int) -> Step {
        if self.failure != nil { return .failed }
        guard !self.ready.isEmpty else { return .nothing }
        self.steps += 1
        if self.steps > limit {
            self.failure = "more than \(limit) jobs: something repeats for ever"
            return .failed
        }
        let index =
            switch self.order {
            case .random: self.ready.count == 1 ? 0 : Int(self.random.next() % UInt64(self.ready.count))
            case .firstInFirstOut: 0
            case .lastInFirstOut: self.ready.count - 1
            }
        let job: Simulation.Job
        if self.order == .random {
            self.ready.swapAt(index, self.ready.count - 1)
            job = self.ready.removeLast()
        } else {
            job = self.ready.remove(at: index)
        }
        self.mix(UInt64(index) << 8 | UInt64(job.process.number))
        return .job(job)
    }

    /// The earliest timer; the time moves to it.
    mutating func takeTimer() -> Simulation.Timer? {
        guard let timer = self.timers.popLast() else { return nil }
        self.now = max(self.now, timer.due)
        return timer
    }

    mutating func takeJob(of process: SimulatedProcess) -> UnownedJob? {
        guard let index = self.ready.firstIndex(where: { $0.process === process }) else { return nil }
        return self.ready.remove(at: index).job
    }
}
