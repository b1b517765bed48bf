import Foundation
import RingLive
import RingTesting
import Testing

/// The programs that make films for tests and read recordings: an implementation of MP4 and H.264 that is not this package's.
enum FFmpeg {
    private static let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")

    static func path(_ program: String) -> String? {
        Self.folders.map { "\($0)/\(program)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    static let isInstalled = Self.path("ffmpeg") != nil && Self.path("ffprobe") != nil
    static let comment: Comment = "needs ffmpeg and ffprobe (Debian package ffmpeg)"

    static func run(_ program: String = "ffmpeg", arguments: [String]) async throws -> ChildProcess.Outcome {
        let path = try #require(Self.path(program))
        let common = ["-v", "error"] + (program == "ffmpeg" ? ["-nostdin"] : [])
        return try await ChildProcess(path, common + arguments).outcome()
    }

    /// A film with a counter in each picture.
    static func film(
        size: String = "320x180", rate: Int = 20, seconds: Int = 3, keyInterval: Int = 20, profile: String = "baseline",
        kilobits: Int = 300
    ) async throws -> RingLiveFilm {
        try RingLiveFilm(
            annexB: await Self.stream(
                size: size, rate: rate, seconds: seconds, keyInterval: keyInterval, profile: profile, kilobits: kilobits
            ),
            rate: rate)
    }

    static func stream(
        size: String = "320x180", rate: Int = 20, seconds: Int = 3, keyInterval: Int = 20, profile: String = "baseline",
        kilobits: Int = 300
    ) async throws -> [UInt8] {
        let outcome = try await Self.run(arguments: [
            "-f", "lavfi", "-i", "testsrc2=s=\(size):r=\(rate):d=\(seconds)", "-c:v", "libx264", "-profile:v", profile,
            "-pix_fmt", "yuv420p", "-bf", "0", "-g", "\(keyInterval)", "-sc_threshold", "0", "-threads", "1", "-b:v",
            "\(kilobits)k", "-f", "h264", "-",
        ])
        try #require(outcome.ending == .exited(0), "\(outcome.errorText)")
        return outcome.output
    }

    /// One packet of sound for every 20 ms.
    static func sound(seconds: Int) async throws -> [[UInt8]] {
        let outcome = try await Self.run(arguments: [
            "-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000:duration=\(seconds)", "-ac", "2", "-c:a",
            "libopus",
            "-frame_duration", "20", "-f", "ogg", "-",
        ])
        try #require(outcome.ending == .exited(0), "\(outcome.errorText)")
        return Self.packets(ofOgg: outcome.output)
    }

    /// What a decoder makes of the pictures of a file: a digest for each.
    static func digests(_ path: String, format: String? = nil) async throws -> [String] {
        let outcome = try await Self.run(
            arguments: (format.map { ["-f", $0] } ?? []) + [
                "-xerror", "-i", path, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-",
            ])
        #expect(outcome.errorText == "", "\(path)")
        #expect(outcome.ending == .exited(0), "\(path)")
        return Self.digests(inOutput: outcome.outputText)
    }

    /// What a decoder makes of the pictures of a file whose end may be cut.
    static func digestsOfWhatIsThere(_ path: String) async throws -> [String] {
        let outcome = try await Self.run(arguments: [
            "-fflags", "+discardcorrupt", "-i", path, "-map", "0:v", "-fps_mode", "passthrough", "-f", "framemd5", "-",
        ])
        #expect(outcome.ending == .exited(0), "\(path): \(outcome.errorText)")
        return Self.digests(inOutput: outcome.outputText)
    }

    /// How often a decoder of the pictures misses those before a picture. It conceals that, and notes it for debugging only.
    static func gaps(in pictures: [[UInt8]]) async throws -> Int {
        let folder = try TestFolder()
        try folder.write(pictures.flatMap { $0 }, to: "pictures.h264")
        let outcome = try await Self.run(arguments: [
            "-v", "debug", "-threads", "1", "-f", "h264", "-i", folder.file("pictures.h264"), "-f", "null", "-",
        ])
        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        return outcome.errorText.split(separator: "\n").count { $0.contains("Frame num gap") }
    }

    private static func digests(inOutput text: String) -> [String] {
        text.split(separator: "\n").filter { !$0.hasPrefix("#") }
            .compactMap { $0.split(separator: ",").last.map { $0.trimmingCharacters(in: .whitespaces) } }
    }

    /// The pictures of a film, decoded.
    static func digests(_ film: RingLiveFilm, in folder: TestFolder) async throws -> [String] {
        let name = folder.file("source-\(UUID().uuidString).h264")
        try Data(film.pictures.flatMap { $0 }).write(to: URL(filePath: name))
        defer { try? FileManager.default.removeItem(atPath: name) }
        return try await Self.digests(name, format: "h264")
    }

    /// A column of what ffprobe says about the packets of a track.
    static func packets(_ path: String, _ track: String = "v:0", _ entry: String = "pts_time") async throws -> [String]
    {
        let outcome = try await Self.run(
            "ffprobe",
            arguments: ["-select_streams", track, "-show_entries", "packet=\(entry)", "-of", "csv=p=0", path])
        #expect(outcome.errorText == "", "\(path)")
        return outcome.outputText.split(separator: "\n").map { $0.split(separator: ",").first.map(String.init) ?? "" }
    }

    /// What ffprobe says about one property of a track, or of the file.
    static func property(_ path: String, _ entries: String, track: String = "v:0") async throws -> String {
        let outcome = try await Self.run(
            "ffprobe", arguments: ["-select_streams", track, "-show_entries", entries, "-of", "csv=p=0", path])
        #expect(outcome.errorText == "", "\(path)")
        return outcome.outputText.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// The packets of an Ogg file (RFC 3533), without the two heads.
    private static func packets(ofOgg bytes: [UInt8]) -> [[UInt8]] {
        var packets: [[UInt8]] = []
        var packet: [UInt8] = []
        var position = 0
        while position + 27 <= bytes.count {
            let count = Int(bytes[position + 26])
            let lengths = bytes[(position + 27)..<(position + 27 + count)]
            position += 27 + count
            for length in lengths {
                packet += bytes[position..<(position + Int(length))]
                position += Int(length)
                if length < 255 {
                    packets.append(packet)
                    packet = []
                }
            }
        }
        return Array(packets.dropFirst(2))
    }
}

extension RingLiveFilm {
    /// The units of a session that delivers the film once.
    ///
    /// - Parameter times: When each picture is shown; `nil` for the film's rate.
    func units(
        from first: Int = 0, count: Int? = nil, times: (@Sendable (Int) -> Duration)? = nil
    ) -> [RingLiveAccessUnit] {
        (0..<(count ?? self.pictures.count - first)).map { index in
            let time = times?(index) ?? .nanoseconds(Int64(index) * 1_000_000_000 / Int64(self.rate))
            let place = first + index
            return RingLiveAccessUnit(
                track: .video, bytes: self.pictures[place], presentationTime: time,
                isKeyFrame: self.keyFrames.contains(place), arrival: time)
        }
    }
}

/// Units that are all there.
struct Units: AsyncSequence, Sendable {
    var units: [RingLiveAccessUnit]

    init(_ units: [RingLiveAccessUnit]) { self.units = units }

    struct Iterator: AsyncIteratorProtocol {
        var rest: ArraySlice<RingLiveAccessUnit>
        mutating func next() async -> RingLiveAccessUnit? { self.rest.popFirst() }
    }

    func makeAsyncIterator() -> Iterator { Iterator(rest: self.units[...]) }
}
