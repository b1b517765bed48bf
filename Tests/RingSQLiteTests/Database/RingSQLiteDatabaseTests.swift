import Foundation
import RingSQLite
import Testing

@Suite(.timeLimit(.minutes(1))) struct RingSQLiteDatabaseTests {
    private static let notes = """
        CREATE TABLE IF NOT EXISTS note (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE, raw BLOB)
        """

    private func opened(_ location: RingSQLiteDatabase.Location = .memory) async throws -> RingSQLiteDatabase {
        let database = try await RingSQLiteDatabase.open(location)
        try await database.write { try $0.script(Self.notes) }
        return database
    }

    private func texts(_ database: RingSQLiteDatabase) async throws -> [String] {
        try await database.read { try $0.query("SELECT text FROM note ORDER BY text") { $0.text(0) } }
    }

    @Test func keepsEveryKindOfValueExactly() async throws {
        let database = try await self.opened()
        let text = "zero\u{0}inside, ümlaut"
        try await database.write {
            try $0.execute("INSERT INTO note VALUES (?1, ?2, ?3)", [.integer(.max), .text(text), .blob([0, 255])])
            try $0.execute("INSERT INTO note VALUES (?1, ?2, ?3)", [.integer(.min), "empty", .blob([])])
            try $0.execute("INSERT INTO note VALUES (?1, ?2, ?3)", [3, "null", nil])
        }
        let rows = try await database.read {
            try $0.query("SELECT id, text, raw FROM note ORDER BY id") {
                "\($0.integer(0)) \($0.text(1)) \($0.optionalBlob(2).map { "\($0)" } ?? "nil")"
            }
        }
        #expect(rows == ["\(Int64.min) empty []", "3 null nil", "\(Int64.max) \(text) [0, 255]"])
    }

    @Test func undoesAChangeThatThrows() async throws {
        let database = try await self.opened()
        struct Stop: Error {}
        await #expect(throws: Stop.self) {
            try await database.write { connection in
                try connection.execute("INSERT INTO note (text) VALUES ('gone')")
                throw Stop()
            }
        }
        #expect(try await self.texts(database) == [])
    }

    @Test func sharesACommitWithoutSharingAFailure() async throws {
        let folder = TemporaryFolder()
        let database = try await self.opened(.file(folder.file()))
        // Every text twice: one of each pair is refused, whatever commit they share.
        let refused = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        try await database.write {
                            try $0.execute("INSERT INTO note (text) VALUES (?1)", [.text("n\(number / 2)")])
                        }
                        return false
                    } catch { return (error as? RingSQLiteError)?.code == .constraint }
                }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(refused == 100)
        #expect(try await self.texts(database).count == 100)
    }

    @Test func isThereAfterOpeningAgain() async throws {
        let folder = TemporaryFolder()
        let first = try await self.opened(.file(folder.file()))
        try await first.write { try $0.execute("INSERT INTO note (text) VALUES ('kept')") }
        await first.close()
        await #expect { try await first.read { _ in } } throws: { ($0 as? RingSQLiteError)?.code == .closed }
        #expect(try await self.texts(self.opened(.file(folder.file()))) == ["kept"])
    }

    @Test func transactionsOfTwoHandlesLoseNoUpdate() async throws {
        let folder = TemporaryFolder()
        let one = try await self.opened(.file(folder.file()))
        let other = try await self.opened(.file(folder.file()))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                let database = number.isMultiple(of: 2) ? one : other
                group.addTask {
                    try await database.write { connection in
                        // Reads, then writes what it read: a lost update would show.
                        let count = try connection.first("SELECT count(*) FROM note") { $0.integer(0) } ?? 0
                        try connection.execute("INSERT INTO note (text) VALUES (?1)", [.text("n\(count)")])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await self.texts(one).count == 100)
    }

    @Test func keepsFilesAndFoldersToTheirOwner() async throws {
        let folder = TemporaryFolder()
        let path = folder.path + "/a/b/ring.sqlite"
        let database = try await self.opened(.file(path))
        for suffix in ["", "-wal", "-shm"] { #expect(try folder.mode(path + suffix) == 0o600, "\(suffix)") }
        for name in ["", "/a", "/a/b"] { #expect(try folder.mode(folder.path + name) == 0o700, "\(name)") }
        await database.close()

        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        let again = try await self.opened(.file(path))
        #expect(try folder.mode(path) == 0o600)
        #expect(try folder.mode(path + "-wal") == 0o600)
        await again.close()
    }

    @Test func commitsDurablyInWALMode() async throws {
        let folder = TemporaryFolder()
        let database = try await self.opened(.file(folder.file()))
        let settings = try await database.read { connection in
            [
                try connection.first("PRAGMA journal_mode") { $0.text(0) },
                try connection.first("PRAGMA synchronous") { $0.text(0) },
                try connection.first("PRAGMA secure_delete") { $0.text(0) },
            ]
        }
        #expect(settings == ["wal", "2", "1"])
    }

    @Test(arguments: ["file:odd.sqlite", ":memory:"])
    func takesOddNamesForFiles(name: String) async throws {
        let folder = TemporaryFolder()
        let database = try await self.opened(.file(folder.file(name)))
        #expect(FileManager.default.fileExists(atPath: folder.file(name)))
        await database.close()
    }
}
