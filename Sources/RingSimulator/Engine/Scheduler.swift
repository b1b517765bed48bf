internal import RingCore
internal import Synchronization

/// Runs jobs when the simulated clock reaches their time.
///
/// Deliveries wait for receivers, so only so many of them run at once; steps of the service itself never wait for them.
final class Scheduler: Sendable {
    /// What is done at a time.
    enum Job: Sendable {
        /// Done at once.
        case step(@Sendable () -> Void)
        /// Takes its time.
        case delivery(@Sendable () async -> Void)
    }

    /// The most deliveries that wait for their receivers at one time.
    static let maximumRunning = 250

    private struct State {
        var jobs = JobQueue()
        /// Deliveries that are due, in their order; those before `head` were started.
        var ready: [@Sendable () async -> Void] = []
        var head = 0
        var running = 0
        /// Steps that were taken from the queue and are not done.
        var steps = 0
        var driver: Task<Void, Never>?
        /// When the driver wakes.
        var driverDue = Int64.max
        var isStopped = false

        /// Whether nothing runs, and nothing is due until a time.
        func isSettled(until time: Int64) -> Bool {
            self.isStopped
                || self.running == 0 && self.steps == 0 && self.head == self.ready.count
                    && (self.jobs.nextDue ?? .max) > time
        }

        mutating func nextReady() -> (@Sendable () async -> Void)? {
            guard self.running < Scheduler.maximumRunning, self.head < self.ready.count else { return nil }
            defer {
                self.head += 1
                self.running += 1
                // The queue may never be empty under load.
                if self.head == self.ready.count || self.head > 1024 && self.head * 2 > self.ready.count {
                    (self.ready, self.head) = (Array(self.ready[self.head...]), 0)
                }
            }
            return self.ready[self.head]
        }
    }

    private let clock: SimulatedClock
    private let state = Mutex(State())
    private let jobEnded = RingSignal()

    init(clock: SimulatedClock) { self.clock = clock }

    func schedule(at due: Int64, _ job: Job) {
        let isNext = self.state.withLock { state in
            guard !state.isStopped else { return false }
            state.jobs.insert(job, due: due)
            return due < state.driverDue
        }
        if isNext { self.wake() }
    }

    /// Runs what is due, and waits for the next one in a task that a later call replaces. To be called when the clock has
    /// jumped or runs at another speed.
    func wake() {
        let now = self.clock.now
        let steps = self.state.withLock { state -> [@Sendable () -> Void] in
            guard !state.isStopped else { return [] }
            var steps: [@Sendable () -> Void] = []
            while let job = state.jobs.next(until: now) {
                switch job {
                case .step(let step): steps.append(step)
                case .delivery(let delivery): state.ready.append(delivery)
                }
            }
            state.steps += steps.count
            state.driver?.cancel()
            state.driver = nil
            state.driverDue = state.jobs.nextDue ?? .max
            if let next = state.jobs.nextDue, self.clock.isRunning {
                state.driver = Task { [weak self, clock = self.clock] in
                    try? await clock.sleep(untilMilliseconds: next)
                    if !Task.isCancelled { self?.wake() }
                }
            }
            return steps
        }
        for step in steps { step() }
        if !steps.isEmpty {
            self.state.withLock { $0.steps -= steps.count }
            self.jobEnded.signal()
        }
        self.startReady()
    }

    private func startReady() {
        while let job = self.state.withLock({ $0.isStopped ? nil : $0.nextReady() }) {
            Task {
                await job()
                self.state.withLock { $0.running -= 1 }
                self.startReady()
                self.jobEnded.signal()
            }
        }
    }

    /// Waits until nothing runs and nothing is due any more.
    ///
    /// - Parameter limit: How long to wait, in real time; `nil` for ever.
    /// - Returns: Whether it came to that.
    @discardableResult
    func settle(atMost limit: Duration? = nil) async -> Bool {
        self.wake()
        let now = self.clock.now
        let isSettled = { self.state.withLock { $0.isSettled(until: now) } }
        guard let limit else { return await self.jobEnded.wait(until: isSettled) }
        return await self.jobEnded.wait(until: isSettled, atMost: limit, in: RingEnvironment())
    }

    /// Forgets all jobs that were not started.
    func clear() {
        self.state.withLock { ($0.jobs, $0.ready, $0.head) = (JobQueue(), [], 0) }
        self.wake()
        self.jobEnded.signal()
    }

    func stop() {
        self.state.withLock { state in
            state.isStopped = true
            state.driver?.cancel()
            (state.jobs, state.ready, state.head) = (JobQueue(), [], 0)
        }
        self.jobEnded.signal()
    }
}

/// Jobs by their time, then by the order in which they were added: a binary heap.
private struct JobQueue: Sendable {
    private typealias Entry = (due: Int64, number: Int, job: Scheduler.Job)
    private var heap: [Entry] = []
    private var number = 0

    var nextDue: Int64? { self.heap.first?.due }

    mutating func insert(_ job: Scheduler.Job, due: Int64) {
        self.number += 1
        self.heap.append((due, self.number, job))
        var index = self.heap.count - 1
        while index > 0, self.isBefore(index, (index - 1) / 2) {
            self.heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// Takes the next job, when it is due.
    mutating func next(until time: Int64) -> Scheduler.Job? {
        guard let first = self.heap.first, first.due <= time else { return nil }
        self.heap.swapAt(0, self.heap.count - 1)
        self.heap.removeLast()
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2] where child < self.heap.count && self.isBefore(child, least) {
                least = child
            }
            guard least != index else { return first.job }
            self.heap.swapAt(index, least)
            index = least
        }
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (self.heap[left].due, self.heap[left].number) < (self.heap[right].due, self.heap[right].number)
    }
}
