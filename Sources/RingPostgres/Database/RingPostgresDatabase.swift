public import RingCore
internal import Synchronization

/// One PostgreSQL database that holds what must survive, for a service that runs on several machines.
///
/// ```swift
/// let storage = try await RingPostgresDatabase.open("postgres://ring@db.example.com/ring?sslmode=verify-full")
/// ```
///
/// Leases run by the server's clock. A change is on the server's disk before the call that made it returns, and on that of a
/// synchronous standby when the server has one. Every call runs on threads of the pool, never on those of Swift's concurrency;
/// calls that wait together share a round trip, and changes a commit.
public final class RingPostgresDatabase: RingStorage, RingStorageListing {
    private let pool: PostgresPool
    private let sql: PostgresSQL
    /// The schema of the tables, for tests.
    package var schema: String { self.sql.schema }
    private let processes: PostgresProcesses
    /// Names this value as a holder of leases.
    private let process: Int64
    private let notifications: PostgresNotifications
    private let budget: PostgresRateBudget?
    private let state = Mutex(State())
    /// Host and database, without user and password.
    public let location: String

    private struct State {
        var isClosed = false
    }

    private init(_ pool: PostgresPool, _ sql: PostgresSQL, _ machine: RingMachine) {
        self.pool = pool
        self.sql = sql
        let process = Int64.random(in: 1 ... .max)
        self.process = process
        self.location = pool.settings.location
        self.notifications = PostgresNotifications(pool, sql, process: self.process)
        let processes = PostgresProcesses(pool, sql, machine, process: process)
        self.processes = processes
        self.budget = pool.options.requestsPerSecond.map {
            PostgresRateBudget(pool, sql, process: process, limit: $0) {
                // It is tried again in a second; a call that takes a lease registers too, and throws.
                try? await processes.register()
                await processes.removeEndedNeighbours()
            }
        }
    }

    /// Opens a database, and makes its tables when they do not exist or are of an earlier release.
    ///
    /// - Parameters:
    ///   - target: A `postgres://` URL or a connection string of libpq, which may name several hosts. An empty text uses the
    ///     `PG…` environment variables alone; they also complete what the text leaves out, such as `PGPASSWORD`.
    ///   - options: Schema, connections and limits.
    /// - Throws: `RingError` with code `storageFailed`: the server cannot be reached, refuses the user, or its tables were made
    ///   by a newer release.
    public static func open(
        _ target: String, options: RingPostgresOptions = .init()
    ) async throws -> RingPostgresDatabase {
        try await Self.open(target, options: options, machine: .current)
    }

    /// Opens a database as a process of another machine.
    package static func open(
        _ target: String, options: RingPostgresOptions = .init(), machine: RingMachine
    ) async throws -> RingPostgresDatabase {
        var location = "PostgreSQL"
        do {
            let settings = try PostgresSettings(target, patience: options.connectionTimeout)
            location = settings.location
            let sql = try PostgresSQL(schema: options.schema)
            let pool = PostgresPool(settings, options)
            do {
                try await PostgresMigration(pool: pool, schema: PostgresSchema(sql: sql)).run()
            } catch {
                await pool.close()
                throw error
            }
            return RingPostgresDatabase(pool, sql, machine)
        } catch let failure as PostgresFailure {
            throw failure.asRingError(location)
        }
    }

    /// The SQL that makes the tables, for an administrator who creates them by hand.
    ///
    /// - Throws: `RingError` with code `storageFailed` when the name of the schema is not a plain one.
    public static func schemaScript(schema: String = RingPostgresOptions().schema) throws -> String {
        do { return PostgresSchema(sql: try PostgresSQL(schema: schema)).script } catch let failure as PostgresFailure {
            throw failure.asRingError("PostgreSQL")
        }
    }

    // MARK: Reading

