internal import Dispatch
internal import Synchronization

/// One SQLite file (or memory) that holds what must survive: tokens, webhooks, open live sessions.
///
/// Several rooms share one file, several processes may share it too. Every call runs on a queue of its own, never on
/// the threads of Swift's concurrency; changes that wait together are committed together. A change is on the disk
/// (`synchronous=FULL`) before the call that made it returns.
public final class RingSQLiteDatabase: Sendable {
    /// Where the database lives.
    public enum Location: Hashable, Sendable, CustomStringConvertible {
        /// A file; it and its missing folders are made with modes 0600 and 0700.
        case file(String)
        /// Nothing on the disk: for tests. It ends with the last reference to the database.
        case memory

        /// The path, or `memory`.
        public var description: String {
            switch self {
            case .file(let path): path
            case .memory: "memory"
            }
        }
    }

    /// Where this database lives.
    public let location: Location
    private let options: RingSQLiteOptions
    private let queue: DispatchQueue
    private let state: Mutex<State>

    private struct State {
        var connection: RingSQLiteConnection?
        var waiting: [RingSQLiteJob] = []
        var isScheduled = false
    }

    private init(location: Location, options: RingSQLiteOptions, queue: DispatchQueue, connection: RingSQLiteConnection)
    {
        self.location = location
        self.options = options
        self.queue = queue
        self.state = Mutex(State(connection: connection))
    }

    /// Opens a database, making it when it does not exist.
    ///
    /// - Throws: ``RingSQLiteError``: the file is damaged, foreign, read-only, locked, or cannot be made.
    public static func open(_ location: Location, options: RingSQLiteOptions = .init()) async throws
        -> RingSQLiteDatabase
    {
        // A serial queue has threads of its own; blocking one takes none from Swift's concurrency.
        let queue = DispatchQueue(label: "ring.sqlite")
        let connection = try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try RingSQLiteOpening.open(location, options: options) }) }
        }
        return RingSQLiteDatabase(location: location, options: options, queue: queue, connection: connection)
    }

    /// Closes the file after the calls under way. Later calls throw ``RingSQLiteError/Code/closed``.
    public func close() async {
        await withCheckedContinuation { continuation in
            self.queue.async {
                self.state.withLock { $0.connection = nil }
                continuation.resume()
            }
        }
    }

    /// Brings one room's tables up to date; safe when several processes start at once.
    ///
    /// - Throws: ``RingSQLiteError``.
    package func migrate(_ migration: RingSQLiteMigration) async throws {
        let path = self.location.description
        try await self.write { try migration.apply(to: $0, path: path) }
    }

    /// Reads in one snapshot of the database.
    ///
    /// - Throws: ``RingSQLiteError``, and what `body` throws.
    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (RingSQLiteConnection) throws -> Value
    ) async throws -> Value {
        try await self.perform(isWrite: false, body)
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
        try await self.perform(isWrite: true, body)
    }

    private func perform<Value: Sendable>(
        isWrite: Bool, _ body: @escaping @Sendable (RingSQLiteConnection) throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let box = RingSQLiteBox<Value>()
            self.enqueue(
                RingSQLiteJob(
                    isWrite: isWrite,
                    run: { connection in
                        let value = try body(connection)
                        box.value.withLock { $0 = value }
                    },
                    finish: { error in
                        if let error { return continuation.resume(throwing: error) }
                        guard let value = box.value.withLock({ $0 }) else {
                            return continuation.resume(
                                throwing: RingSQLiteError(code: .misuse, message: "A change ended without its result."))
                        }
                        continuation.resume(returning: value)
                    }))
        }
    }

    private func enqueue(_ job: RingSQLiteJob) {
        let mustSchedule = self.state.withLock { state in
            state.waiting.append(job)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if mustSchedule { self.queue.async { self.drain() } }
    }

    /// Runs on the queue until nothing waits.
    private func drain() {
        while true {
            let (jobs, connection) = self.state.withLock { state in
                let jobs = state.waiting
                state.waiting = []
                if jobs.isEmpty { state.isScheduled = false }
                return (jobs, state.connection)
            }
            if jobs.isEmpty { return }
            guard let connection else {
                let error = RingSQLiteError(code: .closed, message: "\(self.location) was closed. Open it again.")
                for job in jobs { job.finish(error) }
                continue
            }
            RingSQLiteBatch(connection: connection, maximumGroup: self.options.maximumGroup).run(jobs)
        }
    }
}
