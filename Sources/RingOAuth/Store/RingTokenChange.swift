public import RingCore

/// One write, with what must be stored before it.
public enum RingTokenChange: Sendable {
    /// Writes a record. `replacing` is the version that must be stored; `nil` demands that nothing is.
    case put(RingTokenRecord, replacing: Int64?)
    /// Deletes a record whose version must be the stored one.
    case delete(RingAccountID, version: Int64)

    /// The account it concerns.
    public var accountID: RingAccountID {
        switch self {
        case .put(let record, _): record.accountID
        case .delete(let account, _): account
        }
    }
}
