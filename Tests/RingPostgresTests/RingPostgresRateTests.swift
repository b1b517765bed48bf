import Foundation
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
        let row = "SELECT 1 FROM \(databases[0].schema).ring_rate WHERE paused_until"
        while try await databases[0].execute("\(row) IS NOT NULL") == 0 { await Task.yield() }
        // The other one hears of it with its next request.
        try await second.admit(account: nil, priority: .interactive, deadline: nil)
        #expect(try await databases[0].execute("\(row) > clock_timestamp()") == 0)
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
        budget.learn(RingRateDecision(isLimited: true, retryAfter: .zero))
        while try await database.execute("SELECT 1 FROM \(options.schema).ring_rate WHERE ceiling IS NOT NULL") == 0 {
            await Task.yield()
        }
        // In one statement, and so within the second, however busy the machine is.
        _ = try await database.execute("UPDATE \(options.schema).ring_rate SET (ceiling, halved_at) = (NULL, NULL)")
        _ = try await database.execute(
            "SELECT \(options.schema).ring_limited('api', 64, 0) FROM generate_series(1, 6)")
        #expect(try await database.execute("SELECT 1 FROM \(options.schema).ring_rate WHERE ceiling = 32") == 1)
        await database.close()
    }

    @Test func whatOthersUseCountsAsTaken() async throws {
        // So many that this process alone never has to wait.
        let databases = try await self.open(1, limit: 100_000)
        let budget = try #require(databases[0].rateBudget)
        try await budget.admit(account: nil, priority: .interactive, deadline: nil)
        var waited = Duration.zero
        for _ in 0..<20 where waited < .milliseconds(300) {
            budget.learn(RingRateDecision(isLimited: false, limit: 100_000, remaining: 0))
            let isUsed = "SELECT 1 FROM \(databases[0].schema).ring_rate WHERE counts[21] > 99000"
            for _ in 0..<1_000 { if try await databases[0].execute(isUsed) > 0 { break } }
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
        // A process that is cut off keeps all but a tenth, however slow this machine is.
        let members = "\(databases[0].schema).ring_rate_member"
        _ = try await databases[0].execute(
            "INSERT INTO \(members) (scope, process, seen, alone, share) "
                + "VALUES ('api', 1, clock_timestamp() + interval '1 hour', true, 18)")
        let isDone = Mutex(false)
        async let background: Void = {
            try await budget.admit(account: nil, priority: .background, deadline: nil)
            isDone.withLock { $0 = true }
        }()
        for _ in 0..<4 { try await budget.admit(account: nil, priority: .interactive, deadline: nil) }
        #expect(!isDone.withLock { $0 })
        _ = try await databases[0].execute("DELETE FROM \(members) WHERE process = 1")
        try await background
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
                PERFORM \(options.schema).ring_admit('api', 1, 1, 1000000, 0, 0, 0, 0);
                FOR number IN 1 .. 5000 LOOP
                    UPDATE \(options.schema).ring_rate SET latest = number;
                    PERFORM \(options.schema).ring_admit('api', 1, 1, 1000000, 0, 0, 0, 0);
                END LOOP;
            END $$
            """)
        let explain =
            "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM \(options.schema).ring_admit('api', 1, 1, 100, 0, 0, 0, 0)"
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
        try await budget.admit(account: nil, priority: .interactive, deadline: nil)
        budget.learn(RingRateDecision(isLimited: true, retryAfter: .seconds(60)))
        let isPaused = "SELECT 1 FROM \(databases[0].schema).ring_rate WHERE paused_until IS NOT NULL"
        while try await databases[0].execute(isPaused) == 0 { await Task.yield() }
        let waiting = Task { try await budget.admit(account: nil, priority: .interactive, deadline: nil) }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        let late = RingDeadline(in: .milliseconds(100), clock: RingEnvironment().clock)
        await #expect {
            try await budget.admit(account: nil, priority: .interactive, deadline: late)
        } throws: { ($0 as? RingError)?.code == .rateLimited }
        await databases[0].close()
    }

    /// The function of the budget, called as processes 1, 2 and so on.
    private struct Budget {
        let database: RingPostgresDatabase

        init() async throws {
            self.database = try await RingPostgresDatabase.open(
                try await PostgresServer.shared.value.url, options: PostgresServer.options(PostgresServer.newSchema()))
        }

        /// - Returns: The places that it got, and its share.
        func admit(_ process: Int, _ wanted: Int, own: Int, isAlone: Bool = false) async throws -> [Int] {
            let transaction = try #require(self.database.transaction())
            let rows = try await transaction.execute(
                "SELECT granted, given FROM \(self.database.schema).ring_admit"
                    + "('api', \(process), \(wanted), 100, 0, 0, \(isAlone ? 1 : 0), \(own))", parameters: [])
            _ = try await transaction.commit([])
            return (rows.first ?? []).compactMap { $0.flatMap { Int($0) } }
        }

        func count(_ table: String, _ condition: String) async throws -> Int {
            try await self.database.execute("SELECT 1 FROM \(self.database.schema).\(table) \(condition)")
        }

        func change(_ table: String, _ values: String) async throws {
            _ = try await self.database.execute("UPDATE \(self.database.schema).\(table) SET \(values)")
        }
    }

    /// A process that is cut off keeps the share that it knows, however many processes come.
    @Test func sharesTogetherNeverExceedTheLimit() async throws {
        let budget = try await Budget()
        #expect(try await budget.admit(1, 0, own: 0) == [0, 100])
        // The first one may not have heard of the second one yet.
        #expect(try await budget.admit(2, 0, own: 0) == [0, 0])
        #expect(try await budget.admit(1, 0, own: 100) == [0, 50])
        #expect(try await budget.admit(2, 0, own: 0) == [0, 0])
        #expect(try await budget.admit(1, 0, own: 50) == [0, 50])
        #expect(try await budget.admit(2, 0, own: 0) == [0, 50])
        #expect(try await budget.admit(1, 0, own: 50, isAlone: true) == [0, 50])
        for process in 3...10 { #expect(try await budget.admit(process, 0, own: 0) == [0, 0]) }
        // What is left to the first one is not given to the others.
        #expect(try await budget.admit(3, 100, own: 0) == [50, 0])
        #expect(try await budget.admit(2, 0, own: 50) == [0, 10])
        #expect(try await budget.count("ring_rate_member", "HAVING sum(share) > 100") == 0)
        #expect(try await budget.admit(2, 0, own: 10) == [0, 10])
        #expect(try await budget.admit(3, 1, own: 0) == [0, 10])
        // What it is told may not reach it.
        #expect(try await budget.admit(1, 0, own: 50, isAlone: true) == [0, 10])
        #expect(try await budget.admit(4, 100, own: 0) == [0, 10])
        #expect(try await budget.count("ring_rate_member", "HAVING sum(share) > 100") == 0)
        await budget.database.close()
    }

    /// When the requests of the last second were sent is not known then.
    @Test(arguments: ["1 second", "10 minutes"])
    func nobodySendsForASecondWhenTheClockOfTheServerIsSetBack(difference: String) async throws {
        let budget = try await Budget()
        _ = try await budget.admit(1, 100, own: 0)
        _ = try await budget.admit(2, 0, own: 0)
        try await budget.change("ring_rate_member", "seen = seen + interval '\(difference)'")
        try await budget.change(
            "ring_rate", "latest = latest + extract(epoch FROM interval '\(difference)')::bigint * 20")
        let start = ContinuousClock.now
        #expect(try await budget.admit(1, 100, own: 100).first == 0)
        // Processes that are not heard of any more are noticed by the new clock.
        #expect(try await budget.count("ring_rate_member", "WHERE seen > clock_timestamp()") == 0)
        while try await budget.admit(1, 40, own: 50).first == 0 {}
        #expect(ContinuousClock.now - start >= .seconds(1))
        await budget.database.close()
    }

    /// The tables of the budget are empty after a crash of the server.
    @Test func nobodySendsForASecondWhenTheServerHasForgottenTheBudget() async throws {
        let budget = try await Budget()
        #expect(try await budget.admit(1, 100, own: 0) == [100, 100])
        for table in ["ring_rate", "ring_rate_member"] {
            _ = try await budget.database.execute("DELETE FROM \(budget.database.schema).\(table)")
        }
        #expect(try await budget.admit(1, 100, own: 100) == [0, 100])
        await budget.database.close()
    }

    /// A function, table or right that is missing is told to callers and observers, and not waited for.
    @Test func aFailureThatStaysReachesTheCaller() async throws {
        let databases = try await self.open(1, limit: 100)
        let (observer, schema) = (RecordingObserver(), databases[0].schema)
        let shared = RingSharedPipeline(
            transport: StubTransport(RingHTTPResponse(status: 200)), rateBudget: databases[0].rateBudget,
            environment: RingEnvironment(observer: observer))
        let client = RingAPIClient(
            baseURL: try #require(URL(string: "https://api.example.test")), account: nil,
            transport: shared.pipelineWithoutAccessToken(), environment: RingEnvironment())
        func send() async throws {
            _ = try await client.send(client.request(path: ["v1"]), for: RingOperation("load"))
        }
        try await send()
        _ = try await databases[0].execute("ALTER FUNCTION \(schema).ring_admit RENAME TO ring_admit_old")
        await #expect {
            try await send()
        } throws: { error in
            (error as? RingError)?.code == .storageFailed && "\(error)".contains("ring_admit")
                && "\(error)".contains("rights")
        }
        let text = try #require(observer.events(RingRateBudgetFailed.self).first).attributes.last?.value
        #expect(text?.contains("ring_admit") == true)
        _ = try await databases[0].execute("ALTER FUNCTION \(schema).ring_admit_old RENAME TO ring_admit")
        try await send()
        await databases[0].close()
        await #expect { try await send() } throws: { "\($0)".contains("closed") }
    }

    /// Each keeps its share, also when others join while one of them is cut off.
    @Test func whatAProcessThatIsCutOffUsesIsNotGivenToNewOnes() async throws {
        let server = try await PostgresServer.shared.value
        let proxy = try CutProxy(server: server.folder)
        let databases = try await self.open(4, limit: 40)
        var options = PostgresServer.options(databases[0].schema)
        (options.requestsPerSecond, options.connectionTimeout) = (40, .milliseconds(200))
        let far = try await RingPostgresDatabase.open(proxy.url, options: options)
        let members = "\(options.schema).ring_rate_member"
        let isShared = "SELECT 1 FROM \(members) HAVING count(*) = 2 AND min(share) = 20"
        while try await databases[0].execute(isShared) == 0 {
            try await self.run([databases[0], far], for: .milliseconds(100), Log())
        }
        proxy.cut()
        async let nearRun: Void = self.run(databases, for: .seconds(10), Log())
        let alone = Log()
        async let farRun: Void = self.run([far], for: .seconds(10), alone)
        // From then on the second has only what was given with its share in mind.
        let isSilent =
            "SELECT 1 FROM \(members) HAVING count(*) = 5 AND min(seen) < clock_timestamp() - interval '5 seconds'"
        while try await databases[0].execute(isSilent) == 0 { try await Task.sleep(for: .milliseconds(20)) }
        let isExceeded = "SELECT 1 FROM \(options.schema).ring_rate WHERE (SELECT sum(c) FROM unnest(counts) c) > 20"
        var exceeded = 0
        for _ in 0..<200 { exceeded += try await databases[0].execute(isExceeded) }
        #expect(exceeded == 0)
        _ = try await (nearRun, farRun)
        #expect(alone.count > 0 && alone.count <= alone.most(20), "\(alone.count)")
        for database in databases + [far] { await database.close() }
        proxy.close()
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
        let isShared = "SELECT 1 FROM \(options.schema).ring_rate_member HAVING count(*) = 2 AND min(share) = 20"
        while try await near.execute(isShared) == 0 {
            try await self.run([near, far], for: .milliseconds(100), Log())
        }
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
