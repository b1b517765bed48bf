package import Synchronization

/// One run of some work that many callers share.
///
/// A caller that is cancelled stops waiting; the run goes on for the others. The result is given to the callers that wait
/// and is not kept: the next caller starts a new run.
///
/// It is part of its owner, and its code is visible to other modules, which then have it for their own type of value: there is
/// one for every account, and an object of its own is a tenth of the time to an account's first token.
package struct RingSingleFlight<Value: Sendable>: ~Copyable, Sendable {
    @usableFromInline package struct State: Sendable {
        @usableFromInline package var isUnderWay = false
        @usableFromInline package var lastID: UInt64 = 0
        @usableFromInline package var callers: [UInt64: CheckedContinuation<Value, any Error>] = [:]

        @inlinable package init() {}
    }
    @usableFromInline package let state = Mutex(State())

    @inlinable package init() {}

    /// Whether a run is under way or claimed.
    @inlinable package var isUnderWay: Bool { self.state.withLock { $0.isUnderWay } }

    /// Whether a caller waits for the run.
    @inlinable package var hasCallers: Bool { self.state.withLock { !$0.callers.isEmpty } }

    /// Waits for the run under way, or has one started. The start is not isolated to the caller's actor.
    ///
    /// - Parameters:
    ///   - isClaimed: Whether the caller has claimed the run with ``claim()``. It is then started even if the caller is
    ///     cancelled.
    ///   - start: Starts the work, which calls ``finish(_:)`` at its end, and returns at once.
    /// - Throws: What the run throws; `CancellationError` when the caller is cancelled.
    @inlinable package func value(isClaimed: Bool = false, _ start: () -> Void) async throws -> Value {
        let id = self.state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Value, any Error>) in
                let (waits, starts) = self.state.withLock { state in
                    // Read inside the lock: a later cancellation finds the caller among those that wait.
                    let waits = !Task.isCancelled
                    if waits { state.callers[id] = continuation }
                    let starts = isClaimed || waits && !state.isUnderWay
                    if starts { state.isUnderWay = true }
                    return (waits, starts)
                }
                if starts { start() }
                if !waits { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            self.state.withLock { $0.callers.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }

    /// Claims the run for the caller, who calls ``finish(_:)`` at its end. Others that come meanwhile wait for it.
    ///
    /// - Returns: `false` when a run is under way or claimed.
    @inlinable package func claim() -> Bool {
        self.state.withLock { state in
            defer { state.isUnderWay = true }
            return !state.isUnderWay
        }
    }

    /// Ends the run and gives its result to the callers that wait, in the order in which they came.
    @inlinable package func finish(_ result: Result<Value, any Error>) {
        let callers: [UInt64: CheckedContinuation<Value, any Error>]? = self.state.withLock { state in
            state.isUnderWay = false
            if state.callers.isEmpty { return nil }
            defer { state.callers = [:] }
            return state.callers
        }
        guard let callers else { return }
        for caller in callers.sorted(by: { $0.key < $1.key }) { caller.value.resume(with: result) }
    }
}
