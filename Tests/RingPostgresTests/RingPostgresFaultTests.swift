import Foundation
import PostgresServer
import RingCore
import RingPostgres
import RingTesting
import Synchronization
import Testing

/// What is left when the server is killed, stopped, replaced, full or out of reach.
@Suite(.serialized, .timeLimit(.minutes(4)), .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct RingPostgresFaultTests {
    private static let things = RingStorageCollection(name: "things", indexes: ["key"])

    private static func id(_ name: String) -> RingStorageID { RingStorageID(Self.things, name) }

    /// Writers that count up records of their own until they are told to stop, and what they were told was stored.
    private final class Load: Sendable {
        struct Counter: Sendable {
            /// The version of the last commit that returned true.
            var stored: Int64 = 0
            /// The version of a commit whose outcome is not known.
            var open: Int64?
            var failures = 0
        }
        let counters = Mutex<[Counter]>([])
        let isStopped = Mutex(false)
        let storage: any RingStorage

        init(_ storage: any RingStorage, writers: Int) {
            self.storage = storage
            self.counters.withLock { $0 = Array(repeating: Counter(), count: writers) }
        }

        func run() async {
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<self.counters.withLock({ $0.count }) { group.addTask { await self.write(number) } }
            }
        }

        private func write(_ number: Int) async {
            let id = RingPostgresFaultTests.id("writer \(number)")
            while !self.isStopped.withLock({ $0 }) {
                do {
                    let stored = try await self.storage.records([id]).first?.version
                    let next = (stored ?? 0) + 1
                    self.counters.withLock { counters in
                        // A commit whose outcome was open has had its effect, or has none any more.
                        #expect(stored ?? 0 == counters[number].stored || stored == counters[number].open)
                        counters[number].stored = stored ?? 0
                        counters[number].open = next
                    }
                    let isMade = try await self.storage.commit([
                        .put(RingStorageRecord(id: id, version: next), replacing: stored)
                    ])
                    self.counters.withLock { counters in
                        #expect(isMade)
                        counters[number].stored = next
                        counters[number].open = nil
                    }
                } catch {
                    self.counters.withLock { $0[number].failures += 1 }
                }
            }
        }

        var total: Int64 { self.counters.withLock { $0.reduce(0) { $0 + $1.stored } } }

        /// Returns when every writer has stored some more.
        func progress() async {
            let start = self.counters.withLock { $0.map(\.stored) }
            while !self.counters.withLock({ zip($0, start).allSatisfy { $0.stored > $1 + 3 } }) {
                await Task.yield()
            }
        }
    }

    @Test(arguments: [PostgresServer.Command.kill, .immediate, .fast])
    func nothingThatWasConfirmedIsLostWhenTheServerEnds(how: PostgresServer.Command) async throws {
        let server = try await PostgresServer()
        let storage = try await RingPostgresDatabase.open(
            server.url, options: PostgresServer.options(PostgresServer.newSchema()))
        let load = Load(storage, writers: 12)
        async let run: Void = load.run()
        for _ in 0..<3 {
            await load.progress()
            await server.perform(how)
            await server.perform(.start)
            await load.progress()
        }
        load.isStopped.withLock { $0 = true }
        await run
        for (number, counter) in load.counters.withLock({ $0 }).enumerated() {
            let stored = try await storage.records([Self.id("writer \(number)")]).first?.version
            #expect(stored == counter.stored || stored == counter.open, "writer \(number)")
        }
        await storage.close()
    }

    @Test func goesOnWithAStandbyThatWasPromoted() async throws {
        let primary = try await PostgresServer(settings: ["synchronous_standby_names=*", "wal_keep_size=256MB"])
        let schema = PostgresServer.newSchema()
        let standby = try await PostgresServer(standbyOf: primary)
        var options = PostgresServer.options(schema)
        options.connectionTimeout = .seconds(20)
        let storage = try await RingPostgresDatabase.open(
            "postgres:///postgres?host=\(primary.folder),\(standby.folder)&user=ring", options: options)
        let load = Load(storage, writers: 12)
        async let run: Void = load.run()
        await load.progress()
        await primary.perform(.immediate)
        await standby.perform(.promote)
        await load.progress()
        load.isStopped.withLock { $0 = true }
        await run
        for (number, counter) in load.counters.withLock({ $0 }).enumerated() {
            let stored = try await storage.records([Self.id("writer \(number)")]).first?.version
            #expect(stored == counter.stored || stored == counter.open, "writer \(number)")
        }
        await storage.close()
    }

    @Test func aHolderThatWasCutOffCannotWriteAfterItsLeaseWasTakenOver() async throws {
        let server = try await PostgresServer.shared.value
        let proxy = try CutProxy(server: server.folder)
        var options = PostgresServer.options(PostgresServer.newSchema())
        (options.statementTimeout, options.connectionTimeout) = (.seconds(1), .milliseconds(500))
        let cutOff = try await RingPostgresDatabase.open(proxy.url, options: options, machine: Self.otherMachine)
        let other = try await RingPostgresDatabase.open(server.url, options: options)
        let id = Self.id("a")
        #expect(
            try await cutOff.commit([
                .put(
                    RingStorageRecord(id: id, version: 1), replacing: nil,
                    lease: .take(token: 7, for: .seconds(3)))
            ]))
        #expect(try await other.records([id]).first?.leaseToken == 7)
        proxy.cut()
        // The caller gets an error in time, and the other machine waits for the lease's end.
        await #expect(throws: RingError.self) {
            try await cutOff.extend([RingStorageLease(id: id, token: 7)], by: .seconds(60))
        }
        while try await other.records([id]).first?.leaseToken != nil { try await Task.sleep(for: .milliseconds(20)) }
        #expect(
            try await other.commit([
                .put(RingStorageRecord(id: id, version: 2), replacing: 1, lease: .take(token: 8, for: .seconds(60)))
            ]))
        proxy.mend()
        #expect(try await cutOff.commit([.put(RingStorageRecord(id: id, version: 3), replacing: 1)]) == false)
        #expect(try await cutOff.extend([RingStorageLease(id: id, token: 7)], by: .seconds(60)) == [])
        #expect(try await other.records([id]).first?.version == 2)
        for storage in [cutOff, other] { await storage.close() }
        proxy.close()
    }

    /// A machine that shares nothing with this one but the database.
    private static var otherMachine: RingMachine {
        var machine = RingMachine.current
        (machine.boot, machine.namespace) = ("another boot", "another namespace")
        return machine
    }

    @Test func theConnectionsThatTheServerGrantsAreEnough() async throws {
        let server = try await PostgresServer(settings: ["max_connections=4", "superuser_reserved_connections=0"])
        var options = PostgresServer.options(PostgresServer.newSchema())
        (options.maximumConnections, options.connectionTimeout) = (16, .seconds(10))
        let storage = try await RingPostgresDatabase.open(server.url, options: options)
        // More callers than connections: those that the server gives are enough.
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let record = RingStorageRecord(id: Self.id("\(number)"), version: 1)
                    let isMade = try await storage.commit([.put(record, replacing: nil)])
                    #expect(isMade)
                }
            }
            try await group.waitForAll()
        }
        await storage.close()
    }

    /// A server that has become a standby refuses to write; the pool looks for the primary then.
    @Test func aConnectionToAStandbyIsReplaced() async throws {
        let server = try await PostgresServer.shared.value
        var options = PostgresServer.options(PostgresServer.newSchema())
        options.maximumConnections = 1
        let storage = try await RingPostgresDatabase.open(server.url, options: options)
        _ = try await storage.execute("SELECT set_config('default_transaction_read_only', 'on', false)")
        let change = RingStorageChange.put(RingStorageRecord(id: Self.id("a"), version: 1), replacing: nil)
        await #expect { try await storage.commit([change]) } throws: { "\($0)".contains("standby") }
        #expect(try await storage.commit([change]))
        await storage.close()
    }

    /// Two changes share a transaction that is refused, one of them is refused again on its own, and its next repetition ends the
    /// connection. Each caller hears of it once.
    @Test func aConnectionThatIsLostInARepetitionFailsOnlyWhatHadNoOutcome() async throws {
        var options = PostgresServer.options(PostgresServer.newSchema())
        options.maximumConnections = 1
        let schema = options.schema
        let database = try await RingPostgresDatabase.open(try await PostgresServer.shared.value.url, options: options)
        // A sequence is not undone with its transaction.
        _ = try await database.execute("CREATE SEQUENCE \(schema).runs")
        _ = try await database.execute(
            """
            CREATE FUNCTION \(schema).fails() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('\(schema).runs') > 2 THEN
                    PERFORM pg_terminate_backend(pg_backend_pid());
                    PERFORM pg_sleep(5);
                END IF;
                RAISE EXCEPTION SQLSTATE '40001';
            END $$
            """)
        // The only connection is busy until both changes wait for it.
        let holder = try #require(database.transaction())
        _ = try await holder.execute("SELECT pg_advisory_xact_lock(hashtext('\(schema)'))", parameters: [])
        async let first = database.execute("SELECT pg_advisory_xact_lock(hashtext('\(schema)'))")
        let isHeld =
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND pid IN "
            + "(SELECT pid FROM pg_stat_activity WHERE query LIKE '%\(schema)%')"
        while try await holder.execute(isHeld, parameters: []).isEmpty { await Task.yield() }
        let failing = Task { try await database.execute("SELECT \(schema).fails()") }
        async let succeeding = database.execute("CREATE TABLE \(schema).made (id int)")
        while database.waitingCallCount < 2 { await Task.yield() }
        await holder.rollBack()
        _ = try await (first, succeeding)
        await #expect(throws: RingError.self) { try await failing.value }
        #expect(try await database.execute("SELECT 1 WHERE nextval('\(schema).runs') = 4") == 1)
        #expect(try await database.execute("SELECT 1 FROM \(schema).made") == 0)
        await database.close()
    }

    /// As when several machines want the same webhooks at once.
    @Test func processesThatChangeTheSameRecordsDoNotLockEachOtherOut() async throws {
        let server = try await PostgresServer()
        var options = PostgresServer.options("ring")
        options.maximumConnections = 1
        let databases = [
            try await RingPostgresDatabase.open(server.url, options: options),
            try await RingPostgresDatabase.open(server.url, options: options),
        ]
        let records = (0..<60).map { RingStorageRecord(id: Self.id("\($0)"), version: 0) }
        #expect(try await databases[0].commit(records.map { .put($0, replacing: nil) }))
        for version in 1...10 as ClosedRange<Int64> {
            let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                for (database, records) in zip(databases, [records, records.reversed()]) {
                    for var record in records {
                        record.version = version
                        let change = RingStorageChange.put(record, replacing: version - 1)
                        group.addTask { try await database.commit([change]) }
                    }
                }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(made == records.count)
        }
        for database in databases { await database.close() }
        let watcher = try await RingPostgresDatabase.open(server.url, options: options)
        let hasDeadlocks = "SELECT 1 FROM pg_stat_database WHERE datname = current_database() AND deadlocks > 0"
        #expect(try await watcher.execute(hasDeadlocks) == 0)
        await watcher.close()
    }

    /// Writers of new records of 6 kB each, which need space.
    private final class NewRecords: Sendable {
        let confirmed = Mutex<[String]>([])
        let errors = Mutex<[String]>([])
        let isStopped = Mutex(false)
        private let storage: any RingStorage

        init(_ storage: any RingStorage) { self.storage = storage }

        var count: Int { self.confirmed.withLock { $0.count } }

        func run(writers: Int) async {
            await withTaskGroup(of: Void.self) { group in
                for writer in 0..<writers { group.addTask { await self.write(writer) } }
            }
        }

        private func write(_ writer: Int) async {
            var number = 0
            while !self.isStopped.withLock({ $0 }) {
                number += 1
                let name = "\(writer) \(number)"
                let payload = (0..<6_000).map { _ in UInt8.random(in: 0...255) }
                let record = RingStorageRecord(id: RingPostgresFaultTests.id(name), version: 1, payload: payload)
                do {
                    if try await self.storage.commit([.put(record, replacing: nil)]) {
                        self.confirmed.withLock { $0.append(name) }
                    }
                } catch { self.errors.withLock { $0.append("\(error)") } }
            }
        }
    }

    /// The disk of tables and log is full, and has space again. What was confirmed is there, each time.
    @Test(.enabled(if: PostgresServer.canLimitDisk, "a disk of a few megabytes needs the right to mount"))
    func nothingThatWasConfirmedIsLostWhenTheDiskIsFull() async throws {
        let server = try await PostgresServer(
            settings: ["min_wal_size=2MB", "max_wal_size=8MB", "shared_buffers=4MB"], megabytes: 90)
        var options = PostgresServer.options(PostgresServer.newSchema())
        (options.connectionTimeout, options.requestsPerSecond) = (.seconds(1), nil)
        let storage = try await RingPostgresDatabase.open(server.url, options: options)
        let load = NewRecords(storage)
        async let run: Void = load.run(writers: 8)
        for _ in 0..<2 {
            let some = load.count + 50
            while load.count < some { await Task.yield() }
            load.errors.withLock { $0 = [] }
            await server.perform(.fill)
            while load.errors.withLock({ $0.count }) < 8 { try await Task.sleep(for: .milliseconds(5)) }
            let texts = load.errors.withLock { $0 }
            // The tables are full, or the log: then the server ends.
            #expect(texts.allSatisfy { $0.contains("storage_failed") }, "\(texts.first ?? "")")
            await server.perform(.free)
            let more = load.count + 50
            while load.count < more { await Task.yield() }
        }
        load.isStopped.withLock { $0 = true }
        await run
        let names = load.confirmed.withLock { $0 }
        let stored = Set(try await storage.names(matching: RingStorageQuery(Self.things)))
        #expect(names.count > 200 && stored.isSuperset(of: names), "\(Set(names).subtracting(stored).count) are lost")
        await storage.close()
    }

    @Test func errorsNameThePlaceAndNeverThePassword() async throws {
        let password = "canary-4711"
        for target in [
            "postgres://ring:\(password)@127.0.0.1:1/ring", "postgres://ring:\(password)@[::1/ring",
            "host=/nonexistent user=ring password=\(password)", "postgres://ring:\(password)@nowhere.invalid/ring?x=y",
        ] {
            var options = RingPostgresOptions()
            options.connectionTimeout = .milliseconds(100)
            do {
                _ = try await RingPostgresDatabase.open(target, options: options)
                Issue.record("opened \(target)")
            } catch let error as RingError {
                #expect(error.code == .storageFailed)
                #expect(!"\(error)".contains(password) && "\(error)".contains("PostgreSQL"), "\(error)")
            }
        }
    }

    @Test func aFullDiskIsNamedAndNothingIsHalfWritten() async throws {
        let server = try await PostgresServer.shared.value
        let options = PostgresServer.options(PostgresServer.newSchema())
        let storage = try await RingPostgresDatabase.open(server.url, options: options)
        // As the server reports it; a disk of its own would need root.
        _ = try await storage.execute(
            """
            DO $$ BEGIN
            CREATE FUNCTION \(options.schema).disk_full() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN
                IF NEW.version = 13 THEN
                    RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = '53100';
                END IF;
                RETURN NEW;
            END $f$;
            CREATE TRIGGER disk_full BEFORE INSERT ON \(options.schema).ring_record
                FOR EACH ROW EXECUTE FUNCTION \(options.schema).disk_full();
            END $$
            """)
        // In one commit with others, whose changes are made.
        let outcomes = await withTaskGroup(of: (Int64, String).self) { group in
            for version in 1...40 as ClosedRange<Int64> {
                group.addTask {
                    do {
                        let record = RingStorageRecord(id: Self.id("\(version)"), version: version)
                        let isMade = try await storage.commit([.put(record, replacing: nil)])
                        return (version, "\(isMade)")
                    } catch { return (version, "\(error)") }
                }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        for (version, outcome) in outcomes where version != 13 { #expect(outcome == "true", "\(version)") }
        #expect(outcomes[13]?.contains("free some disk space") == true, "\(outcomes[13] ?? "")")
        #expect(try await storage.count(matching: RingStorageQuery(Self.things)) == 39)
        await storage.close()
    }
}
