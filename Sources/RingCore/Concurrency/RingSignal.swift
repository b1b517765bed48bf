internal import Synchronization

/// Wakes the tasks that wait for something to change.
///
/// A signal while no task waits is kept for the next task that does; several of them are kept as one. Tasks that wait for
/// the same condition use ``wait(until:)``, which cannot miss a signal however many tasks wait.
package final class RingSignal: Sendable {
    private typealias Waiter = (id: UInt64, continuation: CheckedContinuation<Void, Never>)

    private struct State: Sendable {
        var isSignalled = false
        var lastID: UInt64 = 0
        /// In the order in which they began to wait.
        var waiters: [Waiter] = []
    }
    private let state = Mutex(State())

    package init() {}

    /// Wakes all tasks that wait, or keeps one wake-up when none does.
    package func signal() {
        let waiters = self.state.withLock { state in
            defer { state.waiters = [] }
            if state.waiters.isEmpty { state.isSignalled = true }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume() }
    }

    /// Waits for a signal or the task's cancellation.
    package func wait() async {
        if self.takeSignal() { return }
        await self.wait { _ in }
    }

    /// Waits for a signal, the end of a time, or the task's cancellation.
    package func wait(atMost limit: Duration, in environment: RingEnvironment) async {
        if self.takeSignal() { return }
        var timer: Task<Void, Never>?
        await self.wait { timer = self.startTimer($0, limit, environment) }
        timer?.cancel()
    }

    /// Waits until a condition holds or the task is cancelled. Whoever changes what the condition reads calls ``signal()``
    /// after the change.
    ///
    /// - Parameter condition: Called several times, with no lock held.
    /// - Returns: Whether the condition held in the end.
    @discardableResult
    package func wait(until condition: () -> Bool) async -> Bool {
        while !condition() {
            if Task.isCancelled { return false }
            // Read after the task has become a waiter: a change before is seen here, and the signal of a later one wakes
            // the task.
            await self.wait { if condition() { self.wake($0) } }
        }
        return true
    }

    /// Waits until a condition holds, a time has passed, or the task is cancelled. Whoever changes what the condition
    /// reads calls ``signal()`` after the change.
    ///
    /// - Parameters:
    ///   - condition: Called several times, with no lock held.
    ///   - limit: How long to wait.
    ///   - environment: The clock, and where the timer runs.
    /// - Returns: Whether the condition held in the end.
    @discardableResult
    package func wait(
        until condition: () -> Bool, atMost limit: Duration, in environment: RingEnvironment
    ) async -> Bool {
        let end = environment.clock.uptime() + limit
        while !condition() {
            let remaining = end - environment.clock.uptime()
            if Task.isCancelled || remaining <= .zero { return false }
            var timer: Task<Void, Never>?
            await self.wait { id in
                if condition() { self.wake(id) } else { timer = self.startTimer(id, remaining, environment) }
            }
            timer?.cancel()
        }
        return true
    }

    private func takeSignal() -> Bool {
        self.state.withLock { state in
            defer { state.isSignalled = false }
            return state.isSignalled
        }
    }

    private func wait(_ onWait: (UInt64) -> Void) async {
        let id = self.state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                let waits = self.state.withLock { state in
                    // Read inside the lock: a later cancellation finds the waiter in the list.
                    if state.isSignalled || Task.isCancelled {
                        state.isSignalled = false
                        return false
                    }
                    state.waiters.append((id, continuation))
                    return true
                }
                if waits { onWait(id) } else { continuation.resume() }
            }
        } onCancel: {
            self.wake(id)
        }
    }

    private func wake(_ id: UInt64) {
        let waiter = self.state.withLock { state in
            state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
        }
        waiter?.continuation.resume()
    }

    private func startTimer(_ id: UInt64, _ limit: Duration, _ environment: RingEnvironment) -> Task<Void, Never> {
        environment.detach {
            if (try? await environment.clock.sleep(for: limit)) != nil { self.wake(id) }
        }
    }
}
