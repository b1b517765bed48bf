import Foundation
import RingCore
import RingSQLite
import RingTesting
import Testing

/// What several processes do to one file.
@Suite(.serialized, .timeLimit(.minutes(2))) struct RingSQLiteProcessTests {
    private static let things = RingStorageCollection(name: "things", indexes: ["key"])

    private func id(_ name: String) -> RingStorageID { RingStorageID(Self.things, name) }

    private func put(_ storage: any RingStorage, _ name: String) async throws {
        #expect(try await storage.commit([.put(RingStorageRecord(id: self.id(name), version: 1), replacing: nil)]))
    }

    /// With a second connection's descriptor opened and closed, this process would lose its locks; the other process would
    /// delete the write-ahead log, and later commits would be visible to no process.
    @Test func openingAFileTwiceKeepsTheLocksOfTheProcess() async throws {
        let folder = TemporaryFolder()
        let first = try await RingSQLiteDatabase.open(.file(folder.file()))
        let second = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await self.put(first, "before")
        let log = try FileManager.default.attributesOfItem(atPath: folder.file() + "-wal")[.systemFileNumber] as? Int

        let other = try await StorageProcess(folder.file())
        #expect(await other.run("put theirs") == "put true")
        // The last process that closes a file deletes its log; this one is not the last.
        await other.finish()

        let now = try? FileManager.default.attributesOfItem(atPath: folder.file() + "-wal")[.systemFileNumber] as? Int
        #expect(log != nil && now == log)
        try await self.put(second, "after")
        try await self.put(first, "last")
        let reader = try await StorageProcess(folder.file())
        for name in ["before", "theirs", "after", "last"] {
            #expect(await reader.run("put \(name)") == "put false", "\(name) is there")
        }
        #expect(await reader.run("integrity") == "integrity ok")
        await reader.finish()
        await second.close()
        await first.close()
    }

    @Test func theLeaseOfAKilledProcessEndsAtOnce() async throws {
        let folder = TemporaryFolder()
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await self.put(storage, "a")
        let holder = try await StorageProcess(folder.file())
        #expect(await holder.run("take a 7") == "take true")
        #expect(try await storage.record(self.id("a"))?.leaseToken == 7)
        await holder.kill()
        #expect(try await storage.record(self.id("a"))?.leaseToken == nil)
        let free = RingStorageQuery(Self.things, isFree: true)
        #expect(try await storage.records(matching: free).map(\.id.name) == ["a"])
        await storage.close()
    }

    @Test func theLeaseOfAProcessThatEndsIsGivenUp() async throws {
        let folder = TemporaryFolder()
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await self.put(storage, "a")
        let holder = try await StorageProcess(folder.file())
        #expect(await holder.run("take a 7") == "take true")
        await holder.finish()
        #expect(try await storage.record(self.id("a"))?.leaseToken == nil)
        #expect(try await self.processes(storage) == 0)
        await storage.close()
    }

    @Test(.enabled(if: canMakeNamespaces, "unshare --pid is not permitted"))
    func theLeaseOfAnotherNamespaceLastsUntilItsEnd() async throws {
        let folder = TemporaryFolder()
        let clock = LeaseClock()
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()), machine: clock.machine)
        try await self.put(storage, "a")
        let holder = try await StorageProcess(
            folder.file(), prefix: ["/usr/bin/unshare", "--pid", "--fork", "--kill-child"])
        #expect(await holder.run("take a 7") == "take true")
        await holder.kill()
        // Its process id means another process here, or none, and so proves nothing.
        #expect(try await storage.record(self.id("a"))?.leaseToken == 7)
        clock.advance(by: .seconds(3_601))
        #expect(try await storage.record(self.id("a"))?.leaseToken == nil)
        await storage.close()
    }

    private static let canMakeNamespaces: Bool = {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/unshare") else { return false }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
        process.arguments = ["--pid", "--fork", "--kill-child", "/bin/true"]
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test func eightProcessesLoseNoAddition() async throws {
        let folder = TemporaryFolder()
        let storage = try await RingSQLiteDatabase.open(.file(folder.file()))
        try await self.put(storage, "counter")
        var processes: [StorageProcess] = []
        for _ in 0..<8 { processes.append(try await StorageProcess(folder.file())) }
        for process in processes { process.send("add counter 50") }
        for process in processes { #expect(await process.child.line { $0 == "add done" } != nil) }
        for process in processes { await process.finish() }
        #expect(try await storage.record(self.id("counter"))?.version == 401)
        await storage.close()
    }

    @Test func aLockedFileIsReportedAndReadable() async throws {
        let folder = TemporaryFolder()
        let storage = try await RingSQLiteDatabase.open(
            .file(folder.file()), options: RingSQLiteOptions(busyTimeout: .milliseconds(20)))
        let holder = try await StorageProcess(folder.file())
        #expect(await holder.run("lock", reply: "locked") == "locked")
        await #expect { try await self.put(storage, "a") } throws: { error in
            ((error as? RingError)?.cause as? RingSQLiteError)?.code == .locked
        }
        // Reading goes on while another process writes.
        #expect(try await storage.records(matching: RingStorageQuery(Self.things)).isEmpty)
        #expect(await holder.run("go on", reply: "unlocked") == "unlocked")
        try await self.put(storage, "a")
        await holder.finish()
        await storage.close()
    }

    private func processes(_ storage: RingSQLiteDatabase) async throws -> Int64 {
        try await storage.read { try $0.first("SELECT count(*) FROM ring_process") { $0.integer(0) } } ?? -1
    }
}
