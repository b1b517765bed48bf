package import RingCore

/// The storage of one simulated process, with faults.
///
/// It stands in front of a handle of a `RingMemoryStorage`. A call takes some time on each way. It can end the process
/// before or after its effect, and it can fail before or after it.
package struct SimulatedStorage: RingStorage {
    private let process: SimulatedProcess
    private let base: RingMemoryStorage
    private let mirror: SimulatedRecords?
    /// Whether it takes free records in one call. Processes with and without share a storage.
    private let takes: Bool

    /// Creates the storage of a process.
    ///
    /// - Parameters:
    ///   - process: Whose calls these are. When it ends, `base` is closed.
    ///   - base: A handle that no other process uses.
    ///   - isEndVisible: Whether the engine notices the end, so that leases are free at once.
    ///   - mirror: Learns of every change, for invariants.
    package init(
        _ process: SimulatedProcess, _ base: RingMemoryStorage, isEndVisible: Bool, mirror: SimulatedRecords? = nil
    ) {
        self.process = process
        self.base = base
        self.mirror = mirror
        self.takes = process.simulation.chance(0.5)
        process.atEnd {
            base.crash(isVisible: isEndVisible)
            if isEndVisible { mirror?.ended(process) }
        }
    }

    package var location: String { "simulated memory" }

    package func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] {
        try await self.call("reads", ids.first?.description) { try await self.base.records(ids) }
    }

    package func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        try await self.call("queries", query.collection.name) { try await self.base.records(matching: query) }
    }

    package func count(matching query: RingStorageQuery) async throws -> Int {
        try await self.call("counts", query.collection.name) { try await self.base.count(matching: query) }
    }

    package func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        let done = try await self.call("commits", changes.first?.id.description) {
            let isDone = try await self.base.commit(changes)
            if isDone { self.mirror?.committed(changes, by: self.process) }
            self.process.simulation.note(
                isDone ? "committed" : "conflict", self.process, changes.first?.id.description ?? "")
            return isDone
        }
        return done
    }

    package func take(
        matching query: RingStorageQuery, excluding excluded: Set<RingStorageID>, token: Int64, for duration: Duration
    ) async throws -> [RingStorageRecord]? {
        guard self.takes else { return nil }
        return try await self.call("takes", query.collection.name) {
            let taken = try await self.base.take(
                matching: query, excluding: excluded, token: token, for: duration)
            let changes = (taken ?? []).map {
                RingStorageChange.put($0, replacing: $0.version &- 1, lease: .take(token: token, for: duration))
            }
            self.mirror?.committed(changes, by: self.process)
            return taken
        }
    }

    package func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        try await self.call("extends", leases.first?.id.description) {
            let kept = try await self.base.extend(leases, by: duration)
            self.mirror?.extended(kept, by: duration)
            return kept
        }
    }

    package func close() async {
        self.process.simulation.note("closes", self.process)
        await self.base.close()
        self.mirror?.ended(self.process)
    }

    private func call<Value: Sendable>(
        _ kind: StaticString, _ detail: String?, _ effect: () async throws -> Value
    ) async throws -> Value {
        try self.process.checkAlive()
        let simulation = self.process.simulation
        let faults = simulation.faults.storage
        let isOut = self.process.isStorageOut
        let fate = isOut ? (simulation.chance(0.1) ? .failAfter : .failBefore) : simulation.fate(faults)
        simulation.note(kind, self.process, "\(detail ?? "nothing")\(fate == .success ? "" : ", \(fate)")")
        let (there, back) = (faults.time(simulation), faults.time(simulation))
        if fate == .failBefore || fate == .failAfter || there + back > .seconds(1) { self.process.noteTrouble() }
        try await self.process.delay(there)
        if fate == .endBefore { self.process.end() }
        try self.process.checkAlive()
        if fate == .failBefore {
            self.process.noteTrouble()
            throw Self.failure
        }
        let value = try await effect()
        if fate == .endAfter { self.process.end() }
        try await self.process.delay(back)
        if fate != .success || back > .seconds(1) { self.process.noteTrouble() }
        if fate == .failAfter { throw Self.failure }
        return value
    }

    private static var failure: RingError { RingError(code: .storageFailed, message: "the simulated storage failed") }
}
