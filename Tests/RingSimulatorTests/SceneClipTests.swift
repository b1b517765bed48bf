import RingCore
import RingCurl
import RingJSONAPI
import RingListener
import RingMedia
import RingSimulator
import RingTesting
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// FFmpeg, where it is installed; tests check the structure without it.
enum FFmpeg {
    static func path(_ name: String) -> String? {
        ["/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/"].map { $0 + name }.first {
            FileManager.default.isExecutableFile(atPath: $0)
        }
    }

    static var isInstalled: Bool { Self.path("ffmpeg") != nil && Self.path("ffprobe") != nil }

    /// Runs a program on a file that it reads from its standard input. What it warns about is a failed expectation.
    static func run(
        _ name: String, _ arguments: [String], on file: [UInt8], level: String = "warning"
    ) async throws -> [UInt8] {
        guard let path = Self.path(name) else { return [] }
        let outcome = try await ChildProcess.run(path, ["-v", level] + arguments, input: file)
        #expect(outcome.errorText == "")
        #expect(outcome.ending == .exited(0))
        return outcome.output
    }

    /// The streams and the format of a file, every picture decoded.
    static func probe(_ file: [UInt8]) async throws -> JSONAPIValue {
        let entries =
            "stream=codec_name,profile,width,height,r_frame_rate,nb_read_frames,duration,sample_rate:format=duration"
        return try JSONAPIValue(
            parsing: try await Self.run(
                "ffprobe", ["-count_frames", "-show_entries", entries, "-of", "json", "pipe:0"], on: file))
    }

    /// The pictures of a file in shades of grey, one behind the other. FFmpeg warns about the whole range of a JPEG here.
    static func pictures(_ file: [UInt8]) async throws -> [UInt8] {
        let arguments = ["-i", "pipe:0", "-pix_fmt", "gray", "-f", "rawvideo", "-fps_mode", "passthrough", "-"]
        return try await Self.run("ffmpeg", arguments, on: file, level: "error")
    }
}

