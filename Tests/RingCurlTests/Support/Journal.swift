import Synchronization

/// What a server saw, in order. Whoever waits for more of it is woken, without looking again and again.
final class Journal<Entry: Sendable>: Sendable {
    private struct State {
        var entries: [Entry] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var entries: [Entry] { self.state.withLock { $0.entries } }

    /// Notes something; says how many there are now.
    @discardableResult
    func note(_ entry: Entry) -> Int {
        let (count, woken) = self.state.withLock { state in
            state.entries.append(entry)
            let count = state.entries.count
            let woken = state.waiters.filter { $0.count <= count }.map(\.continuation)
            state.waiters.removeAll { $0.count <= count }
            return (count, woken)
        }
        for continuation in woken { continuation.resume() }
        return count
    }

    /// Waits until there are so many.
    func wait(for count: Int) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isThere = self.state.withLock { state in
                if state.entries.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}
