internal import RingCore
internal import Synchronization

/// Wakes whoever waits. A ring while nobody waits is kept for the next who does.
final class Doorbell: Sendable {
    private struct State: Sendable {
        var isRung = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }
    private let state = Mutex(State())

    func ring() {
        let waiters = self.state.withLock { state in
            defer { state.waiters = [] }
            if state.waiters.isEmpty { state.isRung = true }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits for a ring, the time limit, or the task's cancellation.
    func wait(atMost limit: Duration, in environment: RingEnvironment) async {
        if self.takeRing() { return }
        let timer = environment.detach {
            if (try? await environment.clock.sleep(for: limit)) != nil { self.ring() }
        }
        defer { timer.cancel() }
        await self.wait()
    }

    /// Waits for a ring or the task's cancellation.
    func wait() async {
        if self.takeRing() { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRung = self.state.withLock { state in
                    defer { state.isRung = false }
                    if !state.isRung { state.waiters.append(continuation) }
                    return state.isRung
                }
                if isRung { continuation.resume() }
            }
        } onCancel: {
            self.ring()
        }
    }

    private func takeRing() -> Bool {
        self.state.withLock { state in
            defer { state.isRung = false }
            return state.isRung
        }
    }
}
