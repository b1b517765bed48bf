import Foundation
import RingCore
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

    @Test func aKilledRecordingIsCompletedByTheNextStart() async throws {
        let folder = try TestFolder()
        try await folder.write(FFmpeg.stream(size: "640x360", seconds: 10, keyInterval: 40), to: "source.h264")
        let source = try await FFmpeg.digests(folder.file("source.h264"), format: "h264")
        let process = try ChildProcess(
            ChildProcess.builtPrograms + "/RecordProbe",
            [folder.file("door.mp4"), folder.file("source.h264"), "\(Self.rate)", "200"], input: nil)
        try #require(await process.line(where: Self.picture(60)) != nil)
        let part = folder.file(try #require(folder.names.first { $0.hasPrefix("door.mp4.") && $0.hasSuffix(".part") }))
        #expect(try RingLiveRecorder.abandonedRecordings(in: folder.path).isEmpty, "its process lives")
        let early = await #expect(throws: RingError.self) { try await RingLiveRecorder.complete(abandoned: part) }
        #expect(early?.message.contains("being written") == true, "\(early?.message ?? "")")
        // Another recording of that name is none that is taken away from its process.
        try folder.write(try folder.bytes(URL(filePath: part).lastPathComponent), to: "door.mp4.aaaaaa.part")
        let copy = folder.file("door.mp4.aaaaaa.part")
        let taken = await #expect(throws: RingError.self) { try await RingLiveRecorder.complete(abandoned: copy) }
        #expect(taken?.message.contains("being recorded") == true, "\(taken?.message ?? "")")
        try FileManager.default.removeItem(atPath: copy)
        process.signal(SIGKILL)
        let last = await process.outcome().outputText.split(separator: "\n").count { $0.hasPrefix("picture") }

        #expect(try RingLiveRecorder.abandonedRecordings(in: folder.path) == [part])
        let file = try await RingLiveRecorder.complete(abandoned: part)

        #expect(file.path == folder.file("door.mp4"))
        #expect(boxes(try folder.bytes("door.mp4")).map(\.type) == ["ftyp", "mdat", "moov"])
        #expect(Int64(try folder.bytes("door.mp4").count) == file.bytes)
        let digests = try await FFmpeg.digests(file.path)
        #expect(
            digests.count == file.frameCount && digests.count >= last - 1 - Self.rate, "\(digests.count) of \(last)")
        #expect(digests == Array(source.prefix(digests.count)))
        #expect(file.duration == .milliseconds(50 * digests.count))
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        // The kill may have left the temporary file of the index, which the next writer removes.
        #expect(!folder.names.contains { $0.hasPrefix("door.mp4.") && $0.hasSuffix(".part") }, "\(folder.names)")
    }

    @Test func theCommandCompletesWhatItIsGivenAndReplacesNothing() async throws {
        let folder = try TestFolder()
        let (name, whole) = ("door.mp4.aaaaaa.part", try await Self.killedRecording(in: folder))
        try folder.write(whole, to: name)
        let parts = ["one", "two", "three", "four"].map { "\($0).mp4.aaaaaa.part" }
        // Whole, cut in a fragment, cut before the first one, and of something else.
        for (part, bytes) in zip(
            parts, [whole, Array(whole.dropLast(9)), Array(whole.prefix(900)), Array("text".utf8)])
        {
            try folder.write(bytes, to: part)
        }
        let command = ChildProcess.builtPrograms + "/ringctl"

        let outcome = try await ChildProcess(command, ["live", "finish", "--json"] + parts.map(folder.file)).outcome()
        try folder.write([1, 2, 3], to: "door.mp4")
        let refused = try await ChildProcess(command, ["live", "finish", folder.file(name)]).outcome()
        let named = try await ChildProcess(
            command, ["live", "finish", folder.file(name), "-o", folder.file("other.mp4")]
        ).outcome()

        #expect(outcome.ending == .exited(1), "\(outcome.errorText)")
        #expect(outcome.outputText.split(separator: "\n").count == 2, "\(outcome.outputText)")
        #expect(outcome.errorText.contains("recording_empty") && outcome.errorText.contains("is no MP4 recording"))
        let failures = outcome.errorText.split(separator: "\n")
        #expect(failures.count == 2 && failures.allSatisfy { $0.hasPrefix(#"{"error":{"code":""#) }, "\(failures)")
        #expect(failures.last?.contains("recording_empty") == true, "it decides the exit status")
        #expect(refused.ending == .exited(2) && refused.errorText.contains("exists and is not replaced"))
        #expect(named.ending == .exited(0), "\(named.errorText)")
        #expect(try folder.bytes("door.mp4") == [1, 2, 3])
        #expect(try folder.bytes(parts[2]) == Array(whole.prefix(900)) && folder.bytes(parts[3]) == Array("text".utf8))
        let counts = try await [
            FFmpeg.digests(folder.file("one.mp4")).count, FFmpeg.digests(folder.file("two.mp4")).count,
            FFmpeg.digests(folder.file("other.mp4")).count,
        ]
        #expect(
            counts[0] == counts[2] && counts[0] >= 25 && counts[1] < counts[0] && counts[1] >= counts[0] - 11,
            "\(counts)")
    }

    /// With sound, other parameter sets and slates.
    @Test func whatIsLeftBecomesWhatItsProcessWouldHaveMade() async throws {
        let folder = try TestFolder()
        let films = [
            try await FFmpeg.film(seconds: 1), try await FFmpeg.film(size: "640x360", seconds: 1, profile: "high"),
        ]
        let sound = try await FFmpeg.sound(seconds: 1)
        for (includesAudio, fillsGaps) in [(true, true), (true, false), (false, true)] {
            let clock = ManualClock()
            let recorder = try RingLiveRecorder(
                to: .file(folder.file("door.mp4")),
                options: RingLiveRecordingOptions(includesAudio: includesAudio, fillsGaps: fillsGaps),
                environment: RingEnvironment(clock: clock))
            for film in [films[0], films[1], films[0], films[1]] {
                let packets = sound.enumerated().map { index, bytes in
                    let time = Duration.milliseconds(10 + 20 * index)
                    return RingLiveAccessUnit(
                        track: .audio, bytes: bytes, presentationTime: time, isKeyFrame: true, arrival: time)
                }
                try await recorder.record(Units((film.units() + packets).sorted { $0.arrival < $1.arrival }))
                clock.advance(by: .seconds(3))
            }
            let name = try #require(folder.names.first { $0.hasPrefix("door.mp4.") && $0.hasSuffix(".part") })
            try folder.write(try folder.bytes(name), to: "copy.mp4.aaaaaa.part")

            let own = try #require(try await recorder.finish().files.first)
            let copy = try await RingLiveRecorder.complete(abandoned: folder.file("copy.mp4.aaaaaa.part"))

            #expect(try folder.bytes("copy.mp4") == folder.bytes("door.mp4"), "\(includesAudio), \(fillsGaps)")
            #expect(copy.frameCount == own.frameCount && copy.bytes == own.bytes && copy.duration == own.duration)
            #expect(abs(copy.start.timeIntervalSince(own.start)) < 1)
            for name in folder.names { try FileManager.default.removeItem(atPath: folder.file(name)) }
        }
    }

    /// Neither of them can be completed, and both are told in words.
    @Test func aFolderAndALinkAreNone() async throws {
        let folder = try TestFolder()
        try folder.write(try await Self.killedRecording(in: folder), to: "one.mp4.aaaaaa.part")
        try FileManager.default.createDirectory(
            atPath: folder.file("two.mp4.aaaaaa.part"), withIntermediateDirectories: false)
        try FileManager.default.createSymbolicLink(
            atPath: folder.file("three.mp4.aaaaaa.part"), withDestinationPath: "one.mp4.aaaaaa.part")

        for (name, words) in [("two", "is a folder"), ("three", "is a symbolic link")] {
            let error = await #expect(throws: RingError.self) {
                try await RingLiveRecorder.complete(abandoned: folder.file("\(name).mp4.aaaaaa.part"))
            }
            #expect(
                error?.code == .invalidArgument && error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
        #expect(try RingLiveRecorder.abandonedRecordings(in: folder.path) == [folder.file("one.mp4.aaaaaa.part")])
    }

    /// What a name in another file system is called, and that nothing is lost by it.
    @Test func aNameInAnotherFileSystemIsRefused() async throws {
        let (folder, memory) = (try TestFolder(), "/dev/shm")
        let systems = [folder.path, memory].map { path in
            (try? FileManager.default.attributesOfItem(atPath: path))?[.systemNumber] as? Int
        }
        guard systems[0] != systems[1], systems[1] != nil else { return }
        let part = folder.file("one.mp4.aaaaaa.part")
        try folder.write(try await Self.killedRecording(in: folder), to: "one.mp4.aaaaaa.part")

        let error = await #expect(throws: RingError.self) {
            try await RingLiveRecorder.complete(abandoned: part, as: "\(memory)/ring-\(UUID().uuidString).mp4")
        }

        #expect(error?.code == .invalidArgument, "\(error?.message ?? "")")
        #expect(error?.message.contains("is in another file system") == true, "\(error?.message ?? "")")
        #expect(try await RingLiveRecorder.complete(abandoned: part).frameCount >= 25)
    }

    /// A recording may have any name.
    @Test func abandonedRecordingsAreFoundByWhatIsInThem() async throws {
        let folder = try TestFolder()
        let bytes = try await Self.killedRecording(in: folder)
        for name in ["door.m4v", "door"] { try folder.write(bytes, to: name + ".aaaaaa.part") }
        try folder.write(Array("text".utf8), to: "door.h264.aaaaaa.part")
        try folder.write([], to: "empty.mp4.aaaaaa.part")

        let found = try RingLiveRecorder.abandonedRecordings(in: folder.path)

        #expect(found == ["door.aaaaaa.part", "door.m4v.aaaaaa.part", "empty.mp4.aaaaaa.part"].map(folder.file))
    }

    /// Ctrl-C ends the command behind the file that it completes; the others stay as they are.
    @Test func aSignalEndsTheCommand() async throws {
        let folder = try TestFolder()
        let bytes = try await Self.killedRecording(in: folder)
        let parts = (100..<300).map { "door\($0).mp4.aaaaaa.part" }
        for part in parts { try folder.write(bytes, to: part) }
        let process = try ChildProcess(
            ChildProcess.builtPrograms + "/ringctl", ["live", "finish"] + parts.map(folder.file))
        try #require(await process.line { $0.contains("door100.mp4: ") } != nil)
        process.signal(SIGINT)

        let outcome = await process.outcome()

        #expect(outcome.ending == .exited(130), "\(outcome.errorText)")
        let left = folder.names.count { $0.hasSuffix(".part") }
        #expect(left > 0, "it went on to the end")
        // Beside them may be the temporary file of an index.
        let names = Set(folder.names.map { $0.prefix { $0 != "." } }).filter { $0.hasPrefix("door") && $0 != "door" }
        #expect(
            names.count == parts.count && folder.names.count { $0.hasPrefix("door1") || $0.hasPrefix("door2") } == 200)
    }

    /// The file of a recording that was killed.
    private static func killedRecording(in folder: TestFolder) async throws -> [UInt8] {
        try await folder.write(FFmpeg.stream(seconds: 3), to: "source.h264")
        let process = try ChildProcess(
            ChildProcess.builtPrograms + "/RecordProbe",
            [folder.file("door.mp4"), folder.file("source.h264"), "\(Self.rate)", "60"], input: nil)
        try #require(await process.line(where: Self.picture(45)) != nil)
        process.signal(SIGKILL)
        _ = await process.outcome()
        let name = try #require(folder.names.first { $0.hasPrefix("door.mp4.") && $0.hasSuffix(".part") })
        defer { try? FileManager.default.removeItem(atPath: folder.file(name)) }
        return try folder.bytes(name)
    }

    /// Whole fragments behind a damaged one are not cut off.
    @Test func whatStandsBehindDamageIsKept() async throws {
        let folder = try TestFolder()
        var bytes = try await Self.killedRecording(in: folder)
        let fragments = bytes.indices.filter { bytes[$0...].starts(with: Array("moof".utf8)) }
        try #require(fragments.count >= 3)
        bytes.replaceSubrange((fragments[1] - 4)..<(fragments[1] + 60), with: [UInt8](repeating: 0, count: 64))
        try folder.write(bytes, to: "one.mp4.aaaaaa.part")

        let error = await #expect(throws: RingError.self) {
            try await RingLiveRecorder.complete(abandoned: folder.file("one.mp4.aaaaaa.part"))
        }

        #expect(error?.code == .invalidArgument && error?.message.contains("is damaged") == true)
        #expect(try folder.bytes("one.mp4.aaaaaa.part") == bytes)
    }

    /// A crash of the machine may keep the header of a complete file without its index.
    @Test func anIndexThatIsNotWholeIsWrittenAgain() async throws {
        let folder = try TestFolder()
        try folder.write(try await Self.killedRecording(in: folder), to: "one.mp4.aaaaaa.part")
        let file = try await RingLiveRecorder.complete(abandoned: folder.file("one.mp4.aaaaaa.part"))
        let whole = try folder.bytes("one.mp4")
        let index = try #require(boxes(whole).last)
        #expect(index.type == "moov")
        for length in [1, 9, index.range.count - 4, index.range.count] {
            for bytes in [
                Array(whole.dropLast(length)), whole.dropLast(length) + [UInt8](repeating: 0, count: length),
            ] where length > 9 || bytes.count < whole.count {
                try folder.write(bytes, to: "two.mp4.aaaaaa.part")

                let again = try await RingLiveRecorder.complete(abandoned: folder.file("two.mp4.aaaaaa.part"))

                #expect(try folder.bytes("two.mp4") == whole, "\(length) bytes")
                #expect(again.frameCount == file.frameCount && again.bytes == file.bytes)
                try FileManager.default.removeItem(atPath: folder.file("two.mp4"))
            }
        }
    }

    /// Two that complete different files under one name: one of them has it, and the other file stays.
    @Test func oneNameIsGivenOnce() async throws {
        let folder = try TestFolder()
        let bytes = try await Self.killedRecording(in: folder)
        for round in 0..<20 {
            let parts = ["a", "b", "c", "d"].map { "\($0)\(round).mp4.aaaaaa.part" }
            for part in parts { try folder.write(bytes, to: part) }
            let name = "one\(round).mp4"

            let given = await withTaskGroup { group in
                for part in parts {
                    group.addTask {
                        (try? await RingLiveRecorder.complete(
                            abandoned: folder.file(part), as: folder.file(name))) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }

            #expect(given == 1)
            #expect(folder.names.contains(name))
            #expect(parts.count { folder.names.contains($0) } == 3, "\(folder.names)")
            for left in folder.names { try? FileManager.default.removeItem(atPath: folder.file(left)) }
        }
    }

    /// A writer removes the temporary files that nobody needs, and no recording whose name begins like theirs.
    @Test func aKilledRecordingStaysWhateverItsName() throws {
        let folder = try TestFolder()
        try folder.write([1], to: ".ring-door.mp4.aaaaaa.part")
        try folder.write([1], to: ".ring-aaaaaa.part")

        try RingOutputFile.replace(folder.file("other"), with: [], mode: 0o600, isDurable: false)

        #expect(folder.names.sorted() == [".ring-door.mp4.aaaaaa.part", "other"])
    }

    /// The process was killed after the file had got its name, and before the other name was removed.
    @Test func aFileThatHasItsNameIsComplete() async throws {
        let folder = try TestFolder()
        try folder.write(try await Self.killedRecording(in: folder), to: "one.mp4.aaaaaa.part")
        try FileManager.default.linkItem(
            atPath: folder.file("one.mp4.aaaaaa.part"), toPath: folder.file("one.mp4"))

        _ = try await RingLiveRecorder.complete(abandoned: folder.file("one.mp4.aaaaaa.part"))

        #expect(boxes(try folder.bytes("one.mp4")).map(\.type) == ["ftyp", "mdat", "moov"])
        #expect(!folder.names.contains("one.mp4.aaaaaa.part"))
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
