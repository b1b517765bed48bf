internal import Synchronization

/// A database in memory that ends with the process: for tests, and for a script that needs no second run.
///
/// Never for a service: a rotated refresh token that is only in memory is lost with the process.
public final class RingMemoryStorage: RingStorage, RingStorageListing {
    private let database: Database
    /// Whose leases this value takes. Several values stand for several processes in a test.
    private let process: Int

    /// Creates an empty database.
    public convenience init() {
        let start = ContinuousClock.now
        self.init(uptime: { ContinuousClock.now - start })
    }

    /// Creates an empty database whose leases run by another clock.
    ///
    /// - Parameter uptime: A reading that never goes backwards.
    package init(uptime: @escaping @Sendable () -> Duration) {
        self.database = Database(uptime: uptime)
        self.process = self.database.state.withLock { $0.addProcess() }
    }

    private init(joining database: Database) {
        self.database = database
        self.process = database.state.withLock { $0.addProcess() }
    }

    /// The same database as another process sees it.
    package func anotherProcess() -> RingMemoryStorage { RingMemoryStorage(joining: self.database) }

    /// Ends this process without giving anything back.
    ///
    /// - Parameter isVisible: Whether the engine notices, so that leases end at once instead of at their end.
    package func crash(isVisible: Bool) {
        self.database.state.withLock { state in
            state.closed.insert(self.process)
            if isVisible { state.dead.insert(self.process) }
        }
    }

    /// `memory`.
    public var location: String { "memory" }

    /// Reads records by their identifiers.
    ///
    /// - Throws: `RingError` with code `storageFailed` when this value was closed.
    public func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] {
        try self.locked { state, now in ids.compactMap { id in state.rows[id].map { state.read($0, now) } } }
    }

    /// Reads the records that a query matches.
    ///
    /// - Throws: `RingError` with code `storageFailed` when this value was closed.
    public func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        try self.locked { state, now in
            var found: [RingStorageRecord] = []
            for row in state.rows.values {
                let record = state.read(row, now)
                if query.matches(record) { found.append(record) }
            }
            return Array(found.sorted(by: query.precedes).prefix(max(query.limit ?? .max, 0)))
        }
    }

    /// The names of the collections that have records.
    ///
    /// - Throws: `RingError` with code `storageFailed` when this value was closed.
    package func collections() async throws -> [String] {
        try self.locked { state, _ in Array(Set(state.rows.keys.map(\.collection))) }
    }

    /// Makes all of the changes, or none.
    ///
    /// - Throws: `RingError` with code `storageFailed` when this value was closed.
    public func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        try self.locked { state, now in
            for change in changes {
                let stored = state.rows[change.id]?.record.version
                switch change {
                case .put(_, let version, _): guard stored == version else { return false }
                case .delete(_, let version): guard stored == version else { return false }
                }
            }
            for change in changes {
                switch change {
                case .put(var record, _, let leaseChange):
                    record.leaseToken = nil
                    var lease = state.rows[record.id]?.lease
                    switch leaseChange {
                    case .keep: break
                    case .take(let token, let duration):
                        lease = Lease(token: token, process: self.process, until: now + duration)
                    case .release: lease = nil
                    }
                    state.rows[record.id] = Row(record: record, lease: lease)
                case .delete(let id, _): state.rows[id] = nil
                }
            }
            return true
        }
    }

    /// Takes free records that a query matches.
    ///
    /// - Throws: `RingError` with code `storageFailed` when this value was closed.
    public func take(
        matching query: RingStorageQuery, excluding excluded: Set<RingStorageID>, token: Int64, for duration: Duration
    ) async throws -> [RingStorageRecord]? {
        var query = query
        query.isFree = true
        let free = query
        return try self.locked { state, now in
            var found: [RingStorageRecord] = []
            for row in state.rows.values where !excluded.contains(row.record.id) {
                let record = state.read(row, now)
                if free.matches(record) { found.append(record) }
            }
            let lease = Lease(token: token, process: self.process, until: now + duration)
            return found.sorted(by: free.precedes).prefix(max(free.limit ?? .max, 0)).map { record in
                var taken = record
                taken.version &+= 1
                taken.leaseToken = nil
                state.rows[taken.id] = Row(record: taken, lease: lease)
                taken.leaseToken = token
                return taken
            }
        }
    }

    /// Extends leases.
    ///
    /// - Throws: `RingError` with code `storageFailed` when this value was closed.
    public func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        try self.locked { state, now in
            leases.filter { lease in
                guard state.rows[lease.id]?.lease?.token == lease.token else { return false }
                state.rows[lease.id]?.lease?.until = now + duration
                return true
            }
        }
    }

    /// Gives up this value's leases. The data stays as long as another value of the same database does.
    public func close() async { self.crash(isVisible: true) }

    private func locked<Value: Sendable>(_ body: (inout sending State, Duration) -> Value) throws -> Value {
        let now = self.database.uptime()
        let value: Value? = self.database.state.withLock { state in
            state.closed.contains(self.process) ? nil : body(&state, now)
        }
        guard let value else {
            throw RingError(code: .storageFailed, message: "storage in memory: it was closed; make another one")
        }
        return value
    }

    private struct Lease: Sendable {
        var token: Int64
        var process: Int
        var until: Duration
    }

    private struct Row: Sendable {
        var record: RingStorageRecord
        var lease: Lease?
    }

    private struct State: Sendable {
        var rows: [RingStorageID: Row] = [:]
        var processes = 0
        var closed: Set<Int> = []
        /// Processes that have visibly ended: their leases count no longer.
        var dead: Set<Int> = []

        mutating func addProcess() -> Int {
            self.processes += 1
            return self.processes
        }

        func read(_ row: Row, _ now: Duration) -> RingStorageRecord {
            var record = row.record
            if let lease = row.lease, lease.until > now, !self.dead.contains(lease.process) {
                record.leaseToken = lease.token
            }
            return record
        }
    }

    private final class Database: Sendable {
        let uptime: @Sendable () -> Duration
        let state = Mutex(State())

        init(uptime: @escaping @Sendable () -> Duration) { self.uptime = uptime }
    }
}
