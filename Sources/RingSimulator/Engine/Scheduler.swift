internal import RingCore
internal import Synchronization

/// Runs jobs when the simulated clock reaches their time.
final class Scheduler: Sendable {
    typealias Job = @Sendable () async -> Void

    private struct State {
        var jobs: [(due: Int64, number: Int, job: Job)] = []
        var number = 0
        var running = 0
        var driver: Task<Void, Never>?
        var isStopped = false

        /// Whether nothing runs, and nothing is due until a time.
        func isSettled(until time: Int64) -> Bool {
            self.isStopped || self.running == 0 && !self.jobs.contains { $0.due <= time }
        }
    }

    private let clock: SimulatedClock
    private let state = Mutex(State())
    private let jobEnded = RingSignal()

    init(clock: SimulatedClock) { self.clock = clock }

    func schedule(at due: Int64, _ job: @escaping Job) {
        self.state.withLock { state in
            guard !state.isStopped else { return }
            state.number += 1
            state.jobs.append((due, state.number, job))
        }
        self.wake()
    }

    /// Runs what is due, and waits for the next one in a task that a later call replaces.
    func wake() {
        let now = self.clock.now
        let due = self.state.withLock { state -> [Job] in
            guard !state.isStopped else { return [] }
            let due = state.jobs.filter { $0.due <= now }.sorted { ($0.due, $0.number) < ($1.due, $1.number) }
            state.jobs.removeAll { $0.due <= now }
            state.running += due.count
            state.driver?.cancel()
            state.driver = nil
            if let next = state.jobs.map(\.due).min() {
                state.driver = Task { [weak self, clock = self.clock] in
                    try? await clock.sleep(milliseconds: next - now)
                    if !Task.isCancelled { self?.wake() }
                }
            }
            return due.map(\.job)
        }
        for job in due {
            Task {
                await job()
                self.state.withLock { $0.running -= 1 }
                self.jobEnded.signal()
            }
        }
    }

    /// Waits until nothing runs and nothing is due any more.
    func settle() async {
        self.wake()
        let now = self.clock.now
        await self.jobEnded.wait(until: { self.state.withLock { $0.isSettled(until: now) } })
    }

    func stop() {
        self.state.withLock { state in
            state.isStopped = true
            state.driver?.cancel()
            state.jobs = []
        }
        self.jobEnded.signal()
    }
}
