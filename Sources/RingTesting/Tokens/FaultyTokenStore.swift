public import RingCore
public import RingOAuth
internal import Synchronization

/// A store that fails when a test says so, in front of one that works.
public final class FaultyTokenStore: RingTokenStore {
    private let store: any RingTokenStore
    private let plan = Mutex<(commits: [Int: RingError], all: RingError?, count: Int)>(([:], nil, 0))

    /// Wraps a store.
    ///
    /// - Parameter store: The store that works.
    public init(_ store: any RingTokenStore = RingMemoryTokenStore()) { self.store = store }

    /// The commits so far, failed ones included.
    public var commitCount: Int { self.plan.withLock { $0.count } }

    /// Lets one commit fail.
    ///
    /// - Parameters:
    ///   - number: Which one, counted from the first commit of all, from 1.
    ///   - error: What it throws.
    public func failCommit(_ number: Int, _ error: RingError = FaultyTokenStore.full) {
        self.plan.withLock { $0.commits[number] = error }
    }

    /// Lets every commit fail until it is `nil` again.
    public func failCommits(_ error: RingError?) { self.plan.withLock { $0.all = error } }

    /// The error of a full disk.
    public static var full: RingError { RingError(code: .storageFailed, message: "the disk is full (by the test)") }

    /// Reads from the store that works.
    ///
    /// - Throws: What that store throws.
    public func record(for account: RingAccountID) async throws -> RingTokenRecord? {
        try await self.store.record(for: account)
    }

    /// Commits, or fails by plan.
    ///
    /// - Throws: The planned error; what the store that works throws.
    public func commit(_ changes: [RingTokenChange]) async throws -> Bool {
        let error = self.plan.withLock { plan in
            plan.count += 1
            return plan.commits.removeValue(forKey: plan.count) ?? plan.all
        }
        if let error { throw error }
        return try await self.store.commit(changes)
    }

    /// Reads from the store that works.
    ///
    /// - Throws: What that store throws.
    public func accounts(_ query: RingTokenQuery, limit: Int?) async throws -> [RingAccountID] {
        try await self.store.accounts(query, limit: limit)
    }
}
