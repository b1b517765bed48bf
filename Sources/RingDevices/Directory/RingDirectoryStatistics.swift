/// What a device directory has done since it was made, and how much it holds.
public struct RingDirectoryStatistics: Hashable, Sendable {
    /// Answers from a fresh list.
    public var hits = 0
    /// Answers from a list that was not fresh any more.
    public var staleHits = 0
    /// Answers that waited for Ring.
    public var waits = 0
    /// Callers that shared a load another had begun.
    public var shared = 0
    /// Lists loaded, failures included: requests to Ring, if no list has pages.
    public var listLoads = 0
    /// Single devices loaded, failures included.
    public var deviceLoads = 0
    /// Loads that failed.
    public var failures = 0
    /// Accounts let go of for want of room.
    public var evictions = 0
    /// Accounts held now.
    public var accounts = 0
    /// Devices held now.
    public var devices = 0

    /// Creates statistics of nothing.
    public init() {}

    /// Everything that was asked of Ring.
    public var requests: Int { self.listLoads + self.deviceLoads }
}
