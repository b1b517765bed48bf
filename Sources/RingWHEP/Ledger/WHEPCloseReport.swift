/// What closing all sessions of a process came to.
public struct WHEPCloseReport: Hashable, Sendable {
    /// The sessions that ended in time.
    public var closed: Int
    /// The sessions that could not be closed, or not in time: they may run until Ring's limit.
    public var notClosed: Int

    /// Creates a report.
    public init(closed: Int = 0, notClosed: Int = 0) {
        self.closed = closed
        self.notClosed = notClosed
    }
}
