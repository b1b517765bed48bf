import Foundation
import RingCore
import RingSQLite
import RingTesting
import Testing

/// A file that is opened several times in one process has one connection.
@Suite(.timeLimit(.minutes(1))) struct RingSQLiteSharingTests {
    private static let things = RingStorageCollection(name: "things", indexes: [])

    private func put(_ storage: any RingStorage, _ name: String) async throws -> Bool {
        let id = RingStorageID(Self.things, name)
        return try await storage.commit([.put(RingStorageRecord(id: id, version: 1), replacing: nil)])
    }

    /// A temporary table is visible to its own connection only.
    private func mark(_ database: RingSQLiteDatabase, _ name: String) async throws {
        try await database.write { try $0.script("CREATE TEMP TABLE \(name) (x)") }
    }

    private func sees(_ database: RingSQLiteDatabase, _ name: String) async throws -> Bool {
        try await database.read {
            try $0.first("SELECT 1 FROM sqlite_temp_master WHERE name = '\(name)'") { _ in true } ?? false
        }
    }

    @Test func everyPathToAFileLeadsToOneConnection() async throws {
        let folder = TemporaryFolder()
        let first = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await self.mark(first, "marked")
        let files = FileManager.default
        try files.createSymbolicLink(atPath: folder.file("symbolic"), withDestinationPath: folder.file())
        try files.createSymbolicLink(atPath: folder.path + "-link", withDestinationPath: folder.path)
        defer { try? files.removeItem(atPath: folder.path + "-link") }
        let up = files.currentDirectoryPath.split(separator: "/").map { _ in ".." }.joined(separator: "/")
        for path in [
            folder.file(), folder.file("symbolic"), folder.path + "-link/ring.sqlite",
            folder.path + "/./ring.sqlite", folder.path + "//ring.sqlite", up + folder.file(),
        ] {
            let again = try await RingSQLiteDatabase.open(.file(path))
            #expect(try await self.sees(again, "marked"), "\(path)")
            await again.close()
        }
        #expect(try await self.put(first, "a"))
        await first.close()

        let next = try await RingSQLiteDatabase.open(.file(folder.file()))
        #expect(try await !self.sees(next, "marked"), "the last close ended the connection")
        #expect(try await !self.put(next, "a"), "and kept what was written")
        await next.close()
    }

    @Test func filesOfOtherNamesAreOtherDatabases() async throws {
        let folder = TemporaryFolder()
        let first = try await RingSQLiteDatabase.open(.file(folder.file("a")))
        let second = try await RingSQLiteDatabase.open(.file(folder.file("b")))
        try await self.mark(first, "marked")
        #expect(try await !self.sees(second, "marked"))
        let (one, two) = (try await RingSQLiteDatabase.open(.memory), try await RingSQLiteDatabase.open(.memory))
        #expect(try await self.put(one, "a"))
        #expect(try await self.put(two, "a"))
    }

    @Test func manyOpenAtOnceAndShareOneConnection() async throws {
        let folder = TemporaryFolder()
        let databases = try await withThrowingTaskGroup(of: RingSQLiteDatabase.self) { group in
            for _ in 0..<32 { group.addTask { try await RingSQLiteDatabase.open(.file(folder.file())) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        try await self.mark(databases[0], "marked")
        for database in databases { #expect(try await self.sees(database, "marked")) }
        for database in databases.dropLast() { await database.close() }
        #expect(try await self.put(databases[31], "a"))
    }

    /// The file system gives the number of a removed file to a new one as soon as the old one is closed.
    @Test func aNewFileWithTheNumberOfARemovedOneIsANewDatabase() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<100 {
                        let folder = TemporaryFolder()
                        let database = try await RingSQLiteDatabase.open(.file(folder.file()))
                        try await database.write { try $0.script("CREATE TABLE note (text TEXT)") }
                        try FileManager.default.removeItem(atPath: folder.path)
                        // Closes while the next one opens.
                        Task { await database.close() }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func openingWhileAnotherOneClosesWorks() async throws {
        let folder = TemporaryFolder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask {
                    for round in 0..<25 {
                        let database = try await RingSQLiteDatabase.open(.file(folder.file()))
                        #expect(try await self.put(database, "\(task) \(round)"))
                        await database.close()
                    }
                }
            }
            try await group.waitForAll()
        }
        let last = try await RingSQLiteDatabase.open(.file(folder.file()))
        #expect(try await last.count(matching: RingStorageQuery(Self.things)) == 200)
        let integrity = try await last.read { try $0.query("PRAGMA integrity_check") { $0.text(0) } }
        #expect(integrity == ["ok"])
        await last.close()
    }

    @Test func aFileThatWasReplacedIsAnotherDatabase() async throws {
        let folder = TemporaryFolder()
        let first = try await RingSQLiteDatabase.open(.file(folder.file()))
        #expect(try await self.put(first, "a"))
        for suffix in ["", "-wal", "-shm"] { try FileManager.default.removeItem(atPath: folder.file() + suffix) }
        let second = try await RingSQLiteDatabase.open(.file(folder.file()))
        #expect(try await self.put(second, "a"))
        await first.close()
        await second.close()
    }

    @Test func aFailedOpeningLeavesNothingBehind() async throws {
        let folder = TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        try Data(String(repeating: "not a database ", count: 100).utf8).write(
            to: URL(fileURLWithPath: folder.file()))
        for _ in 0..<3 {
            await #expect { try await RingSQLiteDatabase.open(.file(folder.file())) } throws: { error in
                ((error as? RingError)?.cause as? RingSQLiteError)?.code == .corrupted
            }
        }
        try Data().write(to: URL(fileURLWithPath: folder.file()))
        let database = try await RingSQLiteDatabase.open(.file(folder.file()))
        #expect(try await self.put(database, "a"))
        await database.close()
    }
}