    /// Reads records by their identifiers, all in one snapshot.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] {
        if ids.isEmpty { return [] }
        await self.processes.removeEndedNeighbours()
        let call = PostgresCall(
            sql: self.sql.records,
            values: [.texts(ids.map(\.collection)), .byteStrings(ids.map { Array($0.name.utf8) })])
        return try await self.run(call, isWrite: false) { result in
            (0..<result.count).compactMap { row in
                let position = Int(result.integer(row, 0)) - 1
                guard ids.indices.contains(position) else { return nil }
                return result.record(row, in: ids[position].collection)
            }
        }
    }

    /// Reads the records that a query matches.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        guard query.canMatch else { return [] }
        await self.processes.removeEndedNeighbours()
        return try await self.run(self.sql.query(query), isWrite: false) { result in
            (0..<result.count).map { result.record($0, in: query.collection.name) }
        }
    }

    /// Counts the records that a query matches, in the index alone.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func count(matching query: RingStorageQuery) async throws -> Int {
        guard query.canMatch else { return 0 }
        await self.processes.removeEndedNeighbours()
        return try await self.run(self.sql.query(query, counts: true), isWrite: false) { Int($0.integer(0, 0)) }
    }

    // MARK: Writing

    /// Makes all of the changes, or none, durably.
    ///
    /// - Throws: `RingError` with code `storageFailed`. Its message says whether the changes may have been made.
    public func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        if changes.isEmpty { return true }
        if changes.contains(where: \.takesLease) { try await self.register() }
        let (call, isMade) = self.calls(changes)
        let made = try await self.run(call, isWrite: true, isMade)
        if made { self.notifications.announce(changes.map(\.id)) }
        return made
    }

    /// Extends leases.
    ///
    /// - Throws: `RingError` with code `storageFailed`; the leases keep the end they had.
    public func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        if leases.isEmpty { return [] }
        try await self.register()
        // Rows are locked in one order, so that two extensions do not wait for each other.
        let ordered = leases.sorted { ($0.id.collection, $0.id.name) < ($1.id.collection, $1.id.name) }
        let call = PostgresCall(
            sql: self.sql.extend,
            values: [
                .texts(ordered.map(\.id.collection)), .byteStrings(ordered.map { Array($0.id.name.utf8) }),
                .integers(ordered.map(\.token)), .integer(duration.wholeMicroseconds), .integer(self.process),
            ])
        let kept = try await self.run(call, isWrite: true) { result in
            Set(
                (0..<result.count).compactMap { row -> RingStorageLease? in
                    let position = Int(result.integer(row, 0)) - 1
                    return ordered.indices.contains(position) ? ordered[position] : nil
                })
        }
        return leases.filter(kept.contains)
    }

    private func call(_ change: RingStorageChange) -> PostgresCall {
        switch change {
        case .delete(let id, let version):
            return PostgresCall(
                sql: self.sql.delete, values: [.text(id.collection), .bytes(Array(id.name.utf8)), .integer(version)])
        case .put(let record, let old, let lease):
            var values: [PostgresValue] = [
                .text(record.id.collection), .bytes(Array(record.id.name.utf8)), .integer(record.version),
                .bytes(record.payload),
            ]
            values += record.encodedKeys.map { PostgresValue($0) }
            let kind = lease.kind
            if case .take(let token, let duration) = lease {
                values += [.integer(token), .integer(duration.wholeMicroseconds), .integer(self.process)]
            }
            guard let old else {
                return PostgresCall(sql: self.sql.insert(kind == .take ? .take : .keep), values: values)
            }
            return PostgresCall(sql: self.sql.update(kind), values: values + [.integer(old)])
        }
    }

    private func call(_ changes: [RingStorageChange]) -> PostgresCall {
        var olds: [Int64?] = []
        var versions: [Int64?] = []
        var keys: [[UInt8]?] = []
        var payloads: [[UInt8]?] = []
        var leases: [Int64?] = []
        var tokens: [Int64?] = []
        var durations: [Int64?] = []
        for change in changes {
            switch change {
            case .delete(_, let version):
                olds.append(version)
                versions.append(nil)
                keys += [[UInt8]?](repeating: nil, count: RingStorageCollection.maximumIndexCount)
                payloads.append(nil)
                leases.append(nil)
                tokens.append(nil)
                durations.append(nil)
            case .put(let record, let old, let lease):
                olds.append(old)
                versions.append(record.version)
                keys += record.encodedKeys
                payloads.append(record.payload)
                leases.append(lease.kind.rawValue)
                if case .take(let token, let duration) = lease {
                    tokens.append(token)
                    durations.append(duration.wholeMicroseconds)
                } else {
                    tokens.append(nil)
                    durations.append(nil)
                }
            }
        }
        return PostgresCall(
            sql: self.sql.commit,
            values: [
                .texts(changes.map(\.id.collection)), .byteStrings(changes.map { Array($0.id.name.utf8) }),
                .integers(olds), .integers(versions), .byteStrings(keys), .byteStrings(payloads), .integers(leases),
                .integers(tokens), .integers(durations), .integer(self.process),
            ])
    }

    // MARK: Closing

    /// Gives up the leases and closes the connections after the calls under way. Later calls throw `RingError` with code
    /// `storageFailed`.
    public func close() async { await self.beginClosing()?() }

    deinit {
        guard let close = self.beginClosing() else { return }
        Task { await close() }
    }

    /// - Returns: What is left to do; `nil` when it was closed before.
    private func beginClosing() -> (@Sendable () async -> Void)? {
        let wasClosed = self.state.withLock { state in
            defer { state.isClosed = true }
            return state.isClosed
        }
        guard !wasClosed else { return nil }
        return { [notifications, budget, processes, pool] in
            await notifications.close()
            await budget?.close()
            await processes.leave()
            await pool.close()
        }
    }

    /// A transaction on a connection of its own.
    public func transaction() -> (any RingStorageTransaction)? {
        PostgresTransaction(self.pool, location: self.location) { changes in self.calls(changes) }
    }

    /// The statements of changes, each with the check that it was made.
    private func calls(_ changes: [RingStorageChange]) -> (PostgresCall, @Sendable (PostgresResult) -> Bool) {
        var call: PostgresCall
        let isMade: @Sendable (PostgresResult) -> Bool
        if changes.count == 1, let change = changes.first {
            call = self.call(change)
            isMade = { $0.changedRows == 1 }
        } else {
            call = self.call(changes)
            isMade = { $0.boolean(0, 0) }
        }
        let names = changes.map { Array($0.id.description.utf8) }
        call.firstRecord = names.min { $0.lexicographicallyPrecedes($1) } ?? []
        return (call, isMade)
    }

    // MARK: Shared with other processes

    /// The requests of each second that all processes of this database share.
    public var rateBudget: (any RingRateBudget)? { self.budget }

    /// Identifiers of records that other processes changed. Some may be missing, such as while the server restarts.
    public func changes(in collection: RingStorageCollection) -> AsyncStream<RingStorageID>? {
        self.notifications.changes(in: collection)
    }

    /// The names of the collections that have records.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    package func collections() async throws -> [String] {
        try await self.run(PostgresCall(sql: self.sql.collections), isWrite: false) { result in
            (0..<result.count).map { result.text($0, 0) }
        }
    }

    /// Runs one statement without values, for tests and tools.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    package func execute(_ sql: String) async throws -> Int {
        try await self.run(PostgresCall(sql: sql), isWrite: true) { $0.changedRows }
    }

    private func register() async throws {
        do { try await self.processes.register() } catch let failure as PostgresFailure {
            throw failure.asRingError(self.location)
        }
    }

    @discardableResult
    private func run<Value: Sendable>(
        _ call: PostgresCall, isWrite: Bool, _ convert: @escaping @Sendable (PostgresResult) -> Value
    ) async throws -> Value {
        do {
            guard !self.state.withLock({ $0.isClosed }) else { throw PostgresPool.closed }
            let value: Value? = try await self.pool.run([call], isWrite: isWrite) { $0.first.map(convert) }
            guard let value else { throw PostgresFailure(kind: .lost, text: "a statement ended without its result") }
            return value
        } catch let failure as PostgresFailure {
            throw failure.asRingError(self.location)
        }
    }
}

