public import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A clock that stands still until a test moves it.
///
/// The wall clock (``now()``) and the monotonic clock (``uptime()``) move together by ``advance(by:)``. The wall clock
/// alone moves by ``step(wallClockBy:)``, in both directions, as when a machine's date is corrected.
///
/// With `autoAdvance` the clock moves itself: when the code under test is quiet, the earliest sleeper is woken at its
/// time. A policy with waits of days then runs in milliseconds, and a timeout that runs beside work ends that work only
/// when nothing else can go on. Whether code is quiet is found out by letting other tasks run, again and again, until
/// none of them has used the clock for a while. Work outside of Swift's tasks, such as a socket, is not seen.
public final class ManualClock: RingClock {
    private struct Sleeper {
        var id: Int
        var until: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var elapsed = Duration.zero
        var wallClockOffset = Duration.zero
        var sleepers: [Sleeper] = []
        var nextID = 0
        var cancelled: Set<Int> = []
        var slept: [Duration] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        /// Counts every use of the clock by the code under test.
        var uses = 0
        /// Whether a task moves the clock for the sleepers.
        var isMoving = false

        /// Moves both clocks forward, at most to a time, and takes out the sleepers that are due then.
        mutating func move(to time: Duration) -> [Sleeper] {
            self.elapsed = max(self.elapsed, time)
            let due = self.sleepers.filter { $0.until <= self.elapsed }.sorted { ($0.until, $0.id) < ($1.until, $1.id) }
            self.sleepers.removeAll { $0.until <= self.elapsed }
            return due
        }
    }

    private let start: Date
    private let autoAdvance: Bool
    private let state = Mutex(State())

    /// How often in a row other tasks run without using the clock before they count as quiet.
    private static let quietRounds = 48
    /// How often they run at most: a test that reads the clock in a loop is never quiet.
    private static let maximumRounds = 2_000

    /// Creates a clock that stands still.
    ///
    /// - Parameters:
    ///   - start: The date at the first reading.
    ///   - autoAdvance: Whether the clock moves itself to the end of the earliest sleep when the code under test is quiet.
    public init(start: Date = Date(timeIntervalSince1970: 1_795_000_000), autoAdvance: Bool = false) {
        self.start = start
        self.autoAdvance = autoAdvance
    }

    /// The start plus what was advanced and stepped.
    public func now() -> Date {
        let elapsed = self.state.withLock { state in
            state.uses += 1
            return state.elapsed + state.wallClockOffset
        }
        let (seconds, attoseconds) = elapsed.components
        return self.start + (Double(seconds) + Double(attoseconds) / 1e18)
    }

    /// What was advanced.
    public func uptime() -> Duration {
        self.state.withLock { state in
            state.uses += 1
            return state.elapsed
        }
    }

    /// The duration of every sleep so far, in order.
    public var sleeps: [Duration] { self.state.withLock { $0.slept } }

    /// The number of sleepers that wait now.
    package var sleeperCount: Int { self.state.withLock { $0.sleepers.count } }

    /// Waits until the clock has been moved far enough.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        let id = self.state.withLock { state in
            state.nextID += 1
            state.uses += 1
            state.slept.append(duration)
            return state.nextID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                self.enqueue(id, duration, continuation)
            }
        } onCancel: {
            let sleeper = self.state.withLock { state -> Sleeper? in
                state.uses += 1
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
        self.state.withLock { state in
            state.uses += 1
            // A cancellation that came when the sleep had ended.
            _ = state.cancelled.remove(id)
        }
    }

    /// Moves the wall clock alone, forward or back. No sleeper notices.
    public func step(wallClockBy duration: Duration) { self.state.withLock { $0.wallClockOffset += duration } }

    /// Moves both clocks and wakes the sleepers that are due, earliest first, without waiting for what they do.
    public func advance(by duration: Duration) {
        let due = self.state.withLock { $0.move(to: $0.elapsed + duration) }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Moves both clocks from one sleeper's time to the next, and waits in between and at the end until the code under
    /// test is quiet.
    ///
    /// So code that sleeps again while the clock moves gets all of its turns, each at its time.
    public func advanceUntilQuiet(by duration: Duration) async {
        let end = self.state.withLock { $0.elapsed + duration }
        await self.quiet()
        while true {
            let due = self.state.withLock { state in
                state.move(to: min(end, state.sleepers.map(\.until).min() ?? end))
            }
            if due.isEmpty { return }
            for sleeper in due { sleeper.continuation.resume() }
            await self.quiet()
        }
    }

    /// Waits until the code under test is quiet: until other tasks, when they are let run, do not use the clock.
    ///
    /// To wait for one certain sleep, ``sleepers(atLeast:)`` is exact.
    package func quiet() async {
        var uses = self.state.withLock { $0.uses }
        var rounds = 0
        for _ in 0..<Self.maximumRounds where rounds < Self.quietRounds {
            await Self.letOthersRun()
            let now = self.state.withLock { $0.uses }
            rounds = now == uses ? rounds + 1 : 0
            uses = now
        }
    }

    /// Waits until at least `count` sleepers wait: the way for a test to know that code has reached its sleep.
    public func sleepers(atLeast count: Int) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isThere = self.state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func enqueue(_ id: Int, _ duration: Duration, _ continuation: CheckedContinuation<Void, any Error>) {
        enum Step {
            case wait([CheckedContinuation<Void, Never>], starts: Bool)
            case wake
            case cancel
        }
        let step: Step = self.state.withLock { state in
            if state.cancelled.remove(id) != nil { return .cancel }
            let until = state.elapsed + duration
            guard until > state.elapsed else { return .wake }
            state.sleepers.append(Sleeper(id: id, until: until, continuation: continuation))
            let ready = state.watchers.filter { $0.count <= state.sleepers.count }.map(\.continuation)
            state.watchers.removeAll { $0.count <= state.sleepers.count }
            let starts = self.autoAdvance && !state.isMoving
            if starts { state.isMoving = true }
            return .wait(ready, starts: starts)
        }
        switch step {
        case .wait(let watchers, let starts):
            for watcher in watchers { watcher.resume() }
            if starts { Task { await self.moveForSleepers() } }
        case .wake: continuation.resume()
        case .cancel: continuation.resume(throwing: CancellationError())
        }
    }

    /// Wakes the earliest sleeper whenever the code under test is quiet, until there is none.
    private func moveForSleepers() async {
        while true {
            await self.quiet()
            let sleeper = self.state.withLock { state -> Sleeper? in
                guard
                    let next = state.sleepers.indices.min(by: { left, right in
                        let (left, right) = (state.sleepers[left], state.sleepers[right])
                        return (left.until, left.id) < (right.until, right.id)
                    })
                else {
                    state.isMoving = false
                    return nil
                }
                let sleeper = state.sleepers.remove(at: next)
                state.elapsed = max(state.elapsed, sleeper.until)
                return sleeper
            }
            guard let sleeper else { return }
            sleeper.continuation.resume()
        }
    }

    /// Goes to the end of the queues of Swift's threads and returns.
    private static func letOthersRun() async {
        for priority in [TaskPriority.high, .medium, .low, .background] {
            await withCheckedContinuation { continuation in
                Task.detached(priority: priority) { continuation.resume() }
            }
        }
    }
}
