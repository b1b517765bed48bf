internal import Synchronization

extension RingDeadline {
    /// Runs `work` and cancels it when the deadline passes.
    ///
    /// A result that `work` returns is never dropped, even when the deadline passes or the task is cancelled at the same
    /// moment: the response may hold new tokens.
    ///
    /// It returns when `work` has ended, so work that ignores its cancellation delays it past the deadline. Otherwise the work
    /// would go on behind the caller's back, and what it returns would be lost. Token providers, rate budgets and transports of
    /// an application are told to end soon after a cancellation.
    ///
    /// - Throws: `RingError` with ``RingError/Code/deadlineExceeded`` when the time is up first; what `work` throws.
    package func run<Value: Sendable>(
        _ clock: some RingClock, of operation: RingOperation,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let left = self.remaining(clock)
        guard left > .zero else { throw RingError.deadlineExceeded(operation) }
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            let isOver = Mutex(false)
            group.addTask {
                if (try? await clock.sleep(for: left)) != nil { isOver.withLock { $0 = true } }
                return nil
            }
            defer { group.cancelAll() }
            do {
                while let outcome = try await group.next() {
                    if let outcome { return outcome }
                    // The time is up, or this task was cancelled, and the work with it.
                    if isOver.withLock({ $0 }) { group.cancelAll() }
                }
            } catch is CancellationError where isOver.withLock({ $0 }) {
                throw RingError.deadlineExceeded(operation)
            }
            throw RingError.deadlineExceeded(operation)
        }
    }
}
