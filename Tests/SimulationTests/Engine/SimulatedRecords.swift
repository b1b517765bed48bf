package import RingCore
internal import Synchronization

/// What the storage of a simulation holds, for invariants: read at once, without a call.
package final class SimulatedRecords: Sendable {
    /// One record.
    package struct Row: Sendable {
        /// As it was written last.
        package var record: RingStorageRecord
        /// The lease that was taken last and not given back; it may have ended.
        package var lease: Lease?
    }

    /// One lease.
    package struct Lease: Sendable {
        package var token: Int64
        package var holder: SimulatedProcess
        package var until: Duration
        /// When it was taken or extended last.
        package var since: Duration
    }

    /// Told of each change when it has been made; with the record before it.
    package typealias Watch =
        @Sendable (_ change: RingStorageChange, _ old: Row?, _ process: SimulatedProcess) -> Void

    private struct State: Sendable {
        var rows: [RingStorageID: Row] = [:]
        var watch: Watch = { _, _, _ in }
    }

    private let simulation: Simulation
    private let state = Mutex(State())

    /// Creates the mirror of an empty storage.
    package init(_ simulation: Simulation) { self.simulation = simulation }

    /// Says who is told of changes.
    package func watch(_ watch: @escaping Watch) { self.state.withLock { $0.watch = watch } }

    /// One record.
    package func row(_ id: RingStorageID) -> Row? { self.state.withLock { $0.rows[id] } }

    /// The records of a collection, by name.
    package func rows(in collection: String) -> [Row] {
        self.state.withLock { state in state.rows.values.filter { $0.record.id.collection == collection } }
            .sorted { $0.record.id.name < $1.record.id.name }
    }

    /// The number of records.
    package var count: Int { self.state.withLock { $0.rows.count } }

    /// The records with a lease that has not ended.
    package var leased: [Row] {
        let now = self.simulation.now
        return self.state.withLock { state in state.rows.values.filter { $0.lease.map { $0.until > now } ?? false } }
            .sorted { ($0.record.id.collection, $0.record.id.name) < ($1.record.id.collection, $1.record.id.name) }
    }

    /// The lease on a record that has not ended.
    package func lease(on id: RingStorageID) -> Lease? {
        let now = self.simulation.now
        return self.state.withLock { $0.rows[id]?.lease }.flatMap { $0.until > now ? $0 : nil }
    }

    func committed(_ changes: [RingStorageChange], by process: SimulatedProcess) {
        let now = self.simulation.now
        for change in changes {
            let (old, watch) = self.state.withLock { state in
                let old = state.rows[change.id]
                switch change {
                case .put(let record, _, let lease):
                    var row = Row(record: record, lease: old?.lease)
                    switch lease {
                    case .keep: break
                    case .take(let token, let duration):
                        row.lease = Lease(token: token, holder: process, until: now + duration, since: now)
                    case .release: row.lease = nil
                    }
                    state.rows[change.id] = row
                case .delete: state.rows[change.id] = nil
                }
                return (old, state.watch)
            }
            watch(change, old, process)
        }
    }

    func extended(_ leases: [RingStorageLease], by duration: Duration) {
        let now = self.simulation.now
        self.state.withLock { state in
            for lease in leases {
                // One that had ended before is extended by the engine when nobody took it. Its holder has given it up.
                guard let old = state.rows[lease.id]?.lease, old.token == lease.token, old.until > now else { continue }
                state.rows[lease.id]?.lease?.until = now + duration
                state.rows[lease.id]?.lease?.since = now
            }
        }
    }

    /// The engine has noticed the end of a process.
    func ended(_ process: SimulatedProcess) {
        self.state.withLock { state in
            for (id, row) in state.rows where row.lease?.holder === process { state.rows[id]?.lease = nil }
        }
    }
}