extension PostgresResult {
    /// A row of position, name, version, keys, lease token and payload.
    func record(_ row: Int, in collection: String) -> RingStorageRecord {
        var keys: [RingStorageKey?] = []
        for column in 0..<RingStorageCollection.maximumIndexCount {
            guard let key = self.optionalBytes(row, Int32(column) + 3).flatMap(PostgresKey.decoded) else { continue }
            // Missing positions count as nil.
            while keys.count < column { keys.append(nil) }
            keys.append(key)
        }
        let last = Int32(RingStorageCollection.maximumIndexCount) + 3
        let name = self.text(row, 1)
        return RingStorageRecord(
            id: RingStorageID(RingStorageCollection(name: collection, indexes: []), name),
            version: self.integer(row, 2), keys: keys, payload: self.bytes(row, last + 1),
            leaseToken: self.optionalInteger(row, last))
    }
}

extension RingStorageRecord {
    /// One value for each position.
    fileprivate var encodedKeys: [[UInt8]?] {
        (0..<RingStorageCollection.maximumIndexCount).map { index in
            self.keys.indices.contains(index) ? self.keys[index].map(PostgresKey.encoded) : nil
        }
    }
}

extension RingStorageQuery {
    /// Whether anything can match.
    fileprivate var canMatch: Bool {
        if let limit, limit <= 0 { return false }
        return self.index.map { (0..<RingStorageCollection.maximumIndexCount).contains($0) } ?? true
    }
}

extension RingLeaseChange {
    fileprivate var kind: PostgresSQL.Lease {
        switch self {
        case .keep: .keep
        case .take: .take
        case .release: .release
        }
    }
}

extension RingStorageChange {
    fileprivate var takesLease: Bool {
        if case .put(_, _, .take) = self { true } else { false }
    }
}

extension Duration {
    /// Kept within what the number can hold, and not below zero.
    fileprivate var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = self.components
        if seconds < 0 || attoseconds < 0 { return 0 }
        return min(seconds, 86_400) * 1_000_000 + attoseconds / 1_000_000_000_000
    }
}
