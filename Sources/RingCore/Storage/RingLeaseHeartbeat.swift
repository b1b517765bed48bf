internal import Synchronization

/// Extends the leases that a process holds, all in one call, while there are any.
package final class RingLeaseHeartbeat: Sendable {
    private let storage: any RingStorage
    private let environment: RingEnvironment
    private let duration: Duration
    private let state = Mutex(State())

    private struct State: Sendable {
        var held: [RingStorageLease: @Sendable () -> Void] = [:]
        var isRunning = false
    }

    /// - Parameters:
    ///   - storage: Whose leases.
    ///   - environment: The clock that paces the calls, and where their task runs.
    ///   - duration: The length of a lease. It is extended three times within that.
    package init(storage: any RingStorage, environment: RingEnvironment, duration: Duration) {
        self.storage = storage
        self.environment = environment
        self.duration = duration
    }

    /// Keeps a lease that was just taken.
    ///
    /// - Parameters:
    ///   - lease: The lease.
    ///   - onLoss: Called once when the storage says that the lease is no longer this process's.
    package func hold(_ lease: RingStorageLease, onLoss: @escaping @Sendable () -> Void = {}) {
        let starts = self.state.withLock { state in
            state.held[lease] = onLoss
            defer { state.isRunning = true }
            return !state.isRunning
        }
        // Ends by itself with the last lease.
        if starts { self.environment.detach { await self.run() } }
    }

    /// Stops extending a lease.
    package func drop(_ lease: RingStorageLease) { self.state.withLock { _ = $0.held.removeValue(forKey: lease) } }

    /// The leases that are being extended.
    package var held: [RingStorageLease] { self.state.withLock { Array($0.held.keys) } }

    private func run() async {
        while true {
            // The task is never cancelled; a clock that throws all the same ends the extensions, and so the leases.
            guard (try? await self.environment.clock.sleep(for: self.duration / 3)) != nil, let leases = self.next()
            else { return self.state.withLock { $0.isRunning = false } }
            // After a failure the next round comes well before the leases end.
            guard let kept = try? await self.storage.extend(leases, by: self.duration) else { continue }
            let lost = Set(leases).subtracting(kept)
            let calls = self.state.withLock { state in lost.compactMap { state.held.removeValue(forKey: $0) } }
            for call in calls { call() }
        }
    }

    /// The leases to extend; `nil` when there are none, and the task ends.
    private func next() -> [RingStorageLease]? {
        self.state.withLock { state in
            if state.held.isEmpty { state.isRunning = false }
            return state.held.isEmpty ? nil : state.held.keys.sorted { ($0.id.name, $0.token) < ($1.id.name, $1.token) }
        }
    }
}
