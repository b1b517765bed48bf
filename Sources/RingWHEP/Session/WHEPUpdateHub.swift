internal import Synchronization

/// Sends the updates of one session to all its listeners.
final class WHEPUpdateHub: Sendable {
    private struct State {
        var listeners: [Int: AsyncStream<WHEPSessionUpdate>.Continuation] = [:]
        var nextID = 0
        var last: WHEPSessionUpdate?
    }

    private let state = Mutex(State())

    var endReason: WHEPEndReason? { self.state.withLock { $0.last?.endReason } }

    /// A stream that begins with the latest update. A slow reader misses old updates, never the end.
    func updates() -> AsyncStream<WHEPSessionUpdate> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: WHEPSessionUpdate.self, bufferingPolicy: .bufferingNewest(4))
        let (id, last) = self.state.withLock { state -> (Int, WHEPSessionUpdate?) in
            state.nextID += 1
            if state.last?.endReason == nil { state.listeners[state.nextID] = continuation }
            return (state.nextID, state.last)
        }
        if let last { continuation.yield(last) }
        if last?.endReason != nil {
            continuation.finish()
        } else {
            continuation.onTermination = { [weak self] _ in
                self?.state.withLock { _ = $0.listeners.removeValue(forKey: id) }
            }
        }
        return stream
    }

    func send(_ update: WHEPSessionUpdate) {
        let listeners = self.state.withLock { state -> [AsyncStream<WHEPSessionUpdate>.Continuation] in
            guard state.last?.endReason == nil else { return [] }
            state.last = update
            let listeners = state.listeners.sorted { $0.key < $1.key }.map(\.value)
            if update.endReason != nil { state.listeners = [:] }
            return listeners
        }
        for listener in listeners {
            listener.yield(update)
            if update.endReason != nil { listener.finish() }
        }
    }
}
