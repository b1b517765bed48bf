/// What a device directory has done since it was created, and how much it contains.
package struct RingDirectoryStatistics: Hashable, Sendable {
    /// Reads from a fresh list.
    package var hits = 0
    /// Reads from a list that was no longer fresh.
    package var staleHits = 0
    /// Reads that waited for Ring.
    package var waits = 0
    /// Callers that shared a load that another one had started.
    package var shared = 0
    /// Lists loaded, failures included: requests to Ring, if no list has pages.
    package var listLoads = 0
    /// Single devices loaded, failures included.
    package var deviceLoads = 0
    /// Loads that failed.
    package var failures = 0
    /// Accounts dropped because of the limits.
    package var evictions = 0
    /// Accounts held now.
    package var accounts = 0
    /// Devices held now.
    package var devices = 0

    /// Creates statistics of nothing.
    package init() {}

    /// All requests to Ring.
    package var requests: Int { self.listLoads + self.deviceLoads }
}
