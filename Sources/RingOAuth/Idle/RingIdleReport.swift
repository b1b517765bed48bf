public import RingCore

/// What one sweep over the idle accounts did.
public struct RingIdleReport: Hashable, Sendable {
    /// Accounts with a new pair.
    public var refreshed: [RingAccountID] = []
    /// Accounts whose refresh failed, and why. Each of them waits before its next attempt, longer after every failure.
    public var failed: [RingAccountID: RingError.Code] = [:]
    /// Accounts that were not tried because the token endpoint was failing.
    public var postponed = 0
    /// Accounts whose refresh token nears its end, with the whole days left.
    public var ending: [RingAccountID: Int] = [:]

    /// Creates an empty report.
    public init() {}
}
