internal import Synchronization

/// Extends the leases that a process holds, all in one call, while there are any.
package final class RingLeaseHeartbeat: Sendable {
    private let storage: any RingStorage
    private let environment: RingEnvironment
    /// The length of a lease.
    package let duration: Duration
    private let state = Mutex(State())

    private struct Holding: Sendable {
        /// The reading of this process's clock at which the lease may have ended.
        var until: Duration
        var onLoss: @Sendable () -> Void
    }

    private struct State: Sendable {
        var held: [RingStorageLease: Holding] = [:]
        var isRunning = false
    }

    /// - Parameters:
    ///   - storage: Whose leases.
    ///   - environment: The clock that paces the calls, and where their task runs.
    ///   - duration: The length of a lease, at most an hour, which is the most that an engine grants. It is extended three
    ///     times within that.
    package init(storage: any RingStorage, environment: RingEnvironment, duration: Duration) {
        self.storage = storage
        self.environment = environment
        self.duration = min(duration, .seconds(3_600))
    }

    /// Keeps a lease that was just taken for ``duration``.
    ///
    /// - Parameters:
    ///   - lease: The lease.
    ///   - since: The reading of the clock before it was taken.
    ///   - onLoss: Called once when the lease is another process's by now, or may be because it could not be extended in
    ///     time. Whatever only the holder may do has to stop.
    package func hold(
        _ lease: RingStorageLease, since: Duration, onLoss: @escaping @Sendable () -> Void = {}
    ) {
        let until = since + self.duration
        // To take it took so long that it may end before it is extended for the first time.
        guard until > self.environment.clock.uptime() + self.duration / 3 + self.margin else { return onLoss() }
        let starts = self.state.withLock { state in
            state.held[lease] = Holding(until: until, onLoss: onLoss)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        // Ends by itself with the last lease.
        if starts { self.environment.detach { await self.run() } }
    }

    /// Stops extending a lease.
    package func drop(_ lease: RingStorageLease) { self.state.withLock { _ = $0.held.removeValue(forKey: lease) } }

    /// Whether a lease is being extended and has not ended by this process's clock. Check it right before work that only the
    /// holder may do: a process that was suspended notices only here that its lease has ended.
    package func isHolding(_ lease: RingStorageLease) -> Bool {
        let now = self.environment.clock.uptime()
        return self.state.withLock { $0.held[lease].map { $0.until > now } ?? false }
    }

    /// The leases that are being extended.
    package var held: [RingStorageLease] { self.state.withLock { Self.sorted($0.held) } }

    private static func sorted(_ held: [RingStorageLease: Holding]) -> [RingStorageLease] {
        held.keys.sorted { ($0.id.collection, $0.id.name, $0.token) < ($1.id.collection, $1.id.name, $1.token) }
    }

    private func run() async {
        let clock = self.environment.clock
        var pause = self.duration / 3
        while true {
            // Nobody cancels this task. A clock that throws all the same ends the extensions, and with them the leases.
            guard (try? await clock.sleep(for: pause)) != nil else {
                self.state.withLock { $0.isRunning = false }
                return self.lose { _, _, _ in true }
            }
            // Those that ended while the process stood still, or the storage did not respond.
            self.lose { _, holding, now in holding.until <= now + self.margin }
            guard let (leases, end) = self.next() else { return }
            let start = clock.uptime()
            let (storage, duration) = (self.storage, self.duration)
            let response = await RingFirstResult<Set<RingStorageLease>?>.wait(
                atMost: max(min(end - start - self.margin, duration / 3), .zero), in: self.environment
            ) {
                (try? await storage.extend(leases, by: duration)).map(Set.init)
            }
            let kept = response ?? nil
            self.note(leases, kept: kept, extendedAt: start)
            // After a failure there is less time left.
            pause = kept == nil ? self.margin : duration / 3
        }
    }

    /// How long before its end a lease counts as lost: the time to stop what only its holder may do.
    private var margin: Duration { self.duration / 15 }

    /// The leases to extend, and when the first of them ends; `nil` when there are none, and the task ends.
    private func next() -> ([RingStorageLease], Duration)? {
        self.state.withLock { state in
            guard let end = state.held.values.map(\.until).min() else {
                state.isRunning = false
                return nil
            }
            return (Self.sorted(state.held), end)
        }
    }

    private func note(_ leases: [RingStorageLease], kept: Set<RingStorageLease>?, extendedAt start: Duration) {
        if let kept {
            self.state.withLock { state in
                for lease in leases where kept.contains(lease) { state.held[lease]?.until = start + self.duration }
            }
        }
        let asked = Set(leases)
        self.lose { lease, holding, now in
            // Before the next round it may be over.
            kept.map { asked.contains(lease) && !$0.contains(lease) } ?? false || holding.until <= now + self.margin * 2
        }
    }

    private func lose(_ isLost: (RingStorageLease, Holding, Duration) -> Bool) {
        let now = self.environment.clock.uptime()
        let lost = self.state.withLock { state in
            Self.sorted(state.held).compactMap { lease -> (@Sendable () -> Void)? in
                guard let holding = state.held[lease], isLost(lease, holding, now) else { return nil }
                state.held[lease] = nil
                return holding.onLoss
            }
        }
        for call in lost { call() }
    }
}

/// The exclusive right to work on something that has no record of its own, such as an account's link.
///
/// It is a record without content that is leased and deleted afterwards.
package struct RingWorkLease: Sendable {
    private let storage: any RingStorage
    private let heartbeat: RingLeaseHeartbeat
    private let lease: RingStorageLease
    private let version: Int64

    /// Takes the right.
    ///
    /// - Parameters:
    ///   - id: What is worked on.
    ///   - storage: Where the right is noted.
    ///   - heartbeat: Keeps it.
    ///   - environment: The clock and randomness.
    ///   - onLoss: Called once when the right is another process's by now, or may be.
    /// - Returns: `nil` when somebody else has it.
    /// - Throws: `RingError` with code `storageFailed`.
    package static func take(
        _ id: RingStorageID, in storage: any RingStorage, heartbeat: RingLeaseHeartbeat, environment: RingEnvironment,
        onLoss: @escaping @Sendable () -> Void = {}
    ) async throws -> RingWorkLease? {
        let stored = try await storage.record(id)
        guard stored?.isLeased != true else { return nil }
        let record = RingStorageRecord(id: id, version: environment.randomToken())
        let lease = RingStorageLease(id: id, token: environment.randomToken())
        let start = environment.clock.uptime()
        let change = RingStorageChange.put(
            record, replacing: stored?.version, lease: .take(token: lease.token, for: heartbeat.duration))
        guard try await storage.commit([change]) else { return nil }
        heartbeat.hold(lease, since: start, onLoss: onLoss)
        return RingWorkLease(storage: storage, heartbeat: heartbeat, lease: lease, version: record.version)
    }

    /// Whether the right is still this process's, by its own clock.
    package var isHeld: Bool { self.heartbeat.isHolding(self.lease) }

    /// Gives the right back. When the storage fails it ends by itself.
    package func release() async {
        self.heartbeat.drop(self.lease)
        _ = try? await self.storage.commit([.delete(self.lease.id, version: self.version)])
    }
}
