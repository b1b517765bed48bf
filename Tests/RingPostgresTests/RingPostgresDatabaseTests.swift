import PostgresServer
import RingCore
import RingPostgres
import RingTesting
import Testing

/// Opening, schemas, notifications and closing.
@Suite(.timeLimit(.minutes(5)), .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct RingPostgresDatabaseTests {
    private static let things = RingStorageCollection(name: "things", indexes: ["key"])
    private static let others = RingStorageCollection(name: "others", indexes: [])

    private func open(_ options: RingPostgresOptions) async throws -> RingPostgresDatabase {
        try await RingPostgresDatabase.open(try await PostgresServer.shared.value.url, options: options)
    }

    private func options(_ change: (inout RingPostgresOptions) -> Void = { _ in }) -> RingPostgresOptions {
        var options = PostgresServer.options(PostgresServer.newSchema())
        change(&options)
        return options
    }

    private func put(_ name: String, _ collection: RingStorageCollection = things) -> RingStorageChange {
        .put(RingStorageRecord(id: RingStorageID(collection, name), version: 1), replacing: nil)
    }

    // MARK: The schema

    @Test func manyProcessesMayMakeTheTablesAtOnce() async throws {
        let options = self.options()
        let databases = try await withThrowingTaskGroup(of: RingPostgresDatabase.self) { group in
            for _ in 0..<12 { group.addTask { try await self.open(options) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(try await databases[0].commit([self.put("a")]))
        #expect(try await databases[11].records([RingStorageID(Self.things, "a")]).count == 1)
        for database in databases { await database.close() }
    }

    @Test func tablesOfANewerReleaseAreRefusedBeforeAnythingIsWritten() async throws {
        let options = self.options()
        let database = try await self.open(options)
        _ = try await database.execute("INSERT INTO \(options.schema).ring_schema VALUES (99, 2)")
        await #expect { try await self.open(options) } throws: { error in
            (error as? RingError)?.code == .storageFailed && "\(error)".contains("newer release")
        }
        // One that may still write into them is not.
        _ = try await database.execute("UPDATE \(options.schema).ring_schema SET oldest_writer = 1")
        await (try self.open(options)).close()
        await database.close()
    }

    @Test func tablesOfADevelopmentVersionAreRefused() async throws {
        let options = self.options()
        let database = try await self.open(options)
        // As it was before the release.
        _ = try await database.execute("ALTER FUNCTION \(options.schema).ring_admit RENAME TO ring_admit_old")
        await #expect { try await self.open(options) } throws: { error in
            (error as? RingError)?.code == .storageFailed && "\(error)".contains("development version")
        }
        await database.close()
    }

    @Test func withoutMigrationsMissingTablesAreAnError() async throws {
        let options = self.options { $0.migrates = false }
        await #expect { try await self.open(options) } throws: { "\($0)".contains("schemaScript") }
    }

    /// As when an administrator makes a schema for a user who may make none.
    @Test func aSchemaThatExistsNeedsNoRightToMakeSchemas() async throws {
        let options = self.options()
        let user = "u\(options.schema)"
        let administrator = try await self.open(self.options())
        _ = try await administrator.execute("CREATE ROLE \(user) LOGIN")
        _ = try await administrator.execute("CREATE SCHEMA \(options.schema) AUTHORIZATION \(user)")
        let url = try await PostgresServer.shared.value.url
        let database = try await RingPostgresDatabase.open(
            url.replacing("user=ring", with: "user=\(user)"), options: options)
        #expect(try await database.commit([self.put("a")]))
        #expect(try await database.collections() == ["things"])
        await database.close()
        await administrator.close()
    }

    @Test func rowsOfProcessesThatWereNotHeardOfForDaysAreRemoved() async throws {
        let options = self.options()
        let database = try await self.open(options)
        _ = try await database.execute(
            "INSERT INTO \(options.schema).ring_process SELECT i, '', '', 1, 1, now() - i * interval '5 days' "
                + "FROM generate_series(1, 2) i")
        // The first call about leases enters this process.
        let lease = RingStorageLease(id: RingStorageID(Self.things, "a"), token: 1)
        #expect(try await database.extend([lease], by: .zero) == [])
        #expect(try await database.execute("SELECT 1 FROM \(options.schema).ring_process WHERE id = 1") == 1)
        #expect(try await database.execute("SELECT 1 FROM \(options.schema).ring_process WHERE id = 2") == 0)
        await database.close()
    }

    /// Behind a pooler two processes may use one connection of the server.
    @Test func oneNameNeverStandsForTwoPreparedStatements() async throws {
        let options = self.options { $0.maximumConnections = 1 }
        let databases = [try await self.open(options), try await self.open(options)]
        _ = try await databases[0].execute("CREATE TABLE \(options.schema).names (name text, statement text)")
        for (index, database) in databases.enumerated() {
            for number in [index, 1 - index] { _ = try await database.execute("SELECT \(number)") }
            _ = try await database.execute(
                "INSERT INTO \(options.schema).names SELECT name, statement FROM pg_prepared_statements")
        }
        let isCommon = "SELECT 1 FROM \(options.schema).names GROUP BY name HAVING count(*) = 2"
        #expect(try await databases[0].execute(isCommon) >= 2)
        #expect(try await databases[0].execute("\(isCommon) AND count(DISTINCT statement) > 1") == 0)
        for database in databases { await database.close() }
    }

    @Test func theDefaultsOfADatabaseDoNotChangeItsTransactions() async throws {
        let url = try await PostgresServer.shared.value.url
        let database = try await RingPostgresDatabase.open(
            "\(url)&options=-cdefault_transaction_isolation%3Dserializable", options: self.options())
        let isRight = "SELECT 1 WHERE current_setting('transaction_isolation') = 'read committed'"
        #expect(try await database.execute(isRight) == 1)
        await database.close()
    }

    @Test func plansThatWereMadeForAnEmptyTableSuitAFullOne() async throws {
        let options = self.options { $0.maximumConnections = 1 }
        let database = try await self.open(options)
        let scans =
            "SELECT seq_scan FROM pg_stat_user_tables "
            + "WHERE schemaname = '\(options.schema)' AND relname = 'ring_record'"
        // A connection tells its statistics at the end of a statement, at most once a second.
        try await Task.sleep(for: .milliseconds(1_100))
        _ = try await database.execute("SELECT 2")
        _ = try await database.execute("CREATE TABLE \(options.schema).scans AS \(scans)")
        for number in 0..<20 {
            #expect(try await database.commit([self.put("\(number)"), self.put("\(number)", Self.others)]))
            _ = try await database.records([RingStorageID(Self.things, "0"), RingStorageID(Self.others, "0")])
        }
        try await Task.sleep(for: .milliseconds(1_100))
        _ = try await database.execute("SELECT 2")
        #expect(try await database.execute("SELECT 1 FROM \(options.schema).scans WHERE seq_scan < (\(scans))") == 0)
        await database.close()
    }

    @Test func collectionsAreFoundWithoutReadingTheirRecords() async throws {
        let database = try await self.open(self.options())
        #expect(try await database.collections() == [])
        for name in ["a", "b"] {
            #expect(try await database.commit([self.put(name), self.put(name, Self.others)]))
        }
        #expect(try await database.collections() == ["others", "things"])
        await database.close()
    }

    @Test(arguments: [
        "", "Ring", "1ring", "ring; DROP TABLE x", "ring.x", "ünïcode", String(repeating: "a", count: 41),
    ])
    func onlyPlainNamesOfSchemasAreAccepted(schema: String) async throws {
        await #expect { try await self.open(self.options { $0.schema = schema }) } throws: {
            ($0 as? RingError)?.code == .storageFailed
        }
        #expect(throws: RingError.self) { try RingPostgresDatabase.schemaScript(schema: schema) }
    }

    @Test func twoSchemasKnowNothingOfEachOther() async throws {
        let (first, second) = (try await self.open(self.options()), try await self.open(self.options()))
        #expect(try await first.commit([self.put("a")]))
        #expect(try await second.count(matching: RingStorageQuery(Self.things)) == 0)
        #expect(try await first.collections() == ["things"])
        #expect(try await second.collections() == [])
        for database in [first, second] { await database.close() }
    }

    @Test func aDatabaseWhoseDefaultIsNotDurableIsUsedDurably() async throws {
        let server = try await PostgresServer(settings: ["synchronous_commit=off"])
        let database = try await RingPostgresDatabase.open(server.url, options: self.options())
        #expect(try await database.execute("SELECT 1 WHERE current_setting('synchronous_commit') = 'on'") == 1)
        await database.close()
    }

    // MARK: Names and content

    @Test func namesKeysAndPayloadsMayBeAnyBytes() async throws {
        let database = try await self.open(self.options())
        for name in [
            "", "a\0b", "e\u{301}", "'; DROP TABLE x; --", "\\x41", "\u{10FFFF}", String(repeating: "n", count: 2_000),
        ] {
            let record = RingStorageRecord(
                id: RingStorageID(Self.things, name), version: .min, keys: [.text(name)], payload: Array(0...255))
            #expect(try await database.commit([.put(record, replacing: nil)]), "\(name)")
            #expect(try await database.records([record.id]).first?.payload == record.payload)
            let query = RingStorageQuery(Self.things, index: 0, from: .text(name), through: .text(name))
            #expect(try await database.records(matching: query).map(\.id) == [record.id])
        }
        await database.close()
    }

    @Test func aNameThatIsTooLongForTheIndexIsATypedError() async throws {
        let database = try await self.open(self.options())
        let name = (0..<4_000).map { _ in String(Int.random(in: 0...9)) }.joined()
        await #expect { try await database.commit([self.put(name)]) } throws: {
            ($0 as? RingError)?.code == .storageFailed && !"\($0)".contains(name)
        }
        // Others in the same commit are stored.
        let long = Task { try await database.commit([self.put(name + "x")]) }
        let short = Task { try await database.commit([self.put("short")]) }
        #expect(try await short.value)
        await #expect(throws: RingError.self) { try await long.value }
        await database.close()
    }

    @Test func extremeDurationsAreClamped() async throws {
        let database = try await self.open(self.options())
        for (number, duration) in [Duration.seconds(-5), .zero, .seconds(Int64.max), .seconds(100_000)].enumerated() {
            let record = RingStorageRecord(id: RingStorageID(Self.things, "\(number)"), version: 1)
            let lease = RingLeaseChange.take(token: 7, for: duration)
            #expect(try await database.commit([.put(record, replacing: nil, lease: lease)]))
            let token = try await database.records([record.id]).first?.leaseToken
            #expect(token == (duration > .zero ? 7 : nil), "\(duration)")
        }
        await database.close()
    }

    // MARK: Notifications

    @Test func otherProcessesHearOfChanges() async throws {
        let options = self.options()
        let (writer, reader) = (try await self.open(options), try await self.open(options))
        let changes = try #require(reader.changes(in: Self.things))
        let own = try #require(writer.changes(in: Self.things))
        let heard = Task { () -> [String] in
            var names: [String] = []
            for await id in changes {
                names.append(id.name)
                if id.name == "last" { break }
            }
            return names
        }
        // Until it listens nothing is heard of.
        let listening = Task {
            var number = 0
            while !Task.isCancelled {
                number += 1
                _ = try? await writer.commit([self.put("\(number)")])
                _ = try? await writer.commit([self.put("\(number)", Self.others)])
                try? await Task.sleep(for: .milliseconds(20))
            }
        }
        var iterator = try #require(reader.changes(in: Self.things)).makeAsyncIterator()
        #expect(await iterator.next() != nil)
        listening.cancel()
        _ = await listening.value
        #expect(try await writer.commit([self.put("last"), self.put("strange\nname")]))
        let names = await heard.value
        #expect(names.last == "last" && !names.contains("strange\nname"))
        await writer.close()
        // What a process changes itself it is not told, and the stream ends with the database.
        for await id in own { Issue.record("\(id)") }
        await reader.close()
        #expect(reader.changes(in: Self.things) == nil)
    }

    // MARK: Closing

    @Test func aClosedDatabaseFailsAndItsLeasesEnd() async throws {
        let options = self.options()
        let (first, second) = (try await self.open(options), try await self.open(options))
        let record = RingStorageRecord(id: RingStorageID(Self.things, "a"), version: 1)
        #expect(try await first.commit([.put(record, replacing: nil, lease: .take(token: 1, for: .seconds(600)))]))
        #expect(try await second.records([record.id]).first?.leaseToken == 1)
        await first.close()
        await first.close()
        #expect(try await second.records([record.id]).first?.leaseToken == nil)
        for call in [
            { _ = try await first.records([record.id]) },
            { _ = try await first.commit([.delete(record.id, version: 1)]) },
            { _ = try await first.extend([RingStorageLease(id: record.id, token: 1)], by: .seconds(1)) },
            { _ = try await first.count(matching: RingStorageQuery(Self.things)) },
        ] as [@Sendable () async throws -> Void] {
            await #expect { try await call() } throws: { ($0 as? RingError)?.code == .storageFailed }
        }
        await second.close()
    }

    /// One that is forgotten gives up its leases and connections as well, even when it listens.
    @Test func aReleasedDatabaseIsClosed() async throws {
        let options = self.options()
        let record = RingStorageRecord(id: RingStorageID(Self.things, "a"), version: 1)
        let reader = try await self.open(options)
        do {
            let released = try await self.open(options)
            _ = released.changes(in: Self.things)
            #expect(
                try await released.commit([.put(record, replacing: nil, lease: .take(token: 1, for: .seconds(600)))]))
        }
        while try await reader.records([record.id]).first?.leaseToken != nil {
            try await Task.sleep(for: .milliseconds(20))
        }
        await reader.close()
    }

    @Test func callsUnderWayAreCompletedBeforeItCloses() async throws {
        let database = try await self.open(self.options())
        let outcomes = await withTaskGroup(of: Bool?.self) { group in
            for number in 0..<200 { group.addTask { try? await database.commit([self.put("\(number)")]) } }
            await database.close()
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(!outcomes.contains(false))
    }

    @Test func aThousandCallersShareThreeConnections() async throws {
        let database = try await self.open(self.options { $0.maximumConnections = 3 })
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1_000 {
                group.addTask {
                    let isMade = try await database.commit([self.put("\(number)")])
                    let found = try await database.records([RingStorageID(Self.things, "\(number)")])
                    #expect(isMade && found.count == 1)
                }
            }
            try await group.waitForAll()
        }
        let count = try await database.execute(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'ring-partner-swift' AND query LIKE '%things%'")
        #expect(count <= 200)
        #expect(try await database.count(matching: RingStorageQuery(Self.things)) == 1_000)
        await database.close()
    }
}
