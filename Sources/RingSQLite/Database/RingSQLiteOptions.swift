/// How a database is opened.
public struct RingSQLiteOptions: Hashable, Sendable {
    /// How long a statement waits for another process that holds the file. Default: five seconds.
    public var busyTimeout: Duration
    /// How many waiting changes share one commit, at most. One turns group commit off. Default: 128.
    public var maximumGroup: Int
    /// Whether a file may be on a network file system, where the locks and the shared memory of SQLite often fail, and with
    /// them every guarantee. Default: no.
    public var allowsNetworkFileSystem: Bool

    /// Creates a set of options.
    public init(
        busyTimeout: Duration = .seconds(5), maximumGroup: Int = 128, allowsNetworkFileSystem: Bool = false
    ) {
        self.busyTimeout = busyTimeout
        self.maximumGroup = maximumGroup
        self.allowsNetworkFileSystem = allowsNetworkFileSystem
    }
}
