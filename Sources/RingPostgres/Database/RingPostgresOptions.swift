/// How a PostgreSQL database is used.
public struct RingPostgresOptions: Sendable {
    /// The schema that holds the tables: lower-case letters, digits and `_`. Default: `ring`.
    public var schema: String
    /// The most connections of this process, besides one for notifications and one for each webhook handler that is in a
    /// transaction. Default: 8, which is enough for thousands of concurrent callers.
    public var maximumConnections: Int
    /// How long a call waits for a connection, such as while a standby is promoted. Default: five seconds.
    ///
    /// An attempt to connect that is under way is not cut off. Unless the target sets `connect_timeout`, that is as long, from 2
    /// to 10 seconds for each host.
    public var connectionTimeout: Duration
    /// How long the server works on a statement before it gives up. Default: ten seconds.
    public var statementTimeout: Duration
    /// How long a statement waits for a row that another transaction holds. Default: five seconds.
    public var lockTimeout: Duration
    /// How many requests a second all processes of this database send to Ring together; `nil` leaves each process to itself.
    /// Default: 100, which is Ring's limit for a client id.
    public var requestsPerSecond: Int?
    /// Whether requests are only counted and none waits, to see the effect of a limit before it is applied. The counts are in
    /// the table `ring_rate`. Default: no.
    public var onlyCountsRequests: Bool
    /// Whether tables are made, and older ones are brought up to date, when the database is opened. Without it they must be up
    /// to date: run the script of ``RingPostgresDatabase/schemaScript(schema:)`` first. Default: yes.
    public var migrates: Bool
    /// How many waiting changes share one commit, at most.
    package var maximumGroup: Int

    /// Creates the default options.
    public init() {
        self.schema = "ring"
        self.maximumConnections = 8
        self.connectionTimeout = .seconds(5)
        self.statementTimeout = .seconds(10)
        self.lockTimeout = .seconds(5)
        self.requestsPerSecond = 100
        self.onlyCountsRequests = false
        self.migrates = true
        self.maximumGroup = 128
    }

    /// When this side gives up: the server's own limit comes first, unless the network is silent.
    var limit: Duration { self.statementTimeout + .seconds(2) }

    /// What every connection begins with. A commit is on the server's disk before it counts, whatever the database's default. The
    /// server finds out soon that a client is cut off: until then it keeps the locks of what has arrived of a transaction.
    ///
    /// Every statement of this package finds its rows in an index. A plan that was made while a table was empty, and is kept
    /// while it fills, has to do so as well.
    var sessionScript: String {
        """
        SET statement_timeout = \(Self.milliseconds(self.statementTimeout)); \
        SET lock_timeout = \(Self.milliseconds(self.lockTimeout)); \
        SET idle_in_transaction_session_timeout = 60000; SET client_min_messages = warning; \
        SET default_transaction_isolation = 'read committed'; \
        SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3; \
        SET tcp_user_timeout = 15000; SET enable_seqscan = off; SET jit = off; \
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
        """
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        guard seconds < 86_400 else { return 86_400_000 }
        return max(seconds * 1_000 + attoseconds / 1_000_000_000_000_000, 1)
    }
}
