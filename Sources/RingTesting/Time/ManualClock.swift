public import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A clock that stands still until a test moves it.
///
/// Sleepers wake when ``advance(by:)`` passes their time, in order. With `autoAdvance` a sleep moves the clock itself and
/// returns at once, so a policy with waits of days runs in microseconds.
public final class ManualClock: RingClock {
    private struct Sleeper {
        var id: Int
        var until: Duration
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var elapsed = Duration.zero
        var sleepers: [Sleeper] = []
        var nextID = 0
        var cancelled: Set<Int> = []
        var slept: [Duration] = []
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let start: Date
    private let autoAdvance: Bool
    private let state = Mutex(State())

    /// Creates a clock that stands still.
    ///
    /// - Parameters:
    ///   - start: The date at the first reading.
    ///   - autoAdvance: Whether a sleep moves the clock instead of waiting for ``advance(by:)``.
    public init(start: Date = Date(timeIntervalSince1970: 1_795_000_000), autoAdvance: Bool = false) {
        self.start = start
        self.autoAdvance = autoAdvance
    }

    /// The start plus what was advanced.
    public func now() -> Date {
        let (seconds, attoseconds) = self.uptime().components
        return self.start + (Double(seconds) + Double(attoseconds) / 1e18)
    }

    /// What was advanced.
    public func uptime() -> Duration { self.state.withLock { $0.elapsed } }

    /// Every duration somebody asked to sleep for, in order.
    public var sleeps: [Duration] { self.state.withLock { $0.slept } }

    /// The number of sleepers that wait now.
    public var sleeperCount: Int { self.state.withLock { $0.sleepers.count } }

    /// Waits until the clock has been moved far enough.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        let id = self.state.withLock { state in
            state.nextID += 1
            state.slept.append(duration)
            return state.nextID
        }
        if self.autoAdvance {
            self.state.withLock { $0.elapsed += max(duration, .zero) }
            await Task.yield()
            return
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                self.enqueue(id, duration, continuation)
            }
        } onCancel: {
            let sleeper = self.state.withLock { state -> Sleeper? in
                guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return state.sleepers.remove(at: index)
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves the clock and wakes whoever is due, earliest first.
    public func advance(by duration: Duration) {
        let due = self.state.withLock { state -> [Sleeper] in
            state.elapsed += duration
            let due = state.sleepers.filter { $0.until <= state.elapsed }.sorted { $0.until < $1.until }
            state.sleepers.removeAll { $0.until <= state.elapsed }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
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
            case wait([CheckedContinuation<Void, Never>])
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
            return .wait(ready)
        }
        switch step {
        case .wait(let watchers): for watcher in watchers { watcher.resume() }
        case .wake: continuation.resume()
        case .cancel: continuation.resume(throwing: CancellationError())
        }
    }
}
