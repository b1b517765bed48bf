internal import Synchronization

/// Requests that wait until a test releases them.
final class HeldRequests: Sendable {
    private struct State {
        var held: [CheckedContinuation<Bool, Never>] = []
        var watchers: [(count: Int, watcher: CheckedContinuation<Void, Never>)] = []
        var isStopped = false
    }

    private let state = Mutex(State())

    var count: Int { self.state.withLock { $0.held.count } }

    /// Waits to be released. A client that closes its connection meanwhile changes nothing.
    ///
    /// - Returns: Whether to close the connection instead of going on.
    func hold() async -> Bool {
        await withCheckedContinuation { continuation in
            let (isHeld, seen) = self.state.withLock { state in
                guard !state.isStopped else { return (false, [CheckedContinuation<Void, Never>]()) }
                state.held.append(continuation)
                let count = state.held.count
                let seen = state.watchers.filter { $0.count <= count }.map(\.watcher)
                state.watchers.removeAll { $0.count <= count }
                return (true, seen)
            }
            if !isHeld { continuation.resume(returning: true) }
            for watcher in seen { watcher.resume() }
        }
    }

    /// Waits until so many are held.
    func wait(for count: Int) async {
        await withCheckedContinuation { watcher in
            let isThere = self.state.withLock { state in
                guard state.held.count < count, !state.isStopped else { return true }
                state.watchers.append((count, watcher))
                return false
            }
            if isThere { watcher.resume() }
        }
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
        let watchers = self.state.withLock { state in
            state.isStopped = true
            defer { state.watchers = [] }
            return state.watchers.map(\.watcher)
        }
        for watcher in watchers { watcher.resume() }
        self.release(closing: true)
    }
}
