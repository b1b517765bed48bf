import Foundation
import RingCore
import RingJSONAPI
import RingLive
import RingTesting
import Testing

/// Several sessions in one recording.
@Suite(.enabled(if: FFmpeg.isInstalled, FFmpeg.comment), .timeLimit(.minutes(5)))
struct RecordedGapTests {
    /// Records a second of pictures, waits four seconds, and records the next second.
    private static func record(
        _ film: RingLiveFilm, to destination: RingLiveDestination, fillsGaps: Bool
    ) async throws -> RingLiveRecording {
        let clock = ManualClock()
        let recorder = try RingLiveRecorder(
            to: destination, options: RingLiveRecordingOptions(fillsGaps: fillsGaps),
            environment: RingEnvironment(clock: clock))
        try await recorder.record(Units(film.units(count: 20)))
        clock.advance(by: .seconds(4))
        // The next session begins in the middle of a group.
        try await recorder.record(Units(film.units(from: 15)))
        return try await recorder.finish()
    }

    @Test(arguments: [false, true]) func aGapIsMeasuredAndNoted(fillsGaps: Bool) async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(seconds: 2))
        let path = folder.file("door.mp4")
        let recording = try await Self.record(film, to: .file(path), fillsGaps: fillsGaps)

        #expect(recording.frameCount == 40)
        #expect(recording.skippedUnits == 5)
        #expect(recording.sessions.map(\.frameCount) == [20, 20])
        #expect(recording.sessions.map(\.offset) == [.zero, .milliseconds(4950)])
        let gap = try #require(recording.gaps.first)
        #expect(recording.gaps.count == 1)
        #expect(gap.start == .seconds(1) && gap.duration == .milliseconds(3950) && gap.reason == "closed")
        #expect(recording.duration == .milliseconds(5950))

        let digests = try await FFmpeg.digests(path)
        let source = try await FFmpeg.digests(film, in: folder)
        #expect(Array(digests.prefix(20)) == Array(source.prefix(20)))
        #expect(Array(digests.suffix(20)) == Array(source.suffix(20)))
        #expect(digests.count == (fillsGaps ? 44 : 40))
        let times = try await FFmpeg.packets(path)
        #expect(times[20] == (fillsGaps ? "1.000000" : "4.950000"))
        #expect(times[times.count - 20] == "4.950000")
        if fillsGaps {
            #expect(Set(digests[20..<24]).count == 1, "the slates are the same picture")
            #expect(!source.contains(digests[20]))
        }
        // The file that a killed process leaves has the same pictures.
        try folder.write(RecordedFileTests.unfinished(try folder.bytes("door.mp4")), to: "cut.mp4")
        #expect(try await FFmpeg.digests(folder.file("cut.mp4")) == digests)
        let index = String(decoding: try folder.bytes("door.mp4.json"), as: UTF8.self)
        #expect(index.contains(#""complete":true"#) && index.contains(#""frames":40"#))
        #expect(index.contains(#""gaps":[{"start_ms":1000,"length_ms":3950,"reason":"closed"}]"#))
        #expect(index.contains(#""path":"door.mp4""#))
    }

    @Test(arguments: ["320x180", "638x358", "1920x1080"]) func aSlateIsGrayInAnySize(size: String) async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(size: size, seconds: 2))
        let path = folder.file("door.mp4")
        _ = try await Self.record(film, to: .file(path), fillsGaps: true)
        let outcome = try await FFmpeg.run(arguments: [
            "-ss", "2.5", "-i", path, "-frames:v", "1", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-",
        ])
        let pixels = size.split(separator: "x").compactMap { Int($0) }
        #expect(outcome.output.count == pixels[0] * pixels[1] * 3 / 2)
        #expect(Set(outcome.output) == [128])
        #expect(outcome.errorText == "")
    }

    @Test(arguments: [false, true]) func aGapInAFolderIsADiscontinuity(fillsGaps: Bool) async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(seconds: 2))
        let recording = try await Self.record(film, to: .hls(folder: folder.path), fillsGaps: fillsGaps)
        let text = String(decoding: try folder.bytes("index.m3u8"), as: UTF8.self)
        #expect(text.split(separator: "\n").count { $0 == "#EXT-X-DISCONTINUITY" } == (fillsGaps ? 2 : 1))
        #expect(text.split(separator: "\n").count { $0.hasPrefix("#EXT-X-MAP") } == (fillsGaps ? 3 : 1))
        for line in text.split(separator: "\n") where line.hasPrefix("#EXTINF:") {
            #expect(try #require(Double(line.dropFirst(8).dropLast())) <= 4)
        }
        #expect(recording.frameCount == 40)
        #expect(try await FFmpeg.digests(folder.file("index.m3u8")).count == (fillsGaps ? 44 : 40))
    }

    @Test func aGapIsNoPartOfASegment() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(seconds: 2))
        let recording = try await Self.record(
            film, to: .segments(folder.file("door.mp4"), every: .seconds(1)), fillsGaps: false)
        #expect(recording.files.map(\.duration) == [.seconds(1), .seconds(1)])
        var digests: [String] = []
        for file in recording.files { digests += try await FFmpeg.digests(file.path) }
        #expect(digests == (try await FFmpeg.digests(film, in: folder)))
    }

    @Test func aStallWithinASessionIsAGapToo() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(seconds: 2))
        let recorder = try RingLiveRecorder(to: .file(folder.file("door.mp4")))
        try await recorder.record(Units(film.units(times: { .milliseconds($0 * 50 + ($0 >= 20 ? 7000 : 0)) })))
        let recording = try await recorder.finish()
        #expect(recording.gaps.map(\.reason) == ["stalled"])
        #expect(recording.gaps.map(\.duration) == [.seconds(7)])
        #expect(recording.duration == .seconds(9))
    }
}
