internal import Synchronization

/// Takes the first of several results and forgets the others.
package final class RingFirstResult<Value: Sendable>: Sendable {
    private enum State: Sendable {
        case empty
        case waiting(CheckedContinuation<Value, any Error>)
        case finished(Result<Value, any Error>)
        case taken
    }
    private let state = Mutex(State.empty)

    package init() {}

    package func finish(_ result: Result<Value, any Error>) {
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
    package func value() async throws -> Value {
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

    /// Waits for work at most for a time; the work itself goes on.
    ///
    /// - Returns: `nil` when the time was up first.
    package static func wait(
        atMost limit: Duration, in environment: RingEnvironment, for work: @escaping @Sendable () async -> Value
    ) async -> Value? {
        let first = RingFirstResult<Value?>()
        let timer = environment.detach {
            if (try? await environment.clock.sleep(for: limit)) != nil { first.finish(.success(nil)) }
        }
        environment.detach {
            first.finish(.success(await work()))
            timer.cancel()
        }
        return (try? await first.value()) ?? nil
    }
}
