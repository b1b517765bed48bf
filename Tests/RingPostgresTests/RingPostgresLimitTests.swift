import Foundation
import PostgresServer
import RingCore
import RingPostgres
import RingTesting
import Synchronization
import Testing

/// Calls that wait for something end in time, with an error that says what for.
@Suite(
    .serialized, .timeLimit(.minutes(2)), .enabled(if: PostgresServer.isInstalled, "PostgreSQL is not installed"))
struct RingPostgresLimitTests {
    private static let things = RingStorageCollection(name: "things", indexes: ["key"])

    private func change(_ name: String, replacing version: Int64? = nil) -> RingStorageChange {
        .put(
            RingStorageRecord(id: RingStorageID(Self.things, name), version: (version ?? 0) + 1), replacing: version)
    }

    private func open(
        at url: String? = nil, _ change: (inout RingPostgresOptions) -> Void = { _ in }
    ) async throws -> (RingPostgresDatabase, schema: String) {
        var options = PostgresServer.options(PostgresServer.newSchema())
        change(&options)
        let target = if let url { url } else { try await PostgresServer.shared.value.url }
        return (try await RingPostgresDatabase.open(target, options: options), options.schema)
    }

    private func text(of body: () async throws -> Void) async -> String {
        do { try await body() } catch { return "\(error)" }
        return "nothing was thrown"
    }

    @Test func aRowThatSomebodyHoldsIsWaitedForAsLongAsIsAllowed() async throws {
        let (database, schema) = try await self.open { $0.lockTimeout = .milliseconds(200) }
        #expect(try await database.commit([self.change("a")]))
        let holder = try #require(database.transaction())
        _ = try await holder.execute("SELECT 1 FROM \(schema).ring_record FOR UPDATE", parameters: [])
        let start = ContinuousClock.now
        let text = await self.text { _ = try await database.commit([self.change("a", replacing: 1)]) }
        #expect(text.contains("storage_failed") && text.contains("busy") && text.contains("55P03"), "\(text)")
        #expect(ContinuousClock.now - start < .seconds(10))
        // Others are not held up, and the row can be changed afterwards.
        #expect(try await database.commit([self.change("b")]))
        await holder.rollBack()
        #expect(try await database.commit([self.change("a", replacing: 1)]))
        await database.close()
    }

    @Test func aStatementThatTakesTooLongIsEndedByTheServer() async throws {
        let (database, _) = try await self.open { $0.statementTimeout = .seconds(2) }
        let text = await self.text { _ = try await database.execute("SELECT pg_sleep(30)") }
        #expect(text.contains("57014"), "\(text)")
        #expect(try await database.commit([self.change("a")]))
        await database.close()
    }

    /// Nothing comes back, and nothing is closed: only a limit of this side helps.
    @Test func aServerThatFallsSilentIsGivenUp() async throws {
        let server = try await PostgresServer.shared.value
        let proxy = try CutProxy(server: server.folder)
        let (database, _) = try await self.open(at: proxy.url) { options in
            (options.statementTimeout, options.connectionTimeout) = (.seconds(2), .seconds(1))
            (options.requestsPerSecond, options.maximumConnections) = (nil, 1)
        }
        #expect(try await database.commit([self.change("a")]))
        proxy.cut()
        let start = ContinuousClock.now
        let text = await self.text { _ = try await database.commit([self.change("a", replacing: 1)]) }
        #expect(text.contains("may have been made or not"), "\(text)")
        #expect(ContinuousClock.now - start < .seconds(15))
        proxy.mend()
        // What was sent did not arrive here; and the pool has connections again.
        let version = try await database.records([RingStorageID(Self.things, "a")]).first?.version
        #expect(version == 1 || version == 2)
        #expect(try await database.commit([self.change("b")]))
        await database.close()
        proxy.close()
    }

