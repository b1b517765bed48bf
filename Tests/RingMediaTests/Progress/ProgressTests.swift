import FoundationEssentials
import RingCore
import RingMedia
import RingTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct ProgressTests {
    let mp4 = (try? Fixture.bytes("clip.mp4")) ?? []

    @Test func tellsBytesTotalRateAndTimeLeft() async throws {
        let clock = ManualClock(autoAdvance: true)
        let stage = try Stage(clock: clock) { [mp4] _ in
            RingHTTPResponse(
                status: 200, headerFields: [.contentType: "video/mp4", .contentLength: String(mp4.count)],
                body: RingHTTPBody(
                    streaming: Chunks(bytes: mp4, size: 1000).map { chunk in
                        clock.advance(by: .seconds(1))
                        return chunk
                    }))
        }
        let meter = RingMediaProgressMeter(clock: clock)
        let stream = try await stage.media.stream(stage.clip(), progress: meter)
        var count = 0
        for try await _ in stream {
            count += 1
            let latest = meter.latest
            #expect(latest.bytes == Int64(min(count * 1000, self.mp4.count)))
            #expect(latest.total == Int64(self.mp4.count))
            if count == 10 {
                #expect(abs(latest.rate - 1000) < 1)
                let left = try #require(latest.timeLeft)
                #expect(abs(Double(left.components.seconds) - 7) <= 1)
                #expect(abs((latest.fraction ?? 0) - 10_000 / Double(self.mp4.count)) < 0.001)
            }
        }
        var updates: [RingMediaProgress] = []
        for await update in meter.updates { updates.append(update) }
        #expect(updates.last?.bytes == Int64(self.mp4.count), "the last value is there, and the sequence ends")
    }

    @Test func endsWithAStreamHoweverItEnds() async throws {
        // It does not begin: a limit, a refusal, a page; for a clip and for a still.
        for response in [RingHTTPResponse.failure(416, nil), .failure(403, "REQUEST_FORBIDDEN"), .mp4([1])] {
            let stage = try Stage.linked(response)
            let meters = (0..<3).map { _ in RingMediaProgressMeter(clock: stage.clock) }
            _ = try await failure { try await stage.media.stream(stage.clip(), progress: meters[0]) }
            _ = try await failure { try await stage.media.stream(stage.still(), progress: meters[1]) }
            _ = try await failure {
                try await stage.media.stream(stage.clip(duration: .seconds(901)), progress: meters[2])
            }
            for meter in meters { for await update in meter.updates { #expect(update.bytes == 0) } }
        }
        // Nobody reads it to its end.
        let stage = try Stage.linked(.mp4(self.mp4))
        let meter = RingMediaProgressMeter(clock: stage.clock)
        do {
            for try await _ in try await stage.media.stream(stage.clip(), progress: meter) { break }
        }
        var last: RingMediaProgress?
        for await update in meter.updates { last = update }
        #expect(last?.bytes == 1000)
        #expect(last?.total == Int64(self.mp4.count))
    }

    @Test func endsWithTheTransferHoweverItEnds() async throws {
        let folder = try TestFolder()
        for response in [RingHTTPResponse.mp4(self.mp4), .failure(416, nil), .mp4(Array(self.mp4.prefix(5000)))] {
            let stage = try Stage.linked(response)
            let meter = RingMediaProgressMeter(clock: stage.clock)
            async let file = try? stage.media.download(stage.clip(), to: folder.file("a"), progress: meter)
            for await update in meter.updates { #expect(update.bytes <= Int64(self.mp4.count)) }
            #expect(await file?.bytes ?? meter.latest.bytes == meter.latest.bytes)
        }
    }
}
