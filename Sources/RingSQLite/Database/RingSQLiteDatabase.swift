public import RingCore
internal import Synchronization

/// One SQLite file (or memory) that holds what must survive: tokens, webhooks, open live sessions.
///
/// Several processes of one machine may share a file. Opened several times in one process, whatever the path, a file has
/// one connection. Every call runs on a queue of its own, never on the threads of Swift's concurrency; changes that wait
/// together are committed together. A change is on the disk (`synchronous=FULL`) before the call that made it returns.
public final class RingSQLiteDatabase: RingStorage, RingStorageListing {
    /// Where the database lives.
    public enum Location: Hashable, Sendable {
        /// A file; it and its missing folders are made with modes 0600 and 0700.
        case file(String)
        /// Nothing on the disk: for tests. It ends with the last reference to the database.
        case memory

        /// The path, or `memory`.
        package var text: String {
            switch self {
            case .file(let path): path
            case .memory: "memory"
            }
        }
    }

    private struct State {
        var isClosed = false
        /// Whether the file may name this value as the holder of leases.
        var tookLease = false
    }

    private let engine: RingSQLiteEngine
    private let holder: RingSQLiteLeaseHolder
    private let state = Mutex(State())
    /// The path, or `memory`.
    public let location: String

    private init(location: String, engine: RingSQLiteEngine, machine: RingMachine) {
        self.location = location
        self.engine = engine
        self.holder = RingSQLiteLeaseHolder(machine: machine)
    }

    deinit {
        let state = self.state.withLock { $0 }
        guard !state.isClosed else { return }
        self.engine.release(holder: state.tookLease ? self.holder : nil)
    }

    /// Opens a database, making it when it does not exist, and migrates a file of an earlier release.
    ///
    /// When this process has the file open already, both values share the connection, with the options of the first.
    ///
    /// - Throws: `RingError` with code `storageFailed`, whose cause is a ``RingSQLiteError``: the file is damaged, foreign,
    ///   read-only, locked, on a network file system, written by a newer release, or cannot be made.
    public static func open(
        _ location: Location, options: RingSQLiteOptions = .init()
    ) async throws -> RingSQLiteDatabase {
        try await Self.open(location, options: options, machine: .current)
    }

    /// Opens a database whose leases are judged as on another machine or by another clock.
    package static func open(
        _ location: Location, options: RingSQLiteOptions = .init(), machine: RingMachine
    ) async throws -> RingSQLiteDatabase {
        try await Self.asRingError {
            let engine = try await RingSQLiteRegistry.engine(location, options)
            var machine = machine
            if options.allowsNetworkFileSystem { machine = machine.amongOthers }
            return RingSQLiteDatabase(location: location.text, engine: engine, machine: machine)
        }
    }

    /// The same database, with leases of its own: for memory, which cannot be opened twice.
    ///
    /// - Throws: ``RingSQLiteError`` when it is closed.
    package func anotherHandle() throws -> RingSQLiteDatabase {
        guard self.engine.join() else { throw self.engine.closed }
        return RingSQLiteDatabase(location: self.location, engine: self.engine, machine: self.holder.machine)
    }

