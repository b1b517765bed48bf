import Foundation
import RingCore
import RingLive
import RingTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Recordings in several files, a folder for a web page, and a descriptor.
@Suite(.enabled(if: FFmpeg.isInstalled, FFmpeg.comment), .timeLimit(.minutes(5)))
struct RecordedStreamTests {
    /// The lengths of the segments of a playlist.
    private static func lengths(_ playlist: String) -> [String] {
        playlist.split(separator: "\n").filter { $0.hasPrefix("#EXTINF:") }.map { String($0.dropFirst(8).dropLast()) }
    }

    @Test func segmentsBeginWithKeyFramesAndHaveAllPictures() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(seconds: 5))
        try folder.write([1], to: "door-002.mp4")
        let recorder = try RingLiveRecorder(to: .segments(folder.file("door.mp4"), every: .milliseconds(1500)))
        try await recorder.record(Units(film.units()))
        let recording = try await recorder.finish()

        // A key frame a second, so two seconds each; and no file is replaced.
        #expect(folder.names == ["door-001.mp4", "door-002.mp4", "door-003.mp4", "door-004.mp4", "door.json"])
        #expect(recording.files.map(\.frameCount) == [40, 40, 20])
        #expect(recording.files.map(\.duration) == [.seconds(2), .seconds(2), .seconds(1)])
        #expect(recording.duration == .seconds(5))
        var digests: [String] = []
        for file in recording.files {
            digests += try await FFmpeg.digests(file.path)
            let name = String(file.path.split(separator: "/").last ?? "")
            #expect(boxes(try folder.bytes(name)).map(\.type) == ["ftyp", "mdat", "moov"])
            #expect(try await FFmpeg.packets(file.path).first == "0.000000")
        }
        #expect(digests == (try await FFmpeg.digests(film, in: folder)))
    }

    @Test func segmentsAreNamedByTheirTime() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(seconds: 2))
        let clock = ManualClock(start: Date(timeIntervalSince1970: 1_795_000_000))
        let recorder = try RingLiveRecorder(
            to: .segments(folder.file("door-%t.mp4"), every: .seconds(1)), environment: RingEnvironment(clock: clock))
        try await recorder.record(Units(film.units()))
        _ = try await recorder.finish()
        #expect(folder.names == ["door-20261118T110640Z-2.mp4", "door-20261118T110640Z.mp4", "door.json"])
    }

    /// The ends of a pipe that programs of other tests do not inherit: a writing end in one of them would keep it open.
    private static func pipeEnds() throws -> [Int32] {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return ends
    }

    @Test(arguments: [RingLiveFormat.mp4, .h264])
    func aPipeGetsEveryPicture(format: RingLiveFormat) async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(size: "640x360", kilobits: 2000))
        let ends = try Self.pipeEnds()
        let (input, output) = (ends[0], ends[1])
        // To the end of the pipe, on a thread of its own: tests share as many threads as there are processors.
        let (pieces, told) = AsyncStream.makeStream(of: Data.self)
        RawThread.start {
            told.yield(FileHandle(fileDescriptor: input, closeOnDealloc: true).readDataToEndOfFile())
            told.finish()
        }
        let recorder = try RingLiveRecorder(to: .descriptor(output, format: format))
        try await recorder.record(Units(film.units()))
        let recording = try await recorder.finish()
        close(output)
        let bytes = await pieces.reduce(into: Data()) { $0 += $1 }

        #expect(recording.files.isEmpty)
        #expect(recording.bytes == Int64(bytes.count))
        try folder.write(bytes, to: "piped")
        let digests = try await FFmpeg.digests(folder.file("piped"), format: format.rawValue)
        #expect(digests == (try await FFmpeg.digests(film, in: folder)))
    }

    @Test func aReaderThatHasGoneEndsTheRecordingAndNotTheProcess() async throws {
        let film = try await FFmpeg.film()
        let ends = try Self.pipeEnds()
        close(ends[0])
        defer { close(ends[1]) }
        let recorder = try RingLiveRecorder(to: .descriptor(ends[1]))
        let error = await #expect(throws: RingError.self) { try await recorder.record(Units(film.units())) }
        #expect(error?.code == .outputClosed)
    }

    @Test func aReaderThatDoesNotReadDoesNotHoldACancelledRecording() async throws {
        let film = try await FFmpeg.film(size: "640x360", kilobits: 2000)
        let ends = try Self.pipeEnds()
        let (input, output) = (ends[0], ends[1])
        defer { for end in [input, output] { close(end) } }
        let recorder = try RingLiveRecorder(to: .descriptor(output))
        let work = Task { try await recorder.record(Units(film.units())) }
        // The pipe holds less than the recording.
        var isReady = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
        while unsafe poll(&isReady, 1, 0) == 1 { await Task.yield() }
        work.cancel()
        await #expect(throws: (any Error).self) { try await work.value }
        #expect(try await recorder.finish().failure?.code == .outputClosed)
    }

    @Test func aFolderForAWebPageHasEveryPicture() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(seconds: 6))
        try folder.write([1], to: "segment-old1-00007.m4s")
        try folder.write([1], to: "segment-notes.txt")
        let sources = folder.file("source")
        try FileManager.default.createDirectory(atPath: sources, withIntermediateDirectories: true)
        let recorder = try RingLiveRecorder(to: .hls(folder: folder.path))
        try await recorder.record(Units(film.units()))
        let recording = try await recorder.finish()

        let list = try folder.bytes("index.m3u8")
        let text = String(decoding: list, as: UTF8.self)
        #expect(text.hasPrefix("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:4\n#EXT-X-MEDIA-SEQUENCE:0\n"))
        #expect(text.hasSuffix("#EXT-X-ENDLIST\n"))
        #expect(Self.lengths(text) == ["2.000", "2.000", "2.000"])
        #expect(recording.files.map(\.path) == [folder.path + "/index.m3u8"])
        #expect(try await FFmpeg.digests(folder.file("index.m3u8")) == FFmpeg.digests(film, in: folder))
        #expect(folder.names.count { $0.hasSuffix(".m4s") } == 3, "the segment of an earlier recording is gone")
        #expect(folder.names.contains("segment-notes.txt"))
    }

    @Test func twoRecordingsDoNotShareAFolderAtOnce() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(seconds: 6))
        let first = try RingLiveRecorder(to: .hls(folder: folder.path))
        let error = #expect(throws: RingError.self) {
            // Another spelling of the same folder.
            _ = try RingLiveRecorder(to: .hls(folder: folder.path + "/."))
        }
        #expect(error?.code == .invalidArgument && error?.message.contains("another recording") == true)
        try await first.record(Units(film.units()))
        _ = try await first.finish()
        #expect(try await FFmpeg.digests(folder.file("index.m3u8")) == FFmpeg.digests(film, in: folder))

        // After the end of the first one, its files are replaced.
        let second = try RingLiveRecorder(to: .hls(folder: folder.path))
        try await second.record(Units(film.units()))
        _ = try await second.finish()
        #expect(folder.names.count { $0.hasSuffix(".m4s") } == 3)
    }

    @Test func aWindowKeepsTheNewestSegments() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(seconds: 20))
        let recorder = try RingLiveRecorder(
            to: .hls(folder: folder.path, segmentDuration: .seconds(1), window: 4))
        try await recorder.record(Units(film.units()))
        _ = try await recorder.finish()
        let text = String(decoding: try folder.bytes("index.m3u8"), as: UTF8.self)
        #expect(text.contains("#EXT-X-MEDIA-SEQUENCE:16\n"))
        #expect(text.split(separator: "\n").count { $0.hasPrefix("#EXTINF") } == 4)
        // Those that players of the list before may still read.
        #expect(folder.names.count { $0.hasSuffix(".m4s") } == 8)
        #expect(try await FFmpeg.digests(folder.file("index.m3u8")) == FFmpeg.digests(film, in: folder).suffix(80))
    }

    @Test func aSegmentWithoutAKeyFrameIsCutAtTheTargetDuration() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(seconds: 9, keyInterval: 500))
        let recorder = try RingLiveRecorder(to: .hls(folder: folder.path, segmentDuration: .seconds(2)))
        try await recorder.record(Units(film.units()))
        _ = try await recorder.finish()
        let text = String(decoding: try folder.bytes("index.m3u8"), as: UTF8.self)
        #expect(Self.lengths(text) == ["4.000", "4.000", "1.000"])
        #expect(try await FFmpeg.digests(folder.file("index.m3u8")) == FFmpeg.digests(film, in: folder))
    }
}
