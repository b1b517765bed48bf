import Foundation
import RingSQLite
import Testing

/// A broken file gives its own error and is left as it was.
@Suite struct RingSQLiteFaultTests {
    private static let notes = RingSQLiteMigration(
        room: "notes", steps: ["CREATE TABLE note (text TEXT)", "ALTER TABLE note ADD COLUMN time INTEGER"])

    private func code<Value>(_ body: () async throws -> Value) async -> RingSQLiteError.Code? {
        do {
            _ = try await body()
            return nil
        } catch { return (error as? RingSQLiteError)?.code }
    }

    @Test func fullDisk() async throws {
        let folder = TemporaryFolder()
        let database = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await database.migrate(Self.notes)
        try await database.write { try $0.execute("INSERT INTO note VALUES ('before', 1)") }
        _ = try await database.read { try $0.first("PRAGMA max_page_count = 8") { $0.integer(0) } }

        let large = String(repeating: "x", count: 200_000)
        // Together in one group: the large one fails, the small one does not suffer.
        async let failed = self.code {
            try await database.write { try $0.execute("INSERT INTO note VALUES (?1, 2)", [.text(large)]) }
        }
        async let small = self.code {
            try await database.write { try $0.execute("INSERT INTO note VALUES ('small', 3)") }
        }
        #expect(await failed == .diskFull)
        #expect(await small == nil)
        let texts = try await database.read { try $0.query("SELECT text FROM note ORDER BY text") { $0.text(0) } }
        #expect(texts == ["before", "small"])
    }

    @Test(.enabled(if: getuid() != 0, "the superuser writes everywhere"))
    func readOnlyFile() async throws {
        let folder = TemporaryFolder()
        await (try RingSQLiteDatabase.open(.file(folder.file()))).close()
        try FileManager.default.setAttributes([.posixPermissions: 0o400], ofItemAtPath: folder.file())
        #expect(await self.code { _ = try await RingSQLiteDatabase.open(.file(folder.file())) } == .readOnly)
    }

    @Test func readOnlyConnection() async throws {
        let database = try await RingSQLiteDatabase.open(.memory)
        try await database.migrate(Self.notes)
        _ = try await database.read { try $0.execute("PRAGMA query_only = ON") }
        let code = await self.code { try await database.write { try $0.execute("INSERT INTO note VALUES ('a', 1)") } }
        #expect(code == .readOnly)
    }

    @Test func lockedByAnother() async throws {
        let folder = TemporaryFolder()
        let holder = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await holder.migrate(Self.notes)
        let other = try await RingSQLiteDatabase.open(
            .file(folder.file()), options: .init(busyTimeout: .milliseconds(20)))
        let (release, held) = (DispatchSemaphore(value: 0), AsyncStream<Void>.makeStream())
        async let holding = holder.write { _ in
            held.continuation.yield()
            release.wait()
        }
        for await _ in held.stream { break }
        let code = await self.code { try await other.write { try $0.execute("INSERT INTO note VALUES ('a', 1)") } }
        #expect(code == .locked)
        // Reading goes on while another process writes.
        #expect(try await other.read { try $0.query("SELECT * FROM note") { _ in } }.isEmpty)
        release.signal()
        _ = try await holding
    }

    @Test(arguments: [0, 100, 5_000])
    func damagedFile(offset: Int) async throws {
        let folder = TemporaryFolder()
        let database = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await database.migrate(Self.notes)
        try await database.write { connection in
            for number in 0..<500 {
                try connection.execute("INSERT INTO note VALUES (?1, 1)", [.text("note \(number)")])
            }
        }
        await database.close()
        var bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file()))
        let end = min(offset + 5_000, bytes.count)
        bytes.replaceSubrange(offset..<end, with: Data(repeating: 0x5A, count: end - offset))
        try bytes.write(to: URL(fileURLWithPath: folder.file()))

        let code = await self.code {
            let again = try await RingSQLiteDatabase.open(.file(folder.file()))
            _ = try await again.read { try $0.query("SELECT text FROM note") { $0.text(0) } }
        }
        #expect(code == .corrupted)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file())) == bytes)
    }

    @Test func notADatabase() async throws {
        let folder = TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let text = Data(String(repeating: "not a database ", count: 100).utf8)
        try text.write(to: URL(fileURLWithPath: folder.file()))
        #expect(await self.code { _ = try await RingSQLiteDatabase.open(.file(folder.file())) } == .corrupted)
        #expect(try Data(contentsOf: URL(fileURLWithPath: folder.file())) == text)
    }

    @Test func newerSchemaIsRefusedAndOlderIsMigrated() async throws {
        let folder = TemporaryFolder()
        let older = RingSQLiteMigration(room: "notes", steps: Array(Self.notes.steps.prefix(1)))
        let first = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await first.migrate(older)
        try await first.write { try $0.execute("INSERT INTO note VALUES ('old')") }
        try await first.migrate(Self.notes)
        let times = try await first.read { try $0.query("SELECT time FROM note") { $0.optionalInteger(0) } }
        #expect(times == [nil])
        #expect(await self.code { try await first.migrate(older) } == .newerSchema)
    }

    @Test func severalStartAtOnce() async throws {
        for _ in 0..<20 {
            let folder = TemporaryFolder()
            let path = folder.file()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let database = try await RingSQLiteDatabase.open(.file(path))
                        try await database.migrate(Self.notes)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test func aFolderIsNotAFile() async throws {
        let folder = TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.file(), withIntermediateDirectories: true)
        #expect(await self.code { _ = try await RingSQLiteDatabase.open(.file(folder.file())) } == .cannotOpen)
        #expect(await self.code { _ = try await RingSQLiteDatabase.open(.file("")) } == .cannotOpen)
        let code = await self.code { _ = try await RingSQLiteDatabase.open(.file("/proc/none/ring.sqlite")) }
        #expect(code == .cannotOpen)
    }

    @Test func anotherApplicationsFileIsLeftAlone() async throws {
        let folder = TemporaryFolder()
        let first = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await first.migrate(Self.notes)
        _ = try await first.read { try $0.execute("PRAGMA application_id = 7") }
        await first.close()
        #expect(await self.code { _ = try await RingSQLiteDatabase.open(.file(folder.file())) } == .foreignFile)
    }
}
