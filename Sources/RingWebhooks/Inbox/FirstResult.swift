internal import Synchronization

/// Takes the first of several results and forgets the others.
final class FirstResult<Value: Sendable>: Sendable {
    private enum State: Sendable {
        case empty
        case waiting(CheckedContinuation<Value, any Error>)
        case finished(Result<Value, any Error>)
        case taken
    }
    private let state = Mutex(State.empty)

    func finish(_ result: Result<Value, any Error>) {
        let waiter: CheckedContinuation<Value, any Error>? = self.state.withLock { state in
            switch state {
            case .empty: state = .finished(result)
            case .waiting(let continuation):
                state = .taken
                return continuation
            case .finished, .taken: break
            }
            return nil
        }
        waiter?.resume(with: result)
    }

    /// Waits for the first result; to be called once.
    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<Value, any Error>? = self.state.withLock { state in
                if case .finished(let result) = state {
                    state = .taken
                    return result
                }
                state = .waiting(continuation)
                return nil
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
