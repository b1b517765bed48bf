import Foundation
import RingCore
import RingLive
import RingTesting
import Testing

/// Units that a damaged or hostile source delivers.
@Suite(.enabled(if: FFmpeg.isInstalled, FFmpeg.comment), .timeLimit(.minutes(5)))
struct BrokenUnitsTests {
    private static func video(_ bytes: [UInt8], _ time: Duration, isKey: Bool = false) -> RingLiveAccessUnit {
        RingLiveAccessUnit(track: .video, bytes: bytes, presentationTime: time, isKeyFrame: isKey, arrival: time)
    }

    /// A byte stream of NAL units.
    private static func stream(_ units: [UInt8]...) -> [UInt8] { units.flatMap { [0, 0, 0, 1] + $0 } }

    @Test func damagedUnitsAreLeftOut() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film())
        let path = folder.file("door.mp4")
        let good = film.units()
        let bad: [RingLiveAccessUnit] = [
            Self.video([], .zero), Self.video([0, 0, 1], .zero, isKey: true), Self.video([1, 2, 3], .zero),
            // A key frame without parameter sets, parameter sets that are none, and a picture that refers to nothing.
            Self.video(Self.stream([0x65, 0x88, 0x84]), .zero, isKey: true),
            Self.video(Self.stream([0x67], [0x68], [0x65, 0x88]), .zero, isKey: true),
            Self.video(Self.stream([0x67, 66, 0, 0xFF, 0xFF], [0x68, 1], [0x65, 0x88]), .zero, isKey: true),
            good[1],
            // Sound that is not recorded.
            RingLiveAccessUnit(
                track: .audio, bytes: [0x78], presentationTime: .zero, isKeyFrame: true, arrival: .zero),
        ]
        let later = bad.prefix(5).map { unit in
            var unit = unit
            unit.presentationTime = good[30].presentationTime
            return unit
        }
        let recorder = try RingLiveRecorder(to: .file(path))
        // A picture with NAL units between the slices that no decoder knows, or whose first bit is set.
        var odd = good[5]
        odd.bytes = Self.stream([0x80, 1, 2], [0x1F, 1]) + odd.bytes
        odd.bytes += Self.stream([0x0C, 0xFF, 0x80])
        var units = bad
        units += good[..<5]
        units.append(odd)
        units += good[6..<30]
        units += later.prefix(3)
        units += good[30...]
        try await recorder.record(Units(units))
        let recording = try await recorder.finish()

        #expect(recording.skippedUnits == bad.count + 3)
        #expect(recording.frameCount == 60)
        #expect(try await FFmpeg.digests(path) == FFmpeg.digests(film, in: folder))
    }

    @Test func timesNeverGoBackOrJump() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film())
        let path = folder.file("door.mp4")
        // The clock of the camera is set back by an hour, then ahead by a day; two pictures have one time.
        var units = film.units()
        for index in units.indices {
            if index >= 20 { units[index].presentationTime -= .seconds(3600) }
            if index >= 40 { units[index].presentationTime += .seconds(86_400) }
        }
        units[10].presentationTime = units[9].presentationTime
        let recorder = try RingLiveRecorder(to: .file(path))
        try await recorder.record(Units(units))
        let recording = try await recorder.finish()

        #expect(recording.frameCount == 60)
        #expect(recording.duration == .seconds(3))
        #expect(recording.gaps.isEmpty)
        let times = try await FFmpeg.packets(path).compactMap { Double($0) }
        #expect(zip(times, times.dropFirst()).allSatisfy { $0 < $1 })
        #expect(try await FFmpeg.digests(path).count == 60)
    }

    @Test func unitsOfAnyBytesDoNoHarm() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(seconds: 1))
        var generator = SystemRandomNumberGenerator()
        var units = film.units()
        // Sets that are damaged at any place: they are read, refused or recorded, and nothing ends the process.
        for round in 0..<400 {
            var unit = film.units()[0]
            let place = Int.random(in: 0..<min(60, unit.bytes.count), using: &generator)
            unit.bytes[place] = UInt8.random(in: .min ... .max, using: &generator)
            if round % 3 == 0 { unit.bytes.removeLast(Int.random(in: 0..<unit.bytes.count, using: &generator)) }
            unit.presentationTime = .milliseconds(1000 + 50 * round)
            unit.arrival = unit.presentationTime
            units.append(unit)
        }
        for destination: RingLiveDestination in [
            .file(folder.file("door.mp4")), .segments(folder.file("part.mp4"), every: .seconds(1)),
            .hls(folder: folder.path, window: 5), .file(folder.file("door.h264"), format: .h264),
        ] {
            let recorder = try RingLiveRecorder(to: destination, options: RingLiveRecordingOptions(isDurable: false))
            try await recorder.record(Units(units))
            #expect(try await recorder.finish().frameCount >= 20)
        }
    }

    @Test func aClosedDescriptorIsNamedSo() async throws {
        let film = try await FFmpeg.film(seconds: 2)
        let recorder = try RingLiveRecorder(to: .descriptor(1_000_000))

        let error = await #expect(throws: RingError.self) { try await recorder.record(Units(film.units())) }

        #expect(error?.message == "could not write to “descriptor 1000000”: it is closed")
    }

    @Test func aFullDiskEndsTheRecordingAndKeepsIt() async throws {
        let film = try await FFmpeg.film(size: "640x360", seconds: 4, kilobits: 2000)
        guard let disk = TinyDisk(bytes: 128 * 4096) else {
            withKnownIssue("no tiny file system can be mounted here (not root, or no mount): the full disk is untested")
            {
                Issue.record("skipped")
            }
            return
        }
        let path = "\(disk.path)/door.mp4"
        let recorder = try RingLiveRecorder(to: .file(path))
        let error = await #expect(throws: RingError.self) { try await recorder.record(Units(film.units())) }
        #expect(error?.code == .diskFull)
        let recording = try await recorder.finish()

        #expect(recording.failure?.code == .diskFull)
        #expect(recording.files.map(\.path) == [path])
        let digests = try await FFmpeg.digests(path)
        #expect(digests.count >= 10)
        #expect(recording.frameCount == digests.count && recording.files.first?.frameCount == digests.count)
        #expect(recording.sessions.map(\.frameCount) == [digests.count])
        let folder = try TestFolder()
        #expect(digests == Array(try await FFmpeg.digests(film, in: folder).prefix(digests.count)))
    }

    /// Slates are in the file, and no picture of a session.
    @Test(arguments: [52, 56, 57, 58, 60, 62, 63, 66, 90]) func aFullDiskBehindAGapCountsPicturesOfTheCameraOnly(
        pages: Int
    ) async throws {
        let film = try await FFmpeg.film(size: "640x360", seconds: 2, kilobits: 2000)
        guard let disk = TinyDisk(bytes: pages * 4096) else {
            withKnownIssue("no tiny file system can be mounted here (not root, or no mount): the full disk is untested")
            {
                Issue.record("skipped")
            }
            return
        }
        let clock = ManualClock()
        let recorder = try RingLiveRecorder(
            to: .file("\(disk.path)/door.mp4"), options: RingLiveRecordingOptions(fillsGaps: true),
            environment: RingEnvironment(clock: clock))
        let error = await #expect(throws: RingError.self) {
            try await recorder.record(Units(film.units(count: 20)))
            clock.advance(by: .seconds(60))
            try await recorder.record(Units(film.units(from: 20)))
        }
        #expect(error?.code == .diskFull)
        let recording = try await recorder.finish()

        let source = Set(try await FFmpeg.digests(film, in: try TestFolder()))
        let digests = try await FFmpeg.digests("\(disk.path)/door.mp4")
        let own = digests.count { source.contains($0) }
        #expect(recording.files.first?.frameCount == digests.count)
        #expect(recording.frameCount == own)
        #expect(
            recording.sessions.map(\.frameCount)
                == Array([min(own, 20), max(own - 20, 0)].prefix(recording.sessions.count)))
    }

    /// A player asks for an open playlist again and again, for ever.
    @Test func aFullDiskClosesThePlaylist() async throws {
        let film = try await FFmpeg.film(size: "640x360", seconds: 4, kilobits: 2000)
        guard let disk = TinyDisk(bytes: 160 * 4096) else {
            withKnownIssue("no tiny file system can be mounted here (not root, or no mount): the full disk is untested")
            {
                Issue.record("skipped")
            }
            return
        }
        let recorder = try RingLiveRecorder(to: .hls(folder: disk.path, segmentDuration: .seconds(1)))
        let error = await #expect(throws: RingError.self) { try await recorder.record(Units(film.units())) }
        #expect(error?.code == .diskFull)
        let recording = try await recorder.finish()

        #expect(recording.failure?.code == .diskFull)
        let playlist = try String(contentsOfFile: disk.path + "/index.m3u8", encoding: .utf8)
        #expect(playlist.hasSuffix("#EXT-X-ENDLIST\n"))
        let segments = playlist.split(separator: "\n").filter { $0.hasSuffix(".m4s") }.map(String.init)
        #expect(!segments.isEmpty)
        let names = try FileManager.default.contentsOfDirectory(atPath: disk.path)
        #expect(names.filter { $0.hasSuffix(".m4s") }.sorted() == segments)
        let folder = try TestFolder()
        let digests = try await FFmpeg.digests(disk.path + "/index.m3u8")
        #expect(digests.count == recording.files.first?.frameCount)
        #expect(digests == Array(try await FFmpeg.digests(film, in: folder).prefix(digests.count)))
    }
}
