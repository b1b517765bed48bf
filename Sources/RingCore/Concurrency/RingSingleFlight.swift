internal import Synchronization

/// One run of some work that many callers share.
///
/// A caller that is cancelled stops waiting; the run goes on for the others. The result is given to the callers that wait
/// and is not kept: the next caller starts a new run.
///
/// It is part of its owner, and its lock does not depend on `Value`: there is one for every account, and an object of its own,
/// or a state of unknown layout, would each be a tenth of the time to an account's first token.
package struct RingSingleFlight<Value: Sendable>: ~Copyable, Sendable {
    private let callers = SharedRunCallers()

    package init() {}

    /// Whether a run is under way or claimed.
    package var isUnderWay: Bool { self.callers.isUnderWay }

    /// Whether a caller waits for the run.
    package var hasCallers: Bool { self.callers.isWaiting }

    /// Waits for the run under way, or has one started. The start is not isolated to the caller's actor.
    ///
    /// - Parameters:
    ///   - isClaimed: Whether the caller has claimed the run with ``claim()``. It is then started even if the caller is
    ///     cancelled.
    ///   - start: Starts the work, which calls ``finish(_:)`` at its end, and returns at once.
    /// - Throws: What the run throws; `CancellationError` when the caller is cancelled.
    package func value(isClaimed: Bool = false, _ start: () -> Void) async throws -> Value {
        let value = try await self.callers.wait(isClaimed: isClaimed, start)
        // Only `finish(_:)` gives values, and only those of this type.
        guard let value = value as? Value else { throw CancellationError() }
        return value
    }

    /// Claims the run for the caller, who calls ``finish(_:)`` at its end. Others that come meanwhile wait for it.
    ///
    /// - Returns: `false` when a run is under way or claimed.
    package func claim() -> Bool { self.callers.claim() }

    /// Ends the run and gives its result to the callers that wait, in the order in which they came.
    package func finish(_ result: Result<Value, any Error>) {
        guard let callers = self.callers.endRun() else { return }
        for caller in callers { caller.resume(with: result.map { $0 }) }
    }
}

/// The callers that wait for a run, whatever it results in.
///
/// Not private: the compiler (6.3.1) fails on a private type in the layout of a non-copyable one of another module.
struct SharedRunCallers: ~Copyable, Sendable {
    typealias Caller = CheckedContinuation<any Sendable, any Error>

    struct State: Sendable {
        var isUnderWay = false
        var lastID: UInt64 = 0
        var callers: [UInt64: Caller] = [:]
    }
    private let state = Mutex(State())

    var isUnderWay: Bool { self.state.withLock { $0.isUnderWay } }

    var isWaiting: Bool { self.state.withLock { !$0.callers.isEmpty } }

    func wait(isClaimed: Bool, _ start: () -> Void) async throws -> any Sendable {
        let id = self.state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (caller: Caller) in
                let (waits, starts) = self.state.withLock { state in
                    // Read inside the lock: a later cancellation finds the caller among those that wait.
                    let waits = !Task.isCancelled
                    if waits { state.callers[id] = caller }
                    let starts = isClaimed || waits && !state.isUnderWay
                    if starts { state.isUnderWay = true }
                    return (waits, starts)
                }
                if starts { start() }
                if !waits { caller.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            self.state.withLock { $0.callers.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }

    func claim() -> Bool {
        self.state.withLock { state in
            defer { state.isUnderWay = true }
            return !state.isUnderWay
        }
    }

    /// Ends the run.
    ///
    /// - Returns: The callers in the order in which they came; `nil` when there are none.
    func endRun() -> [Caller]? {
        let callers: [UInt64: Caller]? = self.state.withLock { state in
            state.isUnderWay = false
            if state.callers.isEmpty { return nil }
            defer { state.callers = [:] }
            return state.callers
        }
        return callers?.sorted { $0.key < $1.key }.map(\.value)
    }
}
