public import RingCore
internal import Synchronization

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// One PostgreSQL database that holds what must survive, for a service that runs on several machines.
///
/// ```swift
/// let storage = try await RingPostgresDatabase.open("postgres://ring@db.example.com/ring?sslmode=verify-full")
/// ```
///
/// Leases run by the server's clock. A change is on the server's disk before the call that made it returns, and on that of a
/// synchronous standby when the server has one. Every call runs on threads of the pool, never on those of Swift's concurrency;
/// calls that wait together share a round trip, and changes a commit.
public final class RingPostgresDatabase: RingStorage, RingStorageListing, RingStorageClock {
    private let pool: PostgresPool
    let sql: PostgresSQL
    /// The schema of the tables, for tests.
    package var schema: String { self.sql.schema }
    /// How many calls wait for a connection, for tests.
    package var waitingCallCount: Int { self.pool.waitingCount }
    private let processes: PostgresProcesses
    /// Names this value as a holder of leases.
    let process: Int64
    private let notifications: PostgresNotifications
    private let budget: PostgresRateBudget?
    private let state = Mutex(State())
    /// Host and database, without user and password.
    public let location: String

    private struct State {
        var isClosed = false
    }

    private init(
        _ pool: PostgresPool, _ sql: PostgresSQL, _ machine: RingMachine, _ environment: RingEnvironment
    ) {
        self.pool = pool
        self.sql = sql
        let process = Int64.random(in: 1 ... .max)
        self.process = process
        self.location = pool.settings.location
        self.notifications = PostgresNotifications(pool, sql, process: self.process)
        let processes = PostgresProcesses(pool, sql, machine, process: process, clock: environment.clock)
        self.processes = processes
        self.budget = pool.options.requestsPerSecond.map { limit in
            PostgresRateBudget(
                PostgresRateTable(pool: pool, sql: sql, process: process, limit: max(limit, 1)), limit: limit,
                onlyCounts: pool.options.onlyCountsRequests, environment: environment
            ) {
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

    /// Opens a database as a process of another machine, or with another clock.
    package static func open(
        _ target: String, options: RingPostgresOptions = .init(), machine: RingMachine,
        environment: RingEnvironment = RingEnvironment()
    ) async throws -> RingPostgresDatabase {
        var location = "PostgreSQL"
        do {
            let settings = try PostgresSettings(target, patience: options.connectionTimeout)
            location = settings.location
            let sql = try PostgresSQL(schema: options.schema)
            let pool = PostgresPool(settings, options)
            do {
                try await PostgresMigration(pool: pool, schema: PostgresSchema(sql: sql)).run()
                let database = RingPostgresDatabase(pool, sql, machine, environment)
                try await database.processes.readClock()
                return database
            } catch {
                await pool.close()
                throw error
            }
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

    /// The date by the server's clock.
    package var now: Date? { self.processes.now }

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
        return try await self.run(call) { result in
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
        return try await self.run(self.sql.query(query)) { result in
            (0..<result.count).map { result.record($0, in: query.collection.name) }
        }
    }

    /// Counts the records that a query matches, in the index alone.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func count(matching query: RingStorageQuery) async throws -> Int {
        guard query.canMatch else { return 0 }
        await self.processes.removeEndedNeighbours()
        return try await self.run(self.sql.query(query, .count)) { Int($0.integer(0, 0)) }
    }

    /// Reads the names of the records that a query matches, in the index alone where the table was vacuumed.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func names(matching query: RingStorageQuery) async throws -> [String] {
        guard query.canMatch else { return [] }
        if query.isFree { await self.processes.removeEndedNeighbours() }
        return try await self.run(self.sql.query(query, .names)) { $0.texts(0, 0, separator: 0xff) }
    }

    // MARK: Writing

    /// Makes all of the changes, or none, durably.
    ///
    /// - Throws: `RingError` with code `storageFailed`. Its message says whether the changes may have been made.
    public func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        if changes.isEmpty { return true }
        if changes.contains(where: \.takesLease) { try await self.register() }
        let (call, isMade) = self.calls(changes)
        let made = try await self.run(call, .change, isMade)
        if made { self.notifications.announce(changes.map(\.id)) }
        return made
    }

    /// Takes free records that a query matches, and passes over those that other machines take at the moment.
    ///
    /// - Throws: `RingError` with code `storageFailed`. Records may then have been taken; their leases end by themselves.
    public func take(
        matching query: RingStorageQuery, excluding excluded: Set<RingStorageID>, token: Int64, for duration: Duration
    ) async throws -> [RingStorageRecord]? {
        guard query.canMatch else { return [] }
        await self.processes.removeEndedNeighbours()
        try await self.register()
        let names = excluded.filter { $0.collection == query.collection.name }.map { Array($0.name.utf8) }
        let call = self.sql.take(
            query, excluding: names, token: token, microseconds: duration.wholeMicroseconds, process: self.process)
        let taken = try await self.run(call, .alone) { result in
            (0..<result.count).map { result.record($0, in: query.collection.name) }
        }
        return taken.sorted(by: query.precedes)
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
        let kept = try await self.run(call, .change) { result in
            Set(
                (0..<result.count).compactMap { row -> RingStorageLease? in
                    let position = Int(result.integer(row, 0)) - 1
                    return ordered.indices.contains(position) ? ordered[position] : nil
                })
        }
        return leases.filter(kept.contains)
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
        try await self.run(PostgresCall(sql: self.sql.collections)) { result in
            (0..<result.count).map { result.text($0, 0) }
        }
    }

    /// Runs one statement without values, for tests and tools.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    package func execute(_ sql: String) async throws -> Int {
        try await self.run(PostgresCall(sql: sql), .change) { $0.changedRows }
    }

    private func register() async throws {
        do { try await self.processes.register() } catch let failure as PostgresFailure {
            throw failure.asRingError(self.location)
        }
    }

    @discardableResult
    private func run<Value: Sendable>(
        _ call: PostgresCall, _ kind: PostgresJob.Kind = .repeatable,
        _ convert: @escaping @Sendable (PostgresResult) -> Value
    ) async throws -> Value {
        do {
            guard !self.state.withLock({ $0.isClosed }) else { throw PostgresPool.closed }
            let value: Value? = try await self.pool.run([call], kind) { $0.first.map(convert) }
            guard let value else { throw PostgresFailure(kind: .lost, text: "a statement ended without its result") }
            return value
        } catch let failure as PostgresFailure {
            throw failure.asRingError(self.location)
        }
    }
}
