import Foundation
import RingLive
import RingTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Recordings whose process is killed.
@Suite(.enabled(if: FFmpeg.isInstalled, FFmpeg.comment), .timeLimit(.minutes(10)))
struct KilledRecordingTests {
    private static let rate = 20

    /// Whether a line says that so many pictures have been handed over.
    private static func picture(_ number: Int) -> @Sendable (String) -> Bool { { $0 == "picture \(number)" } }

    @Test func aKilledRecordingPlaysUpToItsLastSecond() async throws {
        let folder = try TestFolder()
        try await folder.write(FFmpeg.stream(size: "640x360", seconds: 10, keyInterval: 40), to: "source.h264")
        let source = try await FFmpeg.digests(folder.file("source.h264"), format: "h264")
        for number in [1, 2, 11, 12, 13, 22, 40, 41, 60, 99, 150, 199] {
            let process = try ChildProcess(
                ChildProcess.builtPrograms + "/RecordProbe",
                [folder.file("door.mp4"), folder.file("source.h264"), "\(Self.rate)", "200"], input: nil)
            try #require(await process.line(where: Self.picture(number)) != nil)
            process.signal(SIGKILL)
            let outcome = await process.outcome()
            #expect(outcome.ending == .signalled(SIGKILL))
            // It may have gone on between the line and the signal.
            let last = outcome.outputText.split(separator: "\n").count { $0.hasPrefix("picture") }
            // The index beside it may have been killed while it was written, too.
            let left = folder.names.filter { $0.hasSuffix(".part") }
            defer { for name in left { try? FileManager.default.removeItem(atPath: folder.file(name)) } }
            let names = left.filter { $0.hasPrefix("door.mp4") }
            #expect(!folder.names.contains("door.mp4"))
            // Before the first fragment there is no picture to lose.
            let types = try names.first.map { boxes(try folder.bytes($0)).map(\.type) } ?? []
            guard let name = names.first, types.contains("moof") || types.contains("mdat") else {
                #expect(last <= Self.rate, "no picture is there, after \(last): \(folder.names), \(types)")
                continue
            }
            // A kill may end in the middle of a write, so the last picture may be cut.
            let digests = try await FFmpeg.digestsOfWhatIsThere(folder.file(name))
            #expect(digests.count >= last - 1 - Self.rate, "\(digests.count) of \(last) pictures")
            let whole = digests.dropLast()
            #expect(Array(whole) == Array(source.prefix(whole.count)))
        }
    }

    @Test func aRecordingThatIsKilledWhileItIsCompletedLosesNothing() async throws {
        let folder = try TestFolder()
        try await folder.write(FFmpeg.stream(seconds: 10, keyInterval: 40), to: "source.h264")
        for round in 0..<12 {
            let process = try ChildProcess(
                ChildProcess.builtPrograms + "/RecordProbe",
                [folder.file("door.mp4"), folder.file("source.h264"), "\(Self.rate)", "1000"], input: nil)
            try #require(await process.line { $0 == "recorded" } != nil)
            process.write(Array("\n".utf8))
            try #require(await process.line { $0 == "finishing" } != nil)
            // Somewhere in the completion, which takes a few milliseconds.
            for _ in 0..<(round * 20_000) { await Task.yield() }
            process.signal(SIGKILL)
            _ = await process.outcome()
            let name = try #require(folder.names.first { $0.hasPrefix("door.mp4") && !$0.hasSuffix("json") })
            let outcome = try await FFmpeg.run(arguments: [
                "-i", folder.file(name), "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-",
            ])
            #expect(outcome.outputText.split(separator: "\n").count { !$0.hasPrefix("#") } == 1000, "\(name)")
            try FileManager.default.removeItem(atPath: folder.file(name))
        }
    }
}