    /// A read may be repeated, so a connection that is lost costs it nothing.
    @Test func aReadOutlivesItsConnection() async throws {
        let (database, _) = try await self.open { $0.maximumConnections = 2 }
        #expect(try await database.commit([self.change("a")]))
        for _ in 0..<5 {
            let reads = Task {
                try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<40 {
                        group.addTask { try await database.records([RingStorageID(Self.things, "a")]).count }
                    }
                    return try await group.reduce(0, +)
                }
            }
            _ = try? await database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    + "WHERE application_name = 'ring-partner-swift' AND pid <> pg_backend_pid() AND query LIKE '%things%'"
            )
            #expect(try await reads.value == 40)
        }
        await database.close()
    }

    @Test func aHostThatNeverRespondsIsNamedInTime() async throws {
        // It reads what comes and never writes.
        let listener = try RawServer { $0.waitUntilClosed() }
        let start = ContinuousClock.now
        let text = await self.text {
            _ = try await self.open(
                at: "postgres://ring:SECRET@127.0.0.1:\(listener.port)/ring?connect_timeout=2&sslmode=disable"
            ) {
                $0.connectionTimeout = .milliseconds(100)
            }
        }
        #expect(text.contains("storage_failed") && text.contains("127.0.0.1") && !text.contains("SECRET"), "\(text)")
        #expect(ContinuousClock.now - start < .seconds(30))
        listener.stop()
    }

    @Test func theFirstOfSeveralHostsMayBeDown() async throws {
        let server = try await PostgresServer.shared.value
        let (database, _) = try await self.open(at: "postgres:///postgres?host=/nonexistent,\(server.folder)&user=ring")
        #expect(try await database.commit([self.change("a")]))
        #expect(database.location.contains("/nonexistent"))
        await database.close()
    }

    @Test func aConnectionStringIsAsGoodAsAURL() async throws {
        let server = try await PostgresServer.shared.value
        let (database, _) = try await self.open(
            at: "host=\(server.folder) user=ring dbname=postgres application_name=mine")
        #expect(try await database.execute("SELECT 1 FROM pg_stat_activity WHERE application_name = 'mine'") > 0)
        #expect(database.location == "PostgreSQL at \(server.folder), database postgres")
        await database.close()
    }

    @Test func aDatabaseOrUserThatIsMissingIsNotWaitedFor() async throws {
        let server = try await PostgresServer.shared.value
        for target in [
            "host=\(server.folder) user=ring dbname=none", "host=\(server.folder) user=nobody-here dbname=postgres",
        ] {
            let start = ContinuousClock.now
            let text = await self.text { _ = try await self.open(at: target) { $0.connectionTimeout = .seconds(60) } }
            #expect(text.contains("does not exist"), "\(text)")
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    /// By the SQLSTATE: what the server says may be in any language.
    @Test func aRejectionIsUnderstoodInEveryLanguage() async throws {
        let server = try RawServer { connection in
            while let bytes = connection.readSome() {
                // The first message of a client: its length, and a number for its kind.
                guard bytes.count > 8, bytes[4...].starts(with: [0, 3, 0, 0]) else { continue }
                let fields = ["SSCHWERER FEHLER", "VFATAL", "C28P01", "MPasswort-Authentifizierung fehlgeschlagen"]
                let body: [UInt8] = fields.flatMap { Array($0.utf8) + [0] } + [0]
                let head: [UInt8] = [UInt8(ascii: "E"), 0, 0, 0, UInt8(body.count + 4)]
                try connection.write(head + body)
                return
            }
        }
        let start = ContinuousClock.now
        let text = await self.text {
            _ = try await self.open(
                at: "postgres://ring:SECRET@127.0.0.1:\(server.port)/ring?sslmode=disable&gssencmode=disable"
            ) { $0.connectionTimeout = .seconds(60) }
        }
        #expect(text.contains("28P01") && text.contains("check the user"), "\(text)")
        #expect(!text.contains("SECRET"))
        #expect(ContinuousClock.now - start < .seconds(20))
        server.stop()
    }

    /// Neither is a matter of waiting, and no text of the server names what is missing.
    @Test func aUserWhoMayNotConnectIsToldAtOnce() async throws {
        let server = try await PostgresServer.shared.value
        let (database, schema) = try await self.open()
        for statement in [
            "CREATE ROLE \(schema)_out NOLOGIN", "CREATE ROLE \(schema)_in LOGIN", "CREATE DATABASE \(schema)_closed",
            "REVOKE CONNECT ON DATABASE \(schema)_closed FROM public",
        ] { _ = try await database.execute(statement) }
        for (target, state) in [
            ("user=\(schema)_out dbname=postgres", "28000"), ("user=\(schema)_in dbname=\(schema)_closed", "42501"),
        ] {
            let start = ContinuousClock.now
            let text = await self.text {
                _ = try await self.open(at: "host=\(server.folder) \(target)") { $0.connectionTimeout = .seconds(60) }
            }
            #expect(text.contains(state) && text.contains("nothing was changed"), "\(text)")
            #expect(ContinuousClock.now - start < .seconds(20))
        }
        await database.close()
    }

    /// As every call does, a transaction waits for a server that is about to be there.
    @Test func aTransactionWaitsForItsConnection() async throws {
        let server = try await PostgresServer()
        let (database, _) = try await self.open(at: server.url) { $0.connectionTimeout = .seconds(30) }
        await server.perform(.fast)
        let transaction = try #require(database.transaction())
        async let rows = transaction.execute("SELECT 1", parameters: [])
        await server.perform(.start)
        #expect(try await rows == [["1"]])
        await transaction.rollBack()
        await database.close()
    }

    @Test func eightConnectionsAreEnoughForAThousandCallers() async throws {
        let (database, schema) = try await self.open { $0.maximumConnections = 8 }
        let name = "SELECT 1 FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%\(schema)%'"
        let watcher = try #require(database.transaction())
        let most = Mutex(0)
        let watch = Task {
            while !Task.isCancelled {
                // Otherwise a transaction sees the activity of its first look.
                _ = try await watcher.execute("SELECT pg_stat_clear_snapshot()", parameters: [])
                let count = try await watcher.execute(name, parameters: []).count
                most.withLock { $0 = max($0, count) }
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<1_000 {
                group.addTask {
                    for version in 0..<3 as Range<Int64> {
                        let old = version == 0 ? nil : version
                        let isMade = try await database.commit([self.change("\(number)", replacing: old)])
                        let stored = try await database.records([RingStorageID(Self.things, "\(number)")])
                        #expect(isMade && stored.first?.version == version + 1)
                    }
                }
            }
            try await group.waitForAll()
        }
        watch.cancel()
        _ = await watch.result
        await watcher.rollBack()
        #expect(try await database.count(matching: RingStorageQuery(Self.things)) == 1_000)
        #expect((1...8).contains(most.withLock { $0 }), "\(most.withLock { $0 }) connections")
        await database.close()
    }

    /// A user who may not create anything gets an error that says so, and nothing is half made.
    @Test func aUserWithoutRightsIsTold() async throws {
        let server = try await PostgresServer.shared.value
        let (database, schema) = try await self.open()
        _ = try await database.execute("CREATE ROLE \(schema)_reader LOGIN")
        let target = "host=\(server.folder) user=\(schema)_reader dbname=postgres"
        let text = await self.text { _ = try await self.open(at: target) }
        #expect(text.contains("42501") && text.contains("rights"), "\(text)")
        // Rights on the tables alone are enough when somebody else has made them.
        for statement in [
            "GRANT USAGE ON SCHEMA \(schema) TO \(schema)_reader",
            "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \(schema) TO \(schema)_reader",
        ] { _ = try await database.execute(statement) }
        var options = PostgresServer.options(schema)
        options.migrates = false
        let limited = try await RingPostgresDatabase.open(target, options: options)
        #expect(try await limited.commit([self.change("a"), self.change("b")]))
        // A right that only maintenance needs is missed as well.
        _ = try await database.execute("REVOKE DELETE ON \(schema).ring_process FROM \(schema)_reader")
        let lease = RingStorageLease(id: self.change("a").id, token: 1)
        let refusal = await self.text { _ = try await limited.extend([lease], by: .seconds(1)) }
        #expect(refusal.contains("ring_process") && refusal.contains("rights"), "\(refusal)")
        for storage in [limited, database] { await storage.close() }
    }
}
