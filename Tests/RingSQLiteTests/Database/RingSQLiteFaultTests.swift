import Foundation
import RingCore
import RingSQLite
import Testing

/// A broken file gives its own error and is left as it was.
@Suite(.timeLimit(.minutes(1))) struct RingSQLiteFaultTests {
    private static let notes = "CREATE TABLE IF NOT EXISTS note (text TEXT, time INTEGER)"

    private func code<Value>(_ body: () async throws -> Value) async -> RingSQLiteError.Code? {
        do {
            _ = try await body()
            return nil
        } catch { return ((error as? RingError)?.cause as? RingSQLiteError ?? error as? RingSQLiteError)?.code }
    }

    @Test func fullDisk() async throws {
        let folder = TemporaryFolder()
        let database = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await database.write { try $0.script(Self.notes) }
        try await database.write { try $0.execute("INSERT INTO note VALUES ('before', 1)") }
        _ = try await database.read { try $0.first("PRAGMA max_page_count = 24") { $0.integer(0) } }

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
        try await database.write { try $0.script(Self.notes) }
        _ = try await database.read { try $0.execute("PRAGMA query_only = ON") }
        let code = await self.code { try await database.write { try $0.execute("INSERT INTO note VALUES ('a', 1)") } }
        #expect(code == .readOnly)
    }

    @Test(arguments: [0, 100, 5_000])
    func damagedFile(offset: Int) async throws {
        let folder = TemporaryFolder()
        let database = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await database.write { try $0.script(Self.notes) }
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

    @Test func severalStartAtOnce() async throws {
        for _ in 0..<20 {
            let folder = TemporaryFolder()
            let path = folder.file()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        let database = try await RingSQLiteDatabase.open(.file(path))
                        try await database.write { try $0.script(Self.notes) }
                    }
                }
                try await group.waitForAll()
            }
            // Released earlier, it would remove the folder under them.
            withExtendedLifetime(folder) {}
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
        try await first.write { try $0.script(Self.notes) }
        _ = try await first.read { try $0.execute("PRAGMA application_id = 7") }
        await first.close()
        #expect(await self.code { _ = try await RingSQLiteDatabase.open(.file(folder.file())) } == .foreignFile)
    }
}
