public import RingCore
internal import Synchronization

/// A store that ends with the process: for tests, and for a script that needs no second run.
///
/// Never for a service: a rotated refresh token that is only in memory is lost with the process.
public final class RingMemoryTokenStore: RingTokenStore {
    private let records = Mutex<[RingAccountID: RingTokenRecord]>([:])

    /// Creates an empty store.
    public init() {}

    /// The record of one account.
    ///
    /// - Throws: Nothing; the protocol lets other stores throw.
    public func record(for account: RingAccountID) async throws -> RingTokenRecord? {
        self.records.withLock { $0[account] }
    }

    /// Writes all of the changes, or none.
    ///
    /// - Throws: Nothing; the protocol lets other stores throw.
    public func commit(_ changes: [RingTokenChange]) async throws -> Bool {
        self.records.withLock { records in
            for change in changes {
                switch change {
                case .put(let record, let version):
                    guard records[record.accountID]?.version == version else { return false }
                case .delete(let account, let version):
                    guard records[account]?.version == version else { return false }
                }
            }
            for change in changes {
                switch change {
                case .put(let record, _): records[record.accountID] = record
                case .delete(let account, _): records[account] = nil
                }
            }
            return true
        }
    }

    /// The accounts a query matches.
    ///
    /// - Throws: Nothing; the protocol lets other stores throw.
    public func accounts(_ query: RingTokenQuery, limit: Int?) async throws -> [RingAccountID] {
        let found = self.records.withLock { $0.values.filter(query.matches) }
        let sorted = found.sorted { left, right in
            if case .refreshDue = query, let first = left.refreshDueAt, let second = right.refreshDueAt, first != second
            {
                return first < second
            }
            return RingTokenQuery.precedes(left.accountID, right.accountID)
        }
        return sorted.prefix(limit ?? .max).map(\.accountID)
    }
}
