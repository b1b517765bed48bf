public import RingCore
internal import Synchronization

/// A storage that fails when a test says so, in front of one that works.
public final class FaultyStorage: RingStorage {
    /// When a planned failure comes.
    public enum Moment: Hashable, Sendable {
        /// Before the call has an effect.
        case before
        /// After the changes were made: the caller cannot know that.
        case after
    }

    private struct Failure: Sendable {
        var error: RingError
        var moment: Moment
    }

    private struct Plan: Sendable {
        var commits: [Int: Failure] = [:]
        var allCommits: Failure?
        var allReads: RingError?
        var commitCount = 0
    }

    private let storage: any RingStorage
    private let plan = Mutex(Plan())

    /// Wraps a storage.
    ///
    /// - Parameter storage: The storage that works.
    public init(_ storage: any RingStorage = RingMemoryStorage()) { self.storage = storage }

    /// The commits, extensions and calls of `take` so far, failed ones included.
    public var commitCount: Int { self.plan.withLock { $0.commitCount } }

    /// Lets one commit, extension or call of `take` fail.
    ///
    /// - Parameters:
    ///   - number: Which one, counted from the first one of all, from 1.
    ///   - moment: Whether its changes are made all the same.
    ///   - error: What it throws.
    public func failCommit(_ number: Int, _ moment: Moment = .before, _ error: RingError = FaultyStorage.full) {
        self.plan.withLock { $0.commits[number] = Failure(error: error, moment: moment) }
    }

    /// Lets every commit, extension and call of `take` fail until it is `nil` again.
    public func failCommits(_ error: RingError?, _ moment: Moment = .before) {
        self.plan.withLock { $0.allCommits = error.map { Failure(error: $0, moment: moment) } }
    }

    /// Lets every read fail until it is `nil` again.
    public func failReads(_ error: RingError?) { self.plan.withLock { $0.allReads = error } }

    /// The error of a full disk.
    public static var full: RingError { RingError(code: .storageFailed, message: "the disk is full (by the test)") }

    /// Where the storage that works is.
    public var location: String { self.storage.location }

    /// Reads from the storage that works, or fails by plan.
    ///
    /// - Throws: The planned error; what that storage throws.
    public func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord] {
        try self.beforeReading()
        return try await self.storage.records(ids)
    }

    /// Reads from the storage that works, or fails by plan.
    ///
    /// - Throws: The planned error; what that storage throws.
    public func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord] {
        try self.beforeReading()
        return try await self.storage.records(matching: query)
    }

    /// Reads from the storage that works, or fails by plan.
    ///
    /// - Throws: The planned error; what that storage throws.
    public func names(matching query: RingStorageQuery) async throws -> [String] {
        try self.beforeReading()
        return try await self.storage.names(matching: query)
    }

    /// Counts in the storage that works, or fails by plan.
    ///
    /// - Throws: The planned error; what that storage throws.
    public func count(matching query: RingStorageQuery) async throws -> Int {
        try self.beforeReading()
        return try await self.storage.count(matching: query)
    }

    /// Commits, or fails by plan.
    ///
    /// - Throws: The planned error; what the storage that works throws.
    public func commit(_ changes: [RingStorageChange]) async throws -> Bool {
        try await self.write { try await self.storage.commit(changes) }
    }

    /// Takes, or fails by plan as a commit does.
    ///
    /// - Throws: The planned error; what the storage that works throws.
    public func take(
        matching query: RingStorageQuery, excluding excluded: Set<RingStorageID>, token: Int64, for duration: Duration
    ) async throws -> [RingStorageRecord]? {
        try await self.write {
            try await self.storage.take(matching: query, excluding: excluded, token: token, for: duration)
        }
    }

    /// Extends, or fails by plan.
    ///
    /// - Throws: The planned error; what the storage that works throws.
    public func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease] {
        try await self.write { try await self.storage.extend(leases, by: duration) }
    }

    /// Closes the storage that works.
    public func close() async { await self.storage.close() }

    /// The changes that the storage that works tells of.
    public func changes(in collection: RingStorageCollection) -> AsyncStream<RingStorageID>? {
        self.storage.changes(in: collection)
    }

    /// The budget of the storage that works.
    public var rateBudget: (any RingRateBudget)? { self.storage.rateBudget }

    /// A transaction of the storage that works. Its commit counts and fails as one of the storage.
    public func transaction() -> (any RingStorageTransaction)? {
        self.storage.transaction().map { Transaction(storage: self, base: $0) }
    }

    private struct Transaction: RingStorageTransaction {
        let storage: FaultyStorage
        let base: any RingStorageTransaction

        func execute(_ statement: String, parameters: [String?]) async throws -> [[String?]] {
            try self.storage.beforeReading()
            return try await self.base.execute(statement, parameters: parameters)
        }

        func commit(_ changes: [RingStorageChange]) async throws -> Bool {
            try await self.storage.write { try await self.base.commit(changes) }
        }

        func rollBack() async { await self.base.rollBack() }
    }

    private func beforeReading() throws {
        if let error = self.plan.withLock({ $0.allReads }) { throw error }
    }

    private func write<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        let failure = self.plan.withLock { plan in
            plan.commitCount += 1
            return plan.commits.removeValue(forKey: plan.commitCount) ?? plan.allCommits
        }
        if let failure, failure.moment == .before { throw failure.error }
        let value = try await body()
        if let failure { throw failure.error }
        return value
    }
}
