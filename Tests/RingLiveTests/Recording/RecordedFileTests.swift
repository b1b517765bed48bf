import Foundation
import RingCore
import RingLive
import RingTesting
import Testing

/// Recordings in one file, read by ffmpeg.
@Suite(.enabled(if: FFmpeg.isInstalled, FFmpeg.comment), .timeLimit(.minutes(5)))
struct RecordedFileTests {
    @Test(arguments: ["baseline", "high"])
    func aFileHasEveryPictureOfItsSource(profile: String) async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(profile: profile))
        let path = folder.file("door.mp4")
        let recorder = try RingLiveRecorder(to: .file(path))
        try await recorder.record(Units(film.units()))
        let recording = try await recorder.finish()

        #expect(try await FFmpeg.digests(path) == FFmpeg.digests(film, in: folder))
        #expect(recording.frameCount == 60)
        #expect(recording.duration == .seconds(3))
        #expect(recording.files.map(\.path) == [path])
        #expect(recording.bytes == Int64(try folder.bytes("door.mp4").count))
        #expect(recording.gaps.isEmpty && recording.failure == nil)
        #expect(boxes(try folder.bytes("door.mp4")).map(\.type) == ["ftyp", "mdat", "moov"])
        #expect(folder.names == ["door.mp4", "door.mp4.json"])
        let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try await FFmpeg.property(path, "stream=codec_name,profile,width,height").hasPrefix("h264,"))
        #expect(try await FFmpeg.property(path, "stream=width,height") == "320,180")
        #expect(try await FFmpeg.property(path, "format=duration") == "3.000000")
    }

    @Test func timesAreThoseOfThePictures() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film())
        let path = folder.file("door.mp4")
        // From 5 to 50 pictures a second, and back.
        let times: @Sendable (Int) -> Duration = { .milliseconds($0 * 20 + ($0 / 7) * 180) }
        let recorder = try RingLiveRecorder(to: .file(path))
        try await recorder.record(Units(film.units(times: times)))
        _ = try await recorder.finish()

        let seconds = try await FFmpeg.packets(path).compactMap { Double($0) }
        #expect(seconds == film.pictures.indices.map { Double(times($0).milliseconds) / 1000 })
    }

    @Test func soundIsRecordedWithThePictures() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film())
        let sound = try await FFmpeg.sound(seconds: 3)
        let path = folder.file("door.mp4")
        let packets = sound.prefix(140).enumerated().map { index, bytes in
            // Sound begins 100 ms behind the first picture, with times that are a little off.
            let time = Duration.milliseconds(100 + 20 * index + index % 3)
            return RingLiveAccessUnit(
                track: .audio, bytes: bytes, presentationTime: time, isKeyFrame: true, arrival: time)
        }
        let units = (film.units() + packets).sorted { $0.arrival < $1.arrival }
        let recorder = try RingLiveRecorder(
            to: .file(path), options: RingLiveRecordingOptions(includesAudio: true))
        try await recorder.record(Units(units))
        let recording = try await recorder.finish()

        #expect(recording.skippedUnits == 0)
        #expect(try await FFmpeg.digests(path) == FFmpeg.digests(film, in: folder))
        let properties = try await FFmpeg.property(path, "stream=codec_name,sample_rate,channels", track: "a:0")
        #expect(properties == "opus,48000,2")
        let times = try await FFmpeg.packets(path, "a:0").compactMap { Double($0) }
        #expect(times.count == 140)
        #expect(times.first == 0.1)
        #expect(zip(times, times.dropFirst()).allSatisfy { abs($1 - $0 - 0.02) < 0.0001 }, "without a gap")
        let decoded = try await FFmpeg.run(arguments: ["-xerror", "-i", path, "-map", "0:a", "-f", "null", "-"])
        #expect(decoded.ending == .exited(0) && decoded.errorText == "")
    }

    @Test func otherParameterSetsInTheMiddleAreDescribed() async throws {
        let folder = try TestFolder()
        let films = [
            try await FFmpeg.film(seconds: 1), try await FFmpeg.film(size: "640x360", seconds: 1, profile: "high"),
            try await FFmpeg.film(seconds: 1),
        ]
        let path = folder.file("door.mp4")
        let recorder = try RingLiveRecorder(to: .file(path))
        let units = films.enumerated().flatMap { number, film in
            film.units(times: { .milliseconds(number * 1000 + $0 * 50) })
        }
        try await recorder.record(Units(units))
        let recording = try await recorder.finish()

        #expect(recording.frameCount == 60)
        let bytes = try folder.bytes("door.mp4")
        let movie = try #require(boxes(bytes).last)
        #expect(Array(bytes[movie.range]).occurrences(of: Array("avcC".utf8)) == 2, "the third film is as the first")
        let digests = try await FFmpeg.digests(path)
        #expect(digests.count == 60)
        #expect(Array(digests.prefix(20)) == (try await FFmpeg.digests(films[0], in: folder)))
        // Before it was complete, too.
        try folder.write(Self.unfinished(bytes), to: "cut.mp4")
        #expect(try await FFmpeg.digests(folder.file("cut.mp4")) == digests)
    }

    @Test func aFilePlaysWheneverItsCompletionIsInterrupted() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film())
        let recorder = try RingLiveRecorder(to: .file(folder.file("door.mp4")))
        try await recorder.record(Units(film.units()))
        _ = try await recorder.finish()
        let bytes = try folder.bytes("door.mp4")
        let digests = try await FFmpeg.digests(film, in: folder)
        let movie = try #require(boxes(bytes).last?.range)

        // With any part of the new index, and the old header.
        let unfinished = Self.unfinished(bytes)
        var ends = Array(stride(from: movie.lowerBound, to: movie.upperBound, by: 97))
        ends.append(movie.upperBound)
        for end in ends {
            try folder.write(unfinished.prefix(end), to: "cut.mp4")
            let outcome = try await FFmpeg.run(arguments: [
                "-i", folder.file("cut.mp4"), "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-",
            ])
            #expect(outcome.outputText.split(separator: "\n").count { !$0.hasPrefix("#") } == digests.count, "\(end)")
        }
        #expect(boxes(unfinished).map(\.type).filter { $0 == "moof" }.count >= 5)
    }

    @Test func anEmptyRecordingLeavesNoFile() async throws {
        let folder = try TestFolder()
        let recorder = try RingLiveRecorder(to: .file(folder.file("door.mp4")))
        try await recorder.record(Units([]))
        let error = await #expect(throws: RingError.self) { try await recorder.finish() }
        #expect(error?.code == .recordingEmpty)
        #expect(folder.names.isEmpty)
    }

    @Test func aPathThatCannotBeWrittenIsToldBeforeAnythingIsRecorded() throws {
        let folder = try TestFolder()
        for path in ["", folder.path, folder.file("no/door.mp4"), "/dev/null"] {
            let error = #expect(throws: RingError.self) { try RingLiveRecorder(to: .file(path)) }
            #expect([.invalidArgument, .storageFailed].contains(error?.code), "\(path)")
        }
    }

    @Test func aByteStreamHasEveryPictureOfItsSource() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film())
        let path = folder.file("door.h264")
        let recorder = try RingLiveRecorder(to: .file(path, format: .h264))
        try await recorder.record(Units(film.units()))
        #expect(try await recorder.finish().frameCount == 60)
        #expect(try await FFmpeg.digests(path, format: "h264") == FFmpeg.digests(film, in: folder))
    }

    /// The file as it was before the last write.
    static func unfinished(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let start = boxes(bytes)[1].range.lowerBound
        let header: [UInt8] = [0, 0, 0, 16, 0x66, 0x72, 0x65, 0x65, 0, 0, 0, 0, 0, 0, 0, 0]
        bytes.replaceSubrange(start..<(start + 16), with: header)
        return bytes
    }
}

extension [UInt8] {
    func occurrences(of part: [UInt8]) -> Int {
        self.indices.count { self[$0...].starts(with: part) }
    }
}
