/// How a database is opened.
public struct RingSQLiteOptions: Hashable, Sendable {
    /// How long a statement waits for another process that holds the file. Default: five seconds.
    public var busyTimeout: Duration
    /// How many waiting changes share one commit, at most. One turns group commit off. Default: 128.
    public var maximumGroup: Int

    /// Creates a set of options.
    public init(busyTimeout: Duration = .seconds(5), maximumGroup: Int = 128) {
        self.busyTimeout = busyTimeout
        self.maximumGroup = maximumGroup
    }
}
