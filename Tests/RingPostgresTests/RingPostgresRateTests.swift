import PostgresServer
import RingCore
import RingPostgres
import RingTesting
import Synchronization
import Testing

/// One budget for several processes.
@Suite(.serialized, .timeLimit(.minutes(2)), .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct RingPostgresRateTests {
    /// How many requests were let pass, and in which time.
    private final class Log: Sendable {
        private let start = ContinuousClock.now
        private let number = Mutex(0)
        func note() { self.number.withLock { $0 += 1 } }
        var count: Int { self.number.withLock { $0 } }

        /// The most that a limit allows: what is noted late, on a busy machine, counts in the second of its permission.
        func most(_ limit: Int) -> Int {
            limit * Int((ContinuousClock.now - self.start).components.seconds + 2)
        }
    }

    private func open(_ count: Int, limit: Int, at url: String? = nil) async throws -> [RingPostgresDatabase] {
        let server = try await PostgresServer.shared.value
        var options = PostgresServer.options(PostgresServer.newSchema())
        (options.requestsPerSecond, options.connectionTimeout) = (limit, .milliseconds(200))
        var databases: [RingPostgresDatabase] = []
        for _ in 0..<count {
            databases.append(try await RingPostgresDatabase.open(url ?? server.url, options: options))
        }
        return databases
    }

    private func run(_ databases: [RingPostgresDatabase], for duration: Duration, _ log: Log) async throws {
        let end = ContinuousClock.now + duration
        try await withThrowingTaskGroup(of: Void.self) { group in
            for database in databases {
                let budget = try #require(database.rateBudget)
                for number in 0..<20 {
                    group.addTask {
                        while ContinuousClock.now < end {
                            try await budget.admit(
                                account: RingAccountID(rawValue: "\(number % 4)"), priority: .interactive, deadline: nil
                            )
                            log.note()
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func allProcessesTogetherKeepTheLimitAndUseIt() async throws {
        let databases = try await self.open(5, limit: 50)
        let log = Log()
        // The places that were given stand in the database, whatever the machine does with the tasks that got them.
        let schema = try #require(databases.first?.schema)
        let isExceeded = "SELECT 1 FROM \(schema).ring_rate WHERE (SELECT sum(c) FROM unnest(counts) c) > 50"
        let watcher = Task {
            var exceeded = 0
            while !Task.isCancelled { exceeded += try await databases[0].execute(isExceeded) }
            return exceeded
        }
        try await self.run(databases, for: .seconds(4), log)
        watcher.cancel()
        #expect(try await watcher.value == 0)
        #expect(log.count <= log.most(50), "\(log.count)")
        #expect(log.count >= 4 * 50 * 8 / 10, "\(log.count)")
        for database in databases { await database.close() }
    }

    @Test func aPauseIsKeptByEveryProcess() async throws {
        let databases = try await self.open(2, limit: 100)
        let (first, second) = (try #require(databases[0].rateBudget), try #require(databases[1].rateBudget))
        try await first.admit(account: nil, priority: .interactive, deadline: nil)
        first.learn(RingRateDecision(isLimited: true, retryAfter: .seconds(2)))
        // The other one hears of it within a second.
        let start = ContinuousClock.now
        var waited = Duration.zero
        while waited < .milliseconds(500), ContinuousClock.now - start < .seconds(1) {
            let before = ContinuousClock.now
            try await second.admit(account: nil, priority: .interactive, deadline: nil)
            waited = ContinuousClock.now - before
        }
        #expect(waited >= .milliseconds(500), "waited \(waited)")
        for database in databases { await database.close() }
    }

    @Test func aPauseEndsWhenTheClockOfTheServerIsSetBack() async throws {
        let options = PostgresServer.options(PostgresServer.newSchema())
        let database = try await RingPostgresDatabase.open(
            try await PostgresServer.shared.value.url, options: options)
        let budget = try #require(database.rateBudget)
        try await budget.admit(account: nil, priority: .interactive, deadline: nil)
        let row = "\(options.schema).ring_rate"
        _ = try await database.execute(
            "UPDATE \(row) SET ceiling = 50, (paused_until, recovered_at) = "
                + "(now() + interval '10 minutes', now() + interval '10 minutes')")
        let start = ContinuousClock.now
        try await budget.admit(account: nil, priority: .interactive, deadline: nil)
        #expect(ContinuousClock.now - start < .seconds(5))
        #expect(try await database.execute("SELECT 1 FROM \(row) WHERE recovered_at > now()") == 0)
        await database.close()
    }

    /// Requests that were under way together and are refused together tell one thing, also without a pause.
    @Test func manyRefusalsHalveTheRateOnce() async throws {
        let server = try await PostgresServer.shared.value
        var options = PostgresServer.options(PostgresServer.newSchema())
        options.requestsPerSecond = 64
        let database = try await RingPostgresDatabase.open(server.url, options: options)
        let budget = try #require(database.rateBudget)
        try await budget.admit(account: nil, priority: .interactive, deadline: nil)
        for _ in 0..<6 { budget.learn(RingRateDecision(isLimited: true, retryAfter: .zero)) }
        while try await database.execute("SELECT 1 FROM \(options.schema).ring_rate WHERE ceiling IS NOT NULL") == 0 {
            try await Task.sleep(for: .milliseconds(5))
        }
        try await Task.sleep(for: .milliseconds(200))
        let isHalf = "SELECT 1 FROM \(options.schema).ring_rate WHERE ceiling IS NULL OR ceiling >= 32"
        #expect(try await database.execute(isHalf) == 1)
        await database.close()
    }

    @Test func whatOthersUseCountsAsTaken() async throws {
        let databases = try await self.open(1, limit: 100)
        let budget = try #require(databases[0].rateBudget)
        try await budget.admit(account: nil, priority: .interactive, deadline: nil)
        budget.learn(RingRateDecision(isLimited: false, limit: 100, remaining: 0))
        let start = ContinuousClock.now
        var waited = Duration.zero
        while waited < .milliseconds(300), ContinuousClock.now - start < .seconds(1) {
            let before = ContinuousClock.now
            try await budget.admit(account: nil, priority: .interactive, deadline: nil)
            waited = ContinuousClock.now - before
        }
        #expect(waited >= .milliseconds(300), "waited \(waited)")
        await databases[0].close()
    }

    @Test func backgroundWorkLeavesATenth() async throws {
        let databases = try await self.open(1, limit: 20)
        let budget = try #require(databases[0].rateBudget)
        // The window moves on: on a busy machine the second may be over before the places are used.
        var isChecked = false
        for _ in 0..<5 where !isChecked {
            let start = ContinuousClock.now
            for _ in 0..<18 { try await budget.admit(account: nil, priority: .background, deadline: nil) }
            let order = Mutex<[String]>([])
            async let background: Void = {
                try await budget.admit(account: nil, priority: .background, deadline: nil)
                order.withLock { $0.append("background") }
            }()
            try await budget.admit(account: nil, priority: .interactive, deadline: nil)
            order.withLock { $0.append("interactive") }
            let isQuick = ContinuousClock.now - start < .milliseconds(700)
            try await background
            guard isQuick else { continue }
            #expect(order.withLock { $0 } == ["interactive", "background"])
            isChecked = true
        }
        #expect(isChecked, "the machine was too slow for the second of the limit, five times")
        await databases[0].close()
    }

    /// A transaction that is open for long keeps every old version of the row.
    @Test func anOldTransactionDoesNotSlowTheBudgetDown() async throws {
        let server = try await PostgresServer.shared.value
        let options = PostgresServer.options(PostgresServer.newSchema())
        let database = try await RingPostgresDatabase.open(server.url, options: options)
        let old = try #require(database.transaction())
        _ = try await old.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", parameters: [])
        _ = try await old.execute("SELECT 1 FROM \(options.schema).ring_rate", parameters: [])
        // In slots of their own, as in four minutes of work.
        _ = try await database.execute(
            """
            DO $$ BEGIN
                PERFORM \(options.schema).ring_admit('api', 1, 1, 1000000, 0, 0, 0);
                FOR number IN 1 .. 5000 LOOP
                    UPDATE \(options.schema).ring_rate SET latest = number;
                    PERFORM \(options.schema).ring_admit('api', 1, 1, 1000000, 0, 0, 0);
                END LOOP;
            END $$
            """)
        let explain = "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM \(options.schema).ring_admit('api', 1, 1, 100, 0, 0, 0)"
        let other = try #require(database.transaction())
        _ = try await other.execute(explain, parameters: [])
        let rows = try await other.execute(explain, parameters: []).compactMap { $0.first ?? nil }
        let line = try #require(rows.first { $0.contains("Buffers: shared hit=") })
        let pages = try #require(Int(line.split(separator: "=").dropFirst().first?.prefix { $0.isNumber } ?? ""))
        #expect(pages < 200, "\(rows)")
        for transaction in [old, other] { await transaction.rollBack() }
        await database.close()
    }

    @Test func requestsThatAreOnlyCountedAreNotHeldBack() async throws {
        let server = try await PostgresServer.shared.value
        var options = PostgresServer.options(PostgresServer.newSchema())
        (options.requestsPerSecond, options.onlyCountsRequests) = (2, true)
        let database = try await RingPostgresDatabase.open(server.url, options: options)
        let budget = try #require(database.rateBudget)
        let start = ContinuousClock.now
        for _ in 0..<50 { try await budget.admit(account: nil, priority: .interactive, deadline: nil) }
        budget.learn(RingRateDecision(isLimited: true, retryAfter: .seconds(60)))
        try await budget.admit(account: nil, priority: .interactive, deadline: nil)
        #expect(ContinuousClock.now - start < .seconds(10))
        while try await database.execute(
            "SELECT 1 FROM \(options.schema).ring_rate WHERE (SELECT sum(c) FROM unnest(counts) c) >= 51") == 0
        { try await Task.sleep(for: .milliseconds(20)) }
        await database.close()
    }

    @Test func aCallerThatIsCancelledOrLateLeaves() async throws {
        let databases = try await self.open(1, limit: 2)
        let budget = try #require(databases[0].rateBudget)
        for _ in 0..<2 { try await budget.admit(account: nil, priority: .interactive, deadline: nil) }
        let waiting = Task { try await budget.admit(account: nil, priority: .interactive, deadline: nil) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        let late = RingDeadline(in: .milliseconds(100), clock: RingEnvironment().clock)
        await #expect {
            try await budget.admit(account: nil, priority: .interactive, deadline: late)
        } throws: { ($0 as? RingError)?.code == .rateLimited }
        await databases[0].close()
    }

    /// While it is cut off each process has its share, and the others leave it to it.
    @Test func aProcessThatIsCutOffGoesOnWithItsShare() async throws {
        let server = try await PostgresServer.shared.value
        let proxy = try CutProxy(server: server.folder)
        var options = PostgresServer.options(PostgresServer.newSchema())
        (options.requestsPerSecond, options.connectionTimeout, options.statementTimeout) = (
            40, .milliseconds(200), .seconds(1)
        )
        let near = try await RingPostgresDatabase.open(server.url, options: options)
        let far = try await RingPostgresDatabase.open(proxy.url, options: options)
        let warm = Log()
        try await self.run([near, far], for: .seconds(1), warm)
        proxy.cut()
        let (log, alone) = (Log(), Log())
        async let nearRun: Void = self.run([near], for: .seconds(8), log)
        try await self.run([far], for: .seconds(8), alone)
        try await nearRun
        #expect(alone.count <= alone.most(20) && alone.count >= 60, "\(alone.count)")
        #expect(log.count >= 8 * 15, "\(log.count)")
        proxy.mend()
        // Back in the fleet within a moment.
        let start = ContinuousClock.now
        let after = Log()
        try await self.run([far], for: .seconds(3), after)
        #expect(after.count > 40, "\(after.count) in \(ContinuousClock.now - start)")
        for database in [near, far] { await database.close() }
        proxy.close()
    }
}