    /// Reads records by their identifiers, all in one snapshot.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] {
        let holder = self.holder
        return try await self.asRingError {
            try await self.perform(.read(isSnapshot: ids.count > 1)) { connection in
                try ids.compactMap { try connection.record($0, for: holder) }
            }
        }
    }

    /// Reads the records that a query matches.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        let holder = self.holder
        return try await self.asRingError {
            // Judging a lease reads a second table, in the same snapshot.
            try await self.perform(.read(isSnapshot: true)) { try $0.records(matching: query, for: holder) }
        }
    }

    /// Reads the names of the records that a query matches, in the index alone.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func names(matching query: RingStorageQuery) async throws -> [String] {
        let holder = self.holder
        return try await self.asRingError {
            try await self.perform(.read(isSnapshot: query.isFree)) { try $0.names(matching: query, for: holder) }
        }
    }

    /// Counts the records that a query matches, in the index alone.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    public func count(matching query: RingStorageQuery) async throws -> Int {
        let holder = self.holder
        return try await self.asRingError {
            try await self.perform(.read(isSnapshot: true)) { try $0.count(matching: query, for: holder) }
        }
    }

    /// Makes all of the changes, or none, durably.
    ///
    /// - Throws: `RingError` with code `storageFailed`; nothing was changed, unless the disk failed while it was to
    ///   confirm.
    public func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        if changes.isEmpty { return true }
        let holder = self.holder
        if changes.contains(where: \.takesLease) { self.state.withLock { $0.tookLease = true } }
        return try await self.asRingError {
            let shrinks = changes.contains(where: \.isDeletion)
            return try await self.perform(.write(hasSavepoint: false, shrinks: shrinks)) {
                try $0.commit(changes, for: holder)
            }
        }
    }

    /// Extends leases.
    ///
    /// - Throws: `RingError` with code `storageFailed`; the leases keep the end they had.
    public func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        if leases.isEmpty { return [] }
        let holder = self.holder
        self.state.withLock { $0.tookLease = true }
        return try await self.asRingError {
            try await self.perform(.write(hasSavepoint: false, shrinks: false)) {
                try $0.extend(leases, by: duration, for: holder)
            }
        }
    }

    /// The names of the collections that have records.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    package func collections() async throws -> [String] {
        try await self.asRingError {
            try await self.read { try $0.query("SELECT DISTINCT collection FROM ring_record") { $0.text(0) } }
        }
    }

    /// Gives up the leases and closes the file after the calls under way. Later calls throw `RingError` with code
    /// `storageFailed`.
    public func close() async {
        let old = self.state.withLock { state in
            defer { state.isClosed = true }
            return state
        }
        guard !old.isClosed else { return }
        await withCheckedContinuation { continuation in
            self.engine.release(holder: old.tookLease ? self.holder : nil) { continuation.resume() }
        }
    }

    /// Reads in one snapshot of the database.
    ///
    /// - Throws: ``RingSQLiteError``, and what `body` throws.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (RingSQLiteConnection) throws -> Value
    ) async throws -> Value {
        try await self.perform(.read(isSnapshot: true), body)
    }

    /// Changes the database: all of `body`, durably, or nothing.
    ///
    /// The transaction holds the write lock of the file from its start, so what `body` reads cannot change under it.
    /// It may share its commit with other changes, and `body` may run more than once: it must touch nothing but the
    /// connection. A cancelled caller does not undo it.
    ///
    /// - Throws: ``RingSQLiteError``, and what `body` throws; then nothing was changed.
    @discardableResult
    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (RingSQLiteConnection) throws -> Value
    ) async throws -> Value {
        try await self.perform(.write(hasSavepoint: true, shrinks: false), body)
    }

    private func perform<Value: Sendable>(
        _ mode: RingSQLiteJob.Mode, _ body: @escaping @Sendable (RingSQLiteConnection) throws -> Value
    ) async throws -> Value {
        guard !self.state.withLock({ $0.isClosed }) else { throw self.engine.closed }
        return try await self.engine.perform(mode, body)
    }

    private func asRingError<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await Self.asRingError(body)
    }

    private static func asRingError<Value>(_ body: () async throws -> Value) async throws -> Value {
        do { return try await body() } catch let error as RingSQLiteError { throw error.asRingError() }
    }
}

/// How a database is opened.
public struct RingSQLiteOptions: Hashable, Sendable {
    /// How long a statement waits for another process that holds the file. Default: five seconds.
    public var busyTimeout: Duration
    /// How many waiting changes share one commit, at most. One turns group commit off. Default: 128.
    public var maximumGroup: Int
    /// Whether a file may be on a network file system, where the locks and the shared memory of SQLite often fail, and with
    /// them every guarantee. Default: no.
    public var allowsNetworkFileSystem: Bool

    /// Creates a set of options.
    public init(
        busyTimeout: Duration = .seconds(5), maximumGroup: Int = 128, allowsNetworkFileSystem: Bool = false
    ) {
        self.busyTimeout = busyTimeout
        self.maximumGroup = maximumGroup
        self.allowsNetworkFileSystem = allowsNetworkFileSystem
    }
}

extension RingStorageChange {
    fileprivate var takesLease: Bool {
        if case .put(_, _, .take) = self { true } else { false }
    }

    fileprivate var isDeletion: Bool {
        if case .delete = self { true } else { false }
    }
}
