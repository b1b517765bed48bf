import RingJSONAPI
import RingSimulator
import RingTesting
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct SceneStillTests {
    private func still(_ bench: Bench, _ time: Int64, _ options: String) async throws -> Reply {
        let step = try await bench.still(
            #"{"type":"at_timestamp","timestamp":\#(time),"image_options":{\#(options)}}"#, .camera)
        return try await RingSimulatorTests.send("GET", step.location)
    }

    @Test(arguments: ["human", "vehicle", "animal", "package_delivery", "other_motion"])
    func everyStillDecodesInEverySize(subType: String) async throws {
        try await Bench.run { bench async throws in
            let time = bench.longMotion(subType)
            for (options, codec, width) in [
                (#""format":"jpeg""#, "mjpeg", 1280),
                (#""format":"jpeg","resolution":{"width":800,"height":600}"#, "mjpeg", 640),
                (#""format":"png""#, "png", 640),
            ] {
                for moment: Int64 in [0, 3500] {
                    let file = try await self.still(bench, time + moment, options)
                    #expect(file.status == 200)
                    guard FFmpeg.isInstalled else { continue }
                    let video = try await FFmpeg.probe(file.body)["streams"]?.elements.first
                    #expect(video?["codec_name"]?.string == codec)
                    #expect(video?["width"]?.int64 == Int64(width))
                    #expect(video?["nb_read_frames"]?.string == "1")
                }
            }
        }
    }

    /// JPEG and PNG of one moment show the same.
    @Test func bothFormatsShowTheSameMoment() async throws {
        guard FFmpeg.isInstalled else { return }
        try await Bench.run { bench async throws in
            let time = bench.longMotion("human") + 3500
            let jpeg = try await self.still(
                bench, time, #""format":"jpeg","resolution":{"width":640,"height":360}"#)
            let png = try await self.still(bench, time, #""format":"png""#)
            let (first, second) = (try await FFmpeg.pictures(jpeg.body), try await FFmpeg.pictures(png.body))
            #expect(first.count == second.count)
            let sum = zip(first, second).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
            #expect(Double(sum) / Double(first.count) < 4)
        }
    }

    @Test func aStillIsThrottledToo() async throws {
        try await Bench.run { bench async throws in
            let time = bench.longMotion("human")
            let whole = try await self.still(bench, time, #""format":"jpeg""#)
            bench.simulator.change { $0.limits[.mediaBytesPerSecond] = 60_000 }
            let start = ContinuousClock.now
            let slow = try await self.still(bench, time, #""format":"jpeg""#)
            #expect(slow.body == whole.body)
            #expect(ContinuousClock.now - start >= .seconds(Double(whole.body.count) / 60_000 - 0.2))
        }
    }
}
