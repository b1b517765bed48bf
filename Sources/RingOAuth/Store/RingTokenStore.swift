public import RingCore

/// Where accounts and their tokens survive. An engine stores and compares; what the states mean is decided above it.
///
/// The contract, checked by `RingTokenStoreConformance` in `RingTesting`:
/// - ``commit(_:)`` is atomic and durable: when it returns `true`, every change is on the disk; `false` or an error
///   means that none is;
/// - processes and machines may share one store: preconditions hold against all of them;
/// - queries see every commit that returned before they were called.
public protocol RingTokenStore: Sendable {
    /// The record of one account, as last committed; `nil` when there is none.
    ///
    /// - Throws: `RingError` with code `storageFailed`.
    func record(for account: RingAccountID) async throws -> RingTokenRecord?

    /// Writes all of the changes, or none.
    ///
    /// - Returns: `false` when a precondition did not hold, and nothing was written.
    /// - Throws: `RingError` with code `storageFailed`; nothing was written.
    func commit(_ changes: [RingTokenChange]) async throws -> Bool

    /// The accounts a query matches, in the query's order.
    ///
    /// - Parameters:
    ///   - query: Which accounts, and in which order.
    ///   - limit: The most to return; `nil` for all.
    /// - Throws: `RingError` with code `storageFailed`.
    func accounts(_ query: RingTokenQuery, limit: Int?) async throws -> [RingAccountID]
}