extension Bench {
    /// Both steps of a clip, as its bytes.
    func clipFile(
        _ time: Int64, _ milliseconds: Int64, _ kind: RingSimulatorDevice.Kind = .camera, more: String = ""
    ) async throws -> Reply {
        let step = try await self.send(
            "POST", "\(self.device(kind))/media/video/download",
            body: #"{"timestamp":\#(time),"duration":\#(milliseconds)\#(more)}"#)
        guard step.status == 303 else { return step }
        return try await RingSimulatorTests.send("GET", step.location)
    }

    /// Motion that lasts a minute, and a time four minutes later.
    func longMotion(_ subType: String, _ kind: RingSimulatorDevice.Kind = .camera) -> Int64 {
        self.simulator.happen(
            RingSimulatorEvent(
                type: "motion_detected", device: self.simulator.id(kind), subType: subType, recording: .seconds(63)))
        let time = self.simulator.milliseconds
        self.simulator.advance(by: .seconds(300))
        return time
    }
}

@Suite(.serialized, .timeLimit(.minutes(5))) struct SceneClipTests {
    /// The boxes of the top level: their types and sizes.
    static func boxes(_ file: [UInt8]) -> [(type: String, size: Int)] {
        var boxes: [(String, Int)] = []
        var place = 0
        while place + 8 <= file.count {
            let size = file[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
            boxes.append((String(decoding: file[place + 4..<place + 8], as: UTF8.self), size))
            guard size >= 8 else { break }
            place += size
        }
        return boxes
    }

    @Test(arguments: [
        (4000, 15, ""), (60_000, 15, ""), (4567, 25, #","video_options":{"frame_rate":25}"#),
        (5000, 1, #","video_options":{"frame_rate":1}"#), (999, 7, #","video_options":{"frame_rate":7}"#),
        (30_000, 15, #","audio_options":{"audio_enabled":true}"#), (1, 15, ""),
    ])
    func aClipHasTheLengthAndTheRateThatWereAskedFor(milliseconds: Int64, rate: Int, more: String) async throws {
        try await Bench.run { bench async throws in
            let time = bench.longMotion("human")
            let clip = try await bench.clipFile(time, milliseconds, more: more)
            #expect(clip.status == 200)
            #expect(Self.boxes(clip.body).map(\.type) == ["ftyp", "moov", "mdat"])
            #expect(Self.boxes(clip.body).map(\.size).reduce(0, +) == clip.body.count)
            guard FFmpeg.isInstalled else { return }
            let probe = try await FFmpeg.probe(clip.body)
            let video = try #require(probe["streams"]?.elements.first)
            #expect(video["codec_name"]?.string == "h264")
            #expect(video["profile"]?.string == "High")
            let count = (Int(milliseconds) * rate + 999) / 1000
            #expect(video["nb_read_frames"]?.string == String(count))
            #expect(abs((Double(video["duration"]?.string ?? "") ?? 0) - Double(milliseconds) / 1000) < 0.0005)
            if count > 2 { #expect(video["r_frame_rate"]?.string == "\(rate)/1") }
            let sound = probe["streams"]?.elements.dropFirst().first
            #expect((sound?["codec_name"]?.string == "aac") == more.contains("audio"))
            if let sound {
                #expect(abs((Double(sound["duration"]?.string ?? "") ?? 0) - Double(milliseconds) / 1000) < 0.0005)
                let frames = (Int(milliseconds) * 16 + 1023) / 1024
                #expect(sound["nb_read_frames"]?.string == String(frames))
            }
        }
    }

    @Test(arguments: [("human", 0), ("vehicle", 1), ("animal", 2), ("package_delivery", 0), ("other_motion", 2)])
    func everySceneDecodesInEverySize(subType: String, kind: Int) async throws {
        try await Bench.run { bench async throws in
            let time = bench.longMotion(subType)
            for (asked, width, height) in [("320,\"height\":200", 320, 180), ("1920,\"height\":1080", 1280, 720)] {
                let clip = try await bench.clipFile(
                    time - 3000, 20_000,
                    more: #","video_options":{"frame_rate":5,"resolution":{"width":\#(asked)}}"#)
                // A clip that begins before the recording may be a partial one.
                #expect(clip.status == 200 || clip.status == 206)
                guard FFmpeg.isInstalled else { continue }
                let video = try await FFmpeg.probe(clip.body)["streams"]?.elements.first
                #expect(video?["width"]?.int64 == Int64(width))
                #expect(video?["height"]?.int64 == Int64(height))
            }
        }
    }

    /// The band and the scene are the same as those of H.264.
    @Test(arguments: ["human", "vehicle", "animal", "package_delivery", "other_motion"])
    func aClipInHEVCShowsTheSame(subType: String) async throws {
        try await Bench.run { bench async throws in
            let time = bench.longMotion(subType)
            let (width, height) = (640, 360)
            let options = #""frame_rate":5"#
            let avc = try await bench.clipFile(time, 9000, more: #","video_options":{\#(options)}"#)
            let hevc = try await bench.clipFile(
                time, 9000,
                more: #","video_options":{\#(options),"codec":"hevc"},"audio_options":{"audio_enabled":true}"#)
            #expect(hevc.status == 200)
            #expect(Self.boxes(hevc.body).map(\.type) == ["ftyp", "moov", "mdat"])
            #expect(String(decoding: hevc.body.prefix(2000), as: UTF8.self).contains("hvcC"))
            guard FFmpeg.isInstalled else { return }
            let probe = try await FFmpeg.probe(hevc.body)
            let video = probe["streams"]?.elements.first
            #expect(video?["codec_name"]?.string == "hevc")
            #expect(video?["nb_read_frames"]?.string == "45")
            #expect(video?["duration"]?.string == "9.000000")
            let (first, second) = (try await FFmpeg.pictures(avc.body), try await FFmpeg.pictures(hevc.body))
            #expect(first.count == 45 * width * height)
            #expect(first.count == second.count)
            for place in [0, 7, 22, 44] where first.count == second.count {
                let picture = place * width * height..<(place + 1) * width * height
                #expect(Self.difference(first[picture], second[picture]) < 3)
                let band = picture.lowerBound..<picture.lowerBound + 16 * width
                #expect(Self.difference(first[band], second[band]) < 6)
            }
        }
    }

    @Test func theSameSeedShowsTheSameSceneAndAnotherSeedAnotherOne() async throws {
        var beginnings: [UInt64: Set<[UInt8]>] = [:]
        for seed: UInt64 in [1, 1, 2, 3, 4, 5, 6] {
            try await Bench.run({ $0.seed = seed }) { bench async throws in
                let time = bench.longMotion("")
                // Stills are the same below their time; tiles of the lower half are.
                let still = try await bench.still(
                    #"{"type":"at_timestamp","timestamp":\#(time + 4000)}"#, .camera)
                let file = try await RingSimulatorTests.send("GET", still.location).body
                beginnings[seed, default: []].insert(Array(file.suffix(8000)))
            }
        }
        #expect(beginnings[1]?.count == 1)
        #expect(Set(beginnings.values.flatMap { $0 }).count > 1)
    }

    @Test func theBandShowsTheTimeAndTheStillShowsTheMomentOfTheClip() async throws {
        guard FFmpeg.isInstalled else { return }
        try await Bench.run { bench async throws in
            let time = bench.longMotion("package_delivery")
            let clip = try await bench.clipFile(time, 6000, more: #","video_options":{"frame_rate":10}"#)
            let pictures = try await FFmpeg.pictures(clip.body)
            let size = 640 * 360
            #expect(pictures.count == 60 * size)
            for half: Int64 in [1, 4, 7, 11] {
                let still = try await bench.still(
                    #"{"type":"at_timestamp","timestamp":\#(time + 500 * half)"#
                        + #","image_options":{"resolution":{"width":640,"height":360}}}"#, .camera)
                let file = try await RingSimulatorTests.send("GET", still.location).body
                let picture = try await FFmpeg.pictures(file)
                #expect(picture.count == size)
                let place = Int(half) * 5 * size
                let same = Self.difference(picture[...], pictures[place..<place + size])
                #expect(same < 3)
                // The band is the same as well, and another one 2.5 s later.
                let band = picture[..<(16 * 640)]
                let later = (place + 25 * size) % pictures.count
                #expect(Self.difference(band, pictures[place..<place + 16 * 640]) < 3)
                #expect(Self.difference(band, pictures[later..<later + 16 * 640]) > 0.3)
            }
        }
    }

    /// The mean difference of two pictures of the same size, in shades.
    private static func difference(_ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>) -> Double {
        var sum = 0
        for (left, right) in zip(first, second) { sum += abs(Int(left) - Int(right)) }
        return Double(sum) / Double(max(1, first.count))
    }

    @Test func aThrottledClipTakesItsTime() async throws {
        try await Bench.run({ $0.switches.limits[.mediaBytesPerSecond] = 100_000 }) { bench async throws in
            let time = bench.longMotion("human")
            let step = try await bench.clip(time, .camera)
            let start = ContinuousClock.now
            let clip = try await RingSimulatorTests.send("GET", step.location)
            let least = Double(clip.body.count) / 100_000 - 0.2
            #expect(ContinuousClock.now - start >= .seconds(least))
            #expect(Self.boxes(clip.body).map(\.size).reduce(0, +) == clip.body.count)
            bench.simulator.change { $0.limits[.mediaBytesPerSecond] = 0 }
            #expect(try await RingSimulatorTests.send("GET", step.location).body == clip.body)
        }
    }

    /// The client refuses files that are cut or damaged; these pass.
    @Test func theClientLibraryAcceptsEveryFile() async throws {
        try await Bench.run { bench async throws in
            let start = Date(timeIntervalSince1970: Double(bench.longMotion("vehicle")) / 1000)
            var shared = RingSharedPipeline(transport: RingCurlTransport(), retryPolicy: RingRetryPolicy())
            shared.callLimit = nil
            let base = try #require(URL(string: bench.simulator.apiURL))
            let api = RingAPIClient(
                baseURL: base, account: bench.simulator.accountID,
                transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken(bench.token)), origin: base))
            let media = RingMediaClient(api: api, downloads: shared.pipelineWithoutAccessToken())
            let device = bench.simulator.id(.camera)
            for hasSound in [false, true] {
                let clip = RingClipRequest(
                    device: device, start: start, duration: .seconds(20), isAudioEnabled: hasSound)
                #expect(try await media.data(clip, upTo: 16 << 20).bytes.count > 100_000)
            }
            for format in [RingStillFormat.jpeg, .png] {
                let still = RingStillRequest(device: device, moment: .at(start), format: format)
                #expect(try await media.data(still, upTo: 1 << 20).bytes.count > 5000)
            }
        }
    }

    /// Bodies are made while they are sent: downloads that wait hold a piece each, not a file.
    @Test func manySlowDownloadsHoldNoCopies() async throws {
        let resident = { () -> Int in
            let status = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
            return status.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 4096 } ?? 0
        }
        guard resident() > 0 else { return }
        try await Bench.run { bench async throws in
            let time = bench.longMotion("human")
            let more = #","video_options":{"resolution":{"width":1280,"height":720}}"#
            let whole = try await bench.clipFile(time, 60_000, more: more).body.count
            #expect(whole > 2_000_000)
            bench.simulator.change { $0.limits[.mediaBytesPerSecond] = 20_000 }
            let before = resident()
            try await withThrowingTaskGroup { group in
                for _ in 0..<200 {
                    group.addTask {
                        let step = try await bench.send(
                            "POST", "\(bench.device(.camera))/media/video/download",
                            body: #"{"timestamp":\#(time),"duration":60000\#(more)}"#)
                        let call = RingCall(
                            method: .get, url: try #require(URL(string: step.location)), operation: .testRead,
                            timeouts: .patient)
                        let response = try await RingCurlTransport().send(call)
                        var bytes = 0
                        for try await piece in response.body {
                            bytes += piece.count
                            if bytes > 20_000 { break }
                        }
                        #expect(response.status == 200)
                    }
                }
                try await group.waitForAll()
            }
            // 200 whole files would be more than 400 MB. Other tests run beside this one.
            #expect(resident() - before < 250 << 20)
        }
    }
}
