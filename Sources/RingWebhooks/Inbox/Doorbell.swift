internal import RingCore
internal import Synchronization

/// Wakes the one who waits; a ring while nobody waits is kept for the next who does.
final class Doorbell: Sendable {
    private struct State: Sendable {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }
    private let state = Mutex(State())

    func ring() {
        let waiter = self.state.withLock { state in
            defer { state.waiter = nil }
            if state.waiter == nil { state.isRung = true }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Waits for a ring, the time limit, or the task's cancellation.
    func wait(atMost limit: Duration, clock: any RingClock) async {
        let timer = Task {
            try? await clock.sleep(for: limit)
            if !Task.isCancelled { self.ring() }
        }
        defer { timer.cancel() }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRung = self.state.withLock { state in
                    if state.isRung {
                        state.isRung = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isRung { continuation.resume() }
            }
        } onCancel: {
            self.ring()
        }
    }
}
