internal import Synchronization

/// Sends the states of one session to all its listeners.
final class LiveStateHub: Sendable {
    private struct State {
        var current = RingLiveState.connecting
        var listeners: [Int: AsyncStream<RingLiveState>.Continuation] = [:]
        var nextID = 0
    }

    private let state = Mutex(State())

    var current: RingLiveState { self.state.withLock { $0.current } }

    /// A stream that begins with the current state and finishes after the end.
    func states() -> AsyncStream<RingLiveState> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: RingLiveState.self, bufferingPolicy: .bufferingNewest(8))
        let (id, current) = self.state.withLock { state in
            state.nextID += 1
            if !state.current.isEnd { state.listeners[state.nextID] = continuation }
            // In the lock, so that no later state comes before it.
            continuation.yield(state.current)
            return (state.nextID, state.current)
        }
        if current.isEnd {
            continuation.finish()
        } else {
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { _ = $0.listeners.removeValue(forKey: id) }
            }
        }
        return stream
    }

    /// Changes the state. After an end it no longer changes.
    func send(_ new: RingLiveState) {
        let listeners = self.state.withLock { state -> [AsyncStream<RingLiveState>.Continuation] in
            guard !state.current.isEnd, state.current != new else { return [] }
            state.current = new
            let listeners = Array(state.listeners.values)
            if new.isEnd { state.listeners = [:] }
            for listener in listeners { listener.yield(new) }
            return listeners
        }
        if new.isEnd { for listener in listeners { listener.finish() } }
    }
}
