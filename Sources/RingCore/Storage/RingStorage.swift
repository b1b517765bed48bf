#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// One database: named collections of opaque records, changed by atomic compare-and-swap batches, with leases.
///
/// Tokens, webhooks and live sessions are kept in it. An engine stores and compares; it does not know what a payload
/// means. Serialisation and encryption happen above it. `RingSQLiteDatabase` and ``RingMemoryStorage`` are engines; one
/// of an adopter's own passes `RingStorageConformance` of `RingTesting`.
///
/// The contract:
/// - ``commit(_:)`` is atomic and durable: after `true`, every change survives a crash; after `false`, none was made;
/// - preconditions hold against all processes and machines that share the database;
/// - a read sees every commit that returned before it was called;
/// - a lease is judged by the engine's own clock, which no step of a wall clock moves, and ends at once when the engine
///   can see that its process has died.
public protocol RingStorage: Sendable {
    /// Where the data is, for messages: a path, or a host and a database. Never a password.
    var location: String { get }

    /// Reads records by their identifiers.
    ///
    /// - Returns: The records that exist, in the order of `ids`.
    /// - Throws: `RingError` with code `storageFailed`.
    func records(_ ids: [RingStorageID]) async throws -> [RingStorageRecord]

    /// Reads the records that a query matches, in the query's order.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    func records(matching query: RingStorageQuery) async throws -> [RingStorageRecord]

    /// Reads the names of the records that a query matches, in the query's order.
    ///
    /// Every search for the account of a link reads those of all accounts that it may be for. An engine whose indexes hold the names reads
    /// nothing else.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    func names(matching query: RingStorageQuery) async throws -> [String]

    /// Counts the records that a query matches. The query's limit is the highest number to count to.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    func count(matching query: RingStorageQuery) async throws -> Int

    /// Makes all of the changes, or none.
    ///
    /// - Returns: `false` when a precondition did not hold; nothing was changed then.
    /// - Throws: `RingError` with code `storageFailed`. The changes may then have been made or not; a reader of the
    ///   records can tell by their versions.
    func commit(_ changes: [RingStorageChange]) async throws -> Bool

    /// Takes free records that a query matches, for some time by the engine's clock, and raises the version of each by one.
    ///
    /// An engine that many machines use has this operation, so that they do not all read the same first records and take them from each
    /// other: each call passes over what another call is taking at the moment.
    ///
    /// - Parameters:
    ///   - query: Which records. Records that somebody holds are passed over, whatever it says.
    ///   - excluded: Records that are passed over.
    ///   - token: The token of all the leases.
    ///   - duration: How long they last.
    /// - Returns: What was taken, in the query's order and as it is stored now. `nil` when the engine has no such operation: records are
    ///   then read, and taken one by one with ``commit(_:)``.
    /// - Throws: `RingError` with code `storageFailed`. Records may then have been taken; their leases end by themselves.
    func take(
        matching query: RingStorageQuery, excluding excluded: Set<RingStorageID>, token: Int64, for duration: Duration
    ) async throws -> [RingStorageRecord]?

    /// Extends leases to some time from now, by the engine's clock.
    ///
    /// - Returns: The leases that are still those of the records, in the given order. A lease that another process took
    ///   over, that was released, or whose record was deleted is missing.
    /// - Throws: `RingError` with code `storageFailed`; leases keep the end they had.
    func extend(_ leases: [RingStorageLease], by duration: Duration) async throws -> [RingStorageLease]

    /// Closes the database for this process and gives up its leases. Later calls throw.
    func close() async

    /// Identifiers of records of a collection that other processes changed; `nil` when the engine cannot tell, and
    /// readers have to look again from time to time. Some changes may be missing.
    func changes(in collection: RingStorageCollection) -> AsyncStream<RingStorageID>?

    /// The rate budget that all users of this database share; `nil` when the engine has none.
    var rateBudget: (any RingRateBudget)? { get }

    /// A transaction that takes statements of the application; `nil` when the engine has none.
    func transaction() -> (any RingStorageTransaction)?
}

extension RingStorage {
    /// Reads the records without their payloads.
    ///
    /// - Throws: As ``records(matching:)``.
    public func names(matching query: RingStorageQuery) async throws -> [String] {
        var query = query
        query.includesPayload = false
        return try await self.records(matching: query).map(\.id.name)
    }

    /// No such operation.
    public func take(
        matching query: RingStorageQuery, excluding excluded: Set<RingStorageID>, token: Int64, for duration: Duration
    ) async throws -> [RingStorageRecord]? { nil }

    /// Counts by reading.
    ///
    /// - Throws: As ``records(matching:)``.
    public func count(matching query: RingStorageQuery) async throws -> Int {
        var query = query
        query.includesPayload = false
        return try await self.records(matching: query).count
    }

    /// No notification.
    public func changes(in collection: RingStorageCollection) -> AsyncStream<RingStorageID>? { nil }

    /// No shared budget.
    public var rateBudget: (any RingRateBudget)? { nil }

    /// No transactions.
    public func transaction() -> (any RingStorageTransaction)? { nil }

    /// Reads one record.
    ///
    /// - Returns: `nil` when there is none.
    /// - Throws: `RingError` with code `storageFailed`.
    package func record(_ id: RingStorageID) async throws -> RingStorageRecord? {
        try await self.records([id]).first
    }
}

/// An engine whose users are on machines with clocks of their own. Dates that decide which of them works on something are written and
/// compared by the engine's clock.
package protocol RingStorageClock: RingStorage {
    /// The date by the engine's clock, as far as it is known without a call; `nil` before it is.
    var now: Date? { get }
}
