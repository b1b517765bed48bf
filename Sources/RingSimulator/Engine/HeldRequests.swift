internal import RingCore
internal import Synchronization

/// Requests that wait until a test releases them.
final class HeldRequests: Sendable {
    private struct State {
        var held: [CheckedContinuation<Bool, Never>] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let changed = RingSignal()

    var count: Int { self.state.withLock { $0.held.count } }

    /// Waits to be released. A client that closes its connection meanwhile changes nothing.
    ///
    /// - Parameter onHold: Called when the request is held.
    /// - Returns: Whether to close the connection instead of going on.
    func hold(onHold: () -> Void = {}) async -> Bool {
        await withCheckedContinuation { continuation in
            let isHeld = self.state.withLock { state in
                if !state.isStopped { state.held.append(continuation) }
                return !state.isStopped
            }
            if isHeld {
                self.changed.signal()
                onHold()
            } else {
                continuation.resume(returning: true)
            }
        }
    }

    /// Waits until so many are held, or the simulator stops.
    func wait(for count: Int) async {
        await self.changed.wait(until: { self.state.withLock { $0.held.count >= count || $0.isStopped } })
    }

    /// Releases all of them.
    func release(closing: Bool) {
        let held = self.state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for continuation in held { continuation.resume(returning: closing) }
    }

    func stop() {
        self.state.withLock { $0.isStopped = true }
        self.changed.signal()
        self.release(closing: true)
    }
}
