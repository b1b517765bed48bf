package import RingCore

/// One write of an account's record, with what must be stored before it.
package enum RingTokenChange: Sendable {
    /// Writes a record. `replacing` is the version that must be stored; `nil` demands that nothing is.
    case put(RingTokenRecord, replacing: Int64?, lease: RingLeaseChange = .keep)
    /// Deletes a record whose version must be the stored one.
    case delete(RingAccountID, version: Int64)
}
