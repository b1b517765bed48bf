import Foundation
import RingCore
import RingMedia
import RingTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// What killed downloads leave behind, and who may read what is left.
@Suite(.timeLimit(.minutes(2))) struct PartFileTests {
    private static func clip() throws -> [UInt8] { try Fixture.bytes("clip.mp4") }

    private static func mode(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    private static func download(to path: String, mode: UInt32? = nil) async throws {
        var options = RingMediaOptions()
        if let mode { options.fileMode = mode }
        let stage = try Stage.linked(options: options, .mp4(try Self.clip()))
        _ = try await stage.media.download(stage.clip(), to: path)
    }

    @Test func aFileIsReadableByThisUserAloneWhateverTheUmask() async throws {
        let folder = try TestFolder()
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            for mask in [0, 0o022, 0o077, 0o177] as [mode_t] {
                umask(mask)
                let file = "\(path)/private-\(mask).mp4"
                try await Self.download(to: file)
                #expect(try Self.mode(file) == 0o600)
                let shared = "\(path)/shared-\(mask).mp4"
                try await Self.download(to: shared, mode: 0o644)
                #expect(try Self.mode(shared) == 0o644)
            }
        }
        #expect(folder.names.count == 8)
    }

    @Test func theNextDownloadRemovesWhatAKilledProcessLeft() async throws {
        let folder = try TestFolder()
        let path = folder.path
        for _ in 0..<2 {
            await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
                var options = RingMediaOptions()
                options.digest = { KillingDigest() }
                let stage = try Stage.linked(options: options, .mp4(try Self.clip()))
                _ = try await stage.media.download(stage.clip(), to: "\(path)/a.mp4")
            }
        }
        // What looks like a part file and is none, and what somebody else has.
        for name in [".ring-notes.txt", "x.part", ".ring-"] {
            #expect(FileManager.default.createFile(atPath: folder.file(name), contents: nil))
        }
        try FileManager.default.createDirectory(
            atPath: folder.file(".ring-folder.part"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file(".ring-link.part"), withDestinationPath: folder.file("x.part"))
        let parts = folder.names.filter { $0.hasSuffix(".part") && $0.hasPrefix(".ring-") }
        #expect(parts.count == 3, "the second process has removed the file of the first one")
        for part in parts where part.count > 17 { #expect(try Self.mode(folder.file(part)) == 0o600) }

        try await Self.download(to: folder.file("b.mp4"))
        #expect(
            folder.names == [".ring-", ".ring-folder.part", ".ring-link.part", ".ring-notes.txt", "b.mp4", "x.part"])
    }

    @Test func aDownloadUnderWayKeepsItsFile() async throws {
        let folder = try TestFolder()
        let gate = Gate()
        defer { gate.open() }
        let bytes = try Self.clip()
        var options = RingMediaOptions()
        options.digest = { GateDigest(gate: gate) }
        let slow = try Stage.linked(options: options, .mp4(bytes))
        let task = Task { [media = slow.media, clip = slow.clip()] in
            try await media.download(clip, to: folder.file("slow.mp4"))
        }
        while folder.names.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
        let part = try #require(folder.names.first)
        for number in 0..<3 {
            try await Self.download(to: folder.file("\(number).mp4"))
            #expect(folder.names.contains(part))
        }
        // Nor does another process remove it.
        let path = folder.path
        await #expect(processExitsWith: .success) { [path = path as String] in
            try await Self.download(to: "\(path)/other.mp4")
        }
        #expect(folder.names.contains(part))
        gate.open()
        _ = try await task.value
        #expect(folder.names == ["0.mp4", "1.mp4", "2.mp4", "other.mp4", "slow.mp4"])
        #expect(try folder.bytes("slow.mp4") == bytes)
    }

    @Test func manyDownloadsIntoOneFolderNeverTakeEachOthersFile() async throws {
        let folder = try TestFolder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 { group.addTask { try await Self.download(to: folder.file("\(number).mp4")) } }
            try await group.waitForAll()
        }
        #expect(folder.names.count == 40)
        #expect(!folder.names.contains { $0.hasSuffix(".part") })
    }
}

/// Kills the process after the first bytes were written.
private struct KillingDigest: RingMediaDigest {
    mutating func update(_ bytes: [UInt8]) { kill(getpid(), SIGKILL) }
    func hexadecimal() -> String { "" }
}
