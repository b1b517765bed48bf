internal import Synchronization

/// A time limit of many operations at once, most of which end before it: one task sleeps for all of them.
///
/// A task and a timer for every operation cost more than a short operation itself.
package final class RingSharedTimeLimit: Sendable {
    private struct State: Sendable {
        var lastID: UInt64 = 0
        /// The operations under way. Identifiers grow with time, and so do the ends, since all have the same limit.
        var running: [UInt64: (end: Duration, onEnd: @Sendable () -> Void)] = [:]
        /// The task that sleeps, and its number: one that was cancelled may still run for a moment beside the next.
        var sleeper: Task<Void, Never>?
        var sleeperID = 0
    }

    private let limit: Duration
    private let environment: RingEnvironment
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: How long an operation may take.
    ///   - environment: The clock, and where the task runs.
    package init(_ limit: Duration, environment: RingEnvironment) {
        self.limit = limit
        self.environment = environment
    }

    /// Begins to time an operation.
    ///
    /// - Parameter onEnd: Called once when the limit has passed before ``stop(_:)``.
    /// - Returns: What ``stop(_:)`` takes.
    package func start(onEnd: @escaping @Sendable () -> Void) -> UInt64 {
        let end = self.environment.clock.uptime() + self.limit
        return self.state.withLock { state in
            state.lastID += 1
            state.running[state.lastID] = (end, onEnd)
            if state.sleeper == nil {
                state.sleeperID += 1
                state.sleeper = self.environment.detach { [id = state.sleeperID] in await self.run(id) }
            }
            return state.lastID
        }
    }

    /// The operation has ended.
    package func stop(_ id: UInt64) {
        let sleeper = self.state.withLock { state -> Task<Void, Never>? in
            state.running[id] = nil
            guard state.running.isEmpty else { return nil }
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.cancel()
    }

    private func run(_ id: Int) async {
        while true {
            let now = self.environment.clock.uptime()
            let (ended, next) = self.state.withLock { state -> ([@Sendable () -> Void], Duration?) in
                guard state.sleeper != nil, state.sleeperID == id else { return ([], nil) }
                let ids = state.running.filter { $0.value.end <= now }.keys.sorted()
                let ended = ids.compactMap { state.running.removeValue(forKey: $0)?.onEnd }
                let next = state.running.values.map(\.end).min()
                if next == nil { state.sleeper = nil }
                return (ended, next)
            }
            for call in ended { call() }
            guard let next, (try? await self.environment.clock.sleep(for: next - now)) != nil else { return }
        }
    }
}
