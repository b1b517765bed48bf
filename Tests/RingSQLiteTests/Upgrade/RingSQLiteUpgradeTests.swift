import Foundation
import RingCore
import RingSQLite
import RingTesting
import Testing

/// Files of earlier and later releases.
@Suite(.timeLimit(.minutes(2))) struct RingSQLiteUpgradeTests {
    private static let tokens = RingStorageCollection(
        name: "tokens",
        indexes: ["due", "pool", "unclaimed", "unidentified", "principal", "seed", "sealing_key", "expires"])
    private static let inbox = RingStorageCollection(
        name: "inbox", indexes: ["due", "lane", "quarantined", "expires", "sealing_key", "received"])
    private static let lanes = RingStorageCollection(name: "lanes", indexes: ["due"])

    private func code(_ body: () async throws -> Void) async -> RingSQLiteError.Code? {
        do {
            try await body()
            return nil
        } catch { return ((error as? RingError)?.cause as? RingSQLiteError ?? error as? RingSQLiteError)?.code }
    }

    private func fields(
        _ storage: RingSQLiteDatabase, _ collection: RingStorageCollection, _ name: String
    ) async throws -> (record: RingStorageRecord, fields: RingRecordFields) {
        let id = RingStorageID(collection, name)
        let record = try #require(try await storage.record(id))
        #expect(record.version > 0 && !record.isLeased)
        return (record, try RingRecordFields(record.payload, of: id))
    }

    @Test(arguments: [1, 2]) func tokensOfTheOldTablesAreKept(step: Int) async throws {
        let folder = TemporaryFolder()
        try OldFile.make(folder.file(), tokenStep: step)
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
        #expect(try await storage.count(matching: RingStorageQuery(Self.tokens)) == 7)

        let (linked, fields) = try await self.fields(storage, Self.tokens, "linked")
        #expect([1, 2, 8, 11, 18].map { fields.text($0) } == ["linked", "current", "ava.v1:read", "seed-1", "user-1"])
        #expect([3, 4, 5, 6, 7, 12, 14, 15].map { fields.integer($0) } == [7, 9, 1001, 1002, 1003, 2000, 2500, 3000])
        #expect(fields.integer(16) == (step == 1 ? nil : 5))
        #expect(fields.bytes(23).map(Array.init) == [1, 2, 3])
        for absent in [9, 10, 13, 17, 19, 20, 21, 22, 24, 25, 29] as [UInt8] { #expect(fields.bytes(absent) == nil) }
        #expect(
            linked.keys == [
                .integer(3000), .integer(2000), nil, nil, .text("user-1"), .text("seed-1"), .text("key-1"),
            ])

        let refreshing = try await self.fields(storage, Self.tokens, "refreshing")
        #expect([9, 10].map { refreshing.fields.integer($0) } == [4, 1500], "the attempt is still noted")
        #expect(refreshing.fields.bytes(23).map(Array.init) == [0, 255])

        #expect(try await self.fields(storage, Self.tokens, "broken").record.keys == [nil, .integer(2002)])
        let claimed = try await self.fields(storage, Self.tokens, "claimed")
        #expect([19, 20].map { claimed.fields.text($0) } == ["1795000000123", "confirming"])
        #expect(claimed.record.keys == [nil, .integer(.max), nil, nil, .text("user-2")])
        let unclaimed = try await self.fields(storage, Self.tokens, "unclaimed").record
        #expect(unclaimed.keys == [.integer(3004), .integer(2004), .integer(2004)])
        let unidentified = try await self.fields(storage, Self.tokens, "unidentified/1").record
        #expect(unidentified.keys == [nil, nil, nil, .integer(2005)])

        let removed = try await self.fields(storage, Self.tokens, "removed")
        #expect(removed.record.keys.dropLast() == [nil, nil, nil, nil, nil, nil, nil])
        let expires = try #require(removed.fields.date(29))
        #expect(removed.record.keys.last == .date(expires))
        #expect(abs(expires.timeIntervalSinceNow - 30 * 86_400) < 3_600)

        let keys = RingStorageCollection(name: "sealing_keys", indexes: [])
        #expect(try await self.fields(storage, keys, "key-1").fields.bytes(1).map(Array.init) == [0xAA, 0xBB])
        await storage.close()
    }

    /// The old release let a linked account be claimed again. Such a link is resumed after the upgrade, as `RingOAuth` stores it.
    @Test(arguments: ["claimed", "confirming", "confirmed", "completed"])
    func aLinkUnderWayOfALinkedAccountIsFound(step: String) async throws {
        let folder = TemporaryFolder()
        try OldFile.make(folder.file())
        try RawSQLite.run(
            folder.file(), "UPDATE token_account SET link_step = '\(step)' WHERE account = 'linked'")
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
        let pool = try await self.fields(storage, Self.tokens, "linked").record.keys[1]
        #expect(pool == .integer(step == "completed" ? 2000 : .max))
        await storage.close()
    }

    @Test func webhooksOfTheOldTableAreKept() async throws {
        let folder = TemporaryFolder()
        try OldFile.make(folder.file())
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
        #expect(try await storage.count(matching: RingStorageQuery(Self.inbox)) == 9)

        let retried = try await self.fields(storage, Self.inbox, "2:r2e")
        #expect([1, 2, 7, 9].map { retried.fields.text($0) } == ["r2", "e", "busy", "waiting"])
        #expect([4, 5, 6, 10].map { retried.fields.integer($0) } == [10, 101, 2, 900])
        #expect(retried.fields.bytes(8).map(Array.init) == [0, 0x61, 0x32])
        #expect(retried.fields.bytes(3) == nil)
        #expect(retried.record.keys == [.integer(900), nil, nil, nil, nil, .integer(101)])

        let new = try await self.fields(storage, Self.inbox, "2:r1e")
        #expect(new.record.keys == [.integer(0), nil, nil, nil, nil, .integer(100)])
        #expect(new.fields.integer(10) == nil)
        let running = try await self.fields(storage, Self.inbox, "2:r3e")
        #expect(running.record.keys == [.integer(0), nil, nil, nil, nil, .integer(102)])
        #expect(running.fields.text(9) == "waiting")
        #expect(running.fields.integer(6) == 1, "the attempt that was under way counts")

        let hour: Int64 = 3_600_000_000
        let done = try await self.fields(storage, Self.inbox, "2:r4e")
        #expect(done.record.keys == [nil, nil, nil, .integer(103 + 76 * hour)])
        #expect(done.fields.text(9) == "done")
        #expect(done.fields.bytes(8) == nil)
        let quarantined = try await self.fields(storage, Self.inbox, "2:r5e")
        #expect(quarantined.record.keys == [nil, nil, .integer(104), .integer(104 + 720 * hour)])
        #expect(quarantined.fields.text(9) == "quarantined")

        let lanes = try await storage.records(matching: RingStorageQuery(Self.inbox, index: 1))
        #expect(lanes.map(\.id.name) == ["2:r7e", "2:r6e", "2:r8e", "2:r9e"])
        #expect(
            lanes.first?.keys == [
                nil, .text("4:lane0922337203685477582809223372036854775914"), nil, nil, nil, .integer(106),
            ])
        let received = try await storage.records(matching: RingStorageQuery(Self.inbox, index: 5))
        #expect(received.map(\.id.name) == ["2:r1e", "2:r2e", "2:r3e", "2:r6e", "2:r7e", "2:r8e", "2:r9e"])
        let heads = try await storage.records(matching: RingStorageQuery(Self.lanes, index: 0))
        #expect(heads.map(\.id.name) == ["other", "lane"])
        #expect(heads.map(\.keys) == [[.integer(0)], [.integer(960)]])
        #expect(heads.map(\.payload) == [[1], [1]])
        await storage.close()
    }

    @Test func theOldTablesAreGoneAndAnOldReleaseIsRefused() async throws {
        let folder = TemporaryFolder()
        try OldFile.make(folder.file())
        for _ in 0..<2 {
            let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
            let tables = try await storage.read { connection in
                try connection.query("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name") { $0.text(0) }
            }
            #expect(tables == ["ring_process", "ring_record", "ring_schema"])
            let versions = try await storage.read { connection in
                try connection.query("SELECT room, version FROM ring_schema ORDER BY room") {
                    "\($0.text(0)) \($0.integer(1))"
                }
            }
            // The earlier release compares these with the 2, 1 and 1 that it knows, and refuses.
            #expect(versions == ["inbox 1000000", "live 1000000", "storage 1", "tokens 1000000"])
            let integrity = try await storage.read { try $0.query("PRAGMA integrity_check") { $0.text(0) } }
            #expect(integrity == ["ok"])
            await storage.close()
        }
    }

    @Test func newFilesAreClosedToAnOldReleaseToo() async throws {
        let storage = try await RingSQLiteDatabase.open(.memory)
        let versions = try await storage.read { connection in
            try connection.query("SELECT version FROM ring_schema WHERE room <> 'storage'") { $0.integer(0) }
        }
        #expect(versions == [1_000_000, 1_000_000, 1_000_000])
    }

    @Test func anUpgradeThatFailsChangesNothing() async throws {
        let folder = TemporaryFolder()
        try OldFile.make(folder.file())
        // A table of the new schema that is in the way.
        try RawSQLite.run(folder.file(), "CREATE TABLE ring_process (x)")
        for _ in 0..<2 {
            #expect(await self.code { _ = try await RingSQLiteDatabase.open(.file(folder.file())) } != nil)
        }
        try RawSQLite.run(
            folder.file(), "DROP TABLE ring_process; UPDATE inbox SET reason = 'old' WHERE id = 1")
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
        #expect(try await storage.count(matching: RingStorageQuery(Self.tokens)) == 7)
        #expect(try await self.fields(storage, Self.inbox, "2:r1e").fields.text(7) == "old")
        await storage.close()
    }

    /// A process of the old release would store its new pair in a table that is gone, and the account would be lost.
    @Test func aFileIsNotUpgradedWhileTheOldReleaseRefreshes() async throws {
        let folder = TemporaryFolder()
        try OldFile.make(folder.file())
        try RawSQLite.run(
            folder.file(),
            """
            UPDATE token_account SET attempt_started = (CAST(strftime('%s', 'now') AS INTEGER) - 1) * 1000000,
                attempt_expires = (CAST(strftime('%s', 'now') AS INTEGER) + 120) * 1000000
            WHERE account = 'refreshing'
            """)
        let code = await self.code { _ = try await RingSQLiteDatabase.open(.file(folder.file())) }
        #expect(code == .locked)
        // The old release has stored its pair.
        try RawSQLite.run(
            folder.file(), "UPDATE token_account SET attempt_holder = NULL, generation = 4 WHERE account = 'refreshing'"
        )
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
        #expect(try await storage.count(matching: RingStorageQuery(Self.tokens)) == 7)
        await storage.close()
    }

    @Test func severalProcessesUpgradeAtOnce() async throws {
        let folder = TemporaryFolder()
        try OldFile.make(folder.file())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 { group.addTask { await (try await StorageProcess(folder.file())).finish() } }
            try await group.waitForAll()
        }
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
        #expect(try await storage.count(matching: RingStorageQuery(Self.tokens)) == 7)
        #expect(try await storage.count(matching: RingStorageQuery(Self.inbox)) == 9)
        await storage.close()
    }

    @Test func aFileThatANewerReleaseHasClosedIsRefused() async throws {
        let folder = TemporaryFolder()
        await (try await RingSQLiteDatabase.open(.file(folder.file()))).close()
        try RawSQLite.run(
            folder.file(), "PRAGMA user_version = 2; UPDATE ring_schema SET version = 2 WHERE room = 'storage'")
        let before = try Data(contentsOf: URL(fileURLWithPath: folder.file()))
        #expect(await self.code { _ = try await RingSQLiteDatabase.open(.file(folder.file())) } == .newerSchema)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file())) == before)
    }

    @Test func aNewerFileThatIsOpenToThisReleaseIsUsed() async throws {
        let folder = TemporaryFolder()
        await (try await RingSQLiteDatabase.open(.file(folder.file()))).close()
        try RawSQLite.run(
            folder.file(),
            """
            ALTER TABLE ring_record ADD COLUMN later TEXT;
            UPDATE ring_schema SET version = 2 WHERE room = 'storage';
            """)
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
        let record = RingStorageRecord(id: RingStorageID(Self.lanes, "a"), version: 1)
        #expect(try await storage.commit([.put(record, replacing: nil)]))
        #expect(try await storage.record(record.id) == record)
        await storage.close()
    }

    @Test func aFileThatANewerReleaseClosesWhileItIsOpenIsRefused() async throws {
        let folder = TemporaryFolder()
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
        let record = RingStorageRecord(id: RingStorageID(Self.lanes, "a"), version: 1)
        #expect(try await storage.commit([.put(record, replacing: nil)]))
        try RawSQLite.run(folder.file(), "PRAGMA user_version = 2")
        // Alone, and several in one shared commit.
        let codes = await withTaskGroup(of: RingSQLiteError.Code?.self) { group in
            for number in 0..<20 {
                group.addTask {
                    await self.code {
                        let new = RingStorageRecord(id: RingStorageID(Self.lanes, "n\(number)"), version: 1)
                        _ = try await storage.commit([.put(new, replacing: nil)])
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes == Array(repeating: .newerSchema, count: 20))
        #expect(
            await self.code {
                _ = try await storage.extend([RingStorageLease(id: record.id, token: 1)], by: .seconds(1))
            }
                == .newerSchema)
        #expect(try await storage.records(matching: RingStorageQuery(Self.lanes)) == [record], "reading goes on")
        await storage.close()
    }
}
