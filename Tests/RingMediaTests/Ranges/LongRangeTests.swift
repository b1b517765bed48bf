import FoundationEssentials
import RingCore
import RingMedia
import RingTesting
import Synchronization
import Testing

@Suite struct LongRangeTests {
    let mp4 = (try? Fixture.bytes("clip.mp4")) ?? []

    private func range(_ stage: Stage, hours: Double, ago: Double = 10) -> RingClipRequest {
        RingClipRequest(
            device: Stage.device, start: stage.clock.now() - ago * 3600, duration: .seconds(hours * 3600),
            codec: .avc, component: "1")
    }

    private static func timestamp(_ request: RingHTTPRequest) -> Int64 {
        let body = String(decoding: request.body.bytes ?? [], as: UTF8.self)
        return Int64(body.dropFirst(#"{"timestamp":"#.count).prefix { $0.isNumber }) ?? 0
    }

    @Test func splitsAtFifteenMinutes() {
        let whole = RingClipRequest(
            device: Stage.device, start: Stage.start, duration: .seconds(2000), codec: .avc, component: "1")
        let pieces = whole.split()
        #expect(pieces.map(\.duration) == [.seconds(900), .seconds(900), .seconds(200)])
        #expect(pieces.map(\.start) == [Stage.start, Stage.start + 900, Stage.start + 1800])
        #expect(pieces.allSatisfy { $0.codec == .avc && $0.component == "1" })
        var short = whole
        short.duration = .seconds(900)
        #expect(short.split() == [short])
        short.duration = .zero
        #expect(short.split().isEmpty)
        short.duration = .seconds(Int64.max)
        #expect(short.split().count == 360 * 96)
    }

    @Test func fetchesInOrderAFewAtATime() async throws {
        let folder = try TestFolder()
        let under = Counter()
        let most = Mutex(0)
        let stage = try Stage { [mp4] _ in
            let now = under.add()
            most.withLock { $0 = max($0, now) }
            await Task.yield()
            under.add(-1)
            return .mp4(mp4)
        }
        let range = self.range(stage, hours: 2.1)
        let clips = try await stage.media.clips(over: range, into: folder.path, concurrency: 2)
        #expect(clips.isComplete)
        #expect(clips.files.count == 9)
        #expect(clips.pieces.map(\.request.start) == clips.pieces.map(\.request.start).sorted())
        #expect(
            clips.files.map(\.path) == clips.pieces.map { "\(folder.path)/\(RingMediaClient.fileName($0.request))" })
        #expect(folder.names.count == 9)
        #expect(most.withLock { $0 } <= 2)
    }

    @Test func namesTheGaps() async throws {
        let folder = try TestFolder()
        let start = Stage.start - 36_000
        let stage = try Stage { [mp4] request in
            switch (Self.timestamp(request) - Int64(start.timeIntervalSince1970 * 1000)) / 900_000 {
            case 1, 2: return .failure(416, "MEDIA_NOT_FOUND")
            case 4: return .failure(422, "CORRUPT_RECORDING")
            case 6:
                let from = Self.timestamp(request) + 60_000
                return .mp4(mp4, status: 206, fields: [.mediaTimestamp: String(from), .mediaLength: "600000"])
            default: return .mp4(mp4)
            }
        }
        let clips = try await stage.media.clips(over: self.range(stage, hours: 2), into: folder.path)
        #expect(clips.files.count == 5)
        let offsets = clips.gaps.map { [$0.start.timeIntervalSince(start), $0.end.timeIntervalSince(start)] }
        #expect(offsets == [[900, 2700], [3600, 4500], [5400, 5460], [6060, 6300]])
        #expect(clips.gaps.map(\.reason) == [.mediaNotFound, .mediaDamaged, .mediaNotFound, .mediaNotFound])
        #expect(folder.names.count == 5)
    }

    /// Whoever reads the gaps must not take a failure of the network for "not recorded".
    @Test func tellsFailuresFromWhatWasNotRecorded() async throws {
        let folder = try TestFolder()
        let start = Stage.start - 36_000
        var stage = try Stage { [mp4] request in
            switch (Self.timestamp(request) - Int64(start.timeIntervalSince1970 * 1000)) / 900_000 {
            case 1: return .failure(416, "MEDIA_NOT_FOUND")
            case 2: return .failure(500, "INTERNAL_ERROR")
            case 3: return .failure(425, "RECORDING_NOT_READY")
            case 4: return .failure(422, "CORRUPT_RECORDING")
            default: return .mp4(mp4)
            }
        }
        stage.media.options.waiting = .none
        let clips = try await stage.media.clips(over: self.range(stage, hours: 2), into: folder.path)
        #expect(clips.gaps.map(\.reason) == [.mediaNotFound, .serverFailure, .mediaNotReady, .mediaDamaged])
        #expect(clips.gaps.map(\.isTransient) == [false, true, true, false])
    }

    @Test func countsAPartialClipFromItsOwnStart() async throws {
        // Asked for ten minutes, got from five seconds before them to five minutes after: the rest is missing.
        for (lead, length, expected) in [(5.0, 305_000, [300.0, 600.0]), (5.0, 4_000, [0.0, 600.0])] {
            let folder = try TestFolder()
            let stage = try Stage { [mp4] request in
                let from = Self.timestamp(request) - Int64(lead * 1000)
                return .mp4(mp4, status: 206, fields: [.mediaTimestamp: String(from), .mediaDuration: String(length)])
            }
            let range = self.range(stage, hours: 1.0 / 6)
            let clips = try await stage.media.clips(over: range, into: folder.path)
            let offsets = clips.gaps.map {
                [$0.start.timeIntervalSince(range.start), $0.end.timeIntervalSince(range.start)]
            }
            #expect(offsets == [expected])
        }
    }

    @Test func namesWhatLiesBeforeTheConsentAndInTheFuture() async throws {
        let folder = try TestFolder()
        var stage = try Stage.direct(.mp4(self.mp4))
        stage.media.options.consentedAt = stage.clock.now() - 1801
        let range = self.range(stage, hours: 2, ago: 1)
        let clips = try await stage.media.clips(over: range, into: folder.path)
        #expect(clips.gaps.map(\.reason) == [.timeRangeNotAuthorized, .mediaNotFound])
        #expect(clips.gaps.first?.end == stage.clock.now() - 1800)
        #expect(clips.files.count == 3)
        #expect(clips.gaps.last?.end == range.end)
    }

    @Test func whatFailsForAllEndsTheCall() async throws {
        let folder = try TestFolder()
        for (status, code) in [(404, "DEVICE_NOT_FOUND"), (403, "REQUEST_FORBIDDEN"), (400, "INVALID_PAYLOAD")] {
            let stage = try Stage.direct(.failure(status, code))
            let error = try await failure {
                try await stage.media.clips(over: self.range(stage, hours: 5), into: folder.path)
            }
            #expect(error.status == status)
            #expect(stage.posts.count <= 4)
        }
        let stage = try Stage.direct(.mp4(self.mp4))
        _ = try await failure { try await stage.media.clips(over: self.range(stage, hours: 0), into: folder.path) }
        _ = try await failure {
            try await stage.media.clips(over: self.range(stage, hours: 1, ago: 5000), into: folder.path)
        }
        #expect(stage.posts.isEmpty)
    }

    @Test func showsAnEventWithWhatLedToIt() async throws {
        let stage = try Stage.direct(.mp4(self.mp4))
        let event = RingMediaEvent(device: Stage.device, moment: Stage.start - 100, components: ["2", "1", "2"])
        let clips = stage.media.clips(for: event)
        #expect(clips.map(\.component) == ["2", "1"])
        #expect(clips.allSatisfy { $0.start == Stage.start - 105 && $0.duration == .seconds(20) })
        let ended = RingMediaEvent(device: Stage.device, moment: Stage.start - 100, end: Stage.start - 60)
        let clip = stage.media.clips(for: ended, before: .seconds(1), after: .seconds(2))
        #expect(clip.map(\.duration) == [.seconds(43)])
        #expect(stage.media.clips(for: ended).map(\.component) == [nil])
        #expect(stage.media.still(for: event).moment == .at(event.moment))
        #expect(stage.media.still(for: event).component == "2")
        #expect(stage.media.still(for: event, component: "1").component == "1")
        // The sender's clock is a little ahead of this one.
        let early = RingMediaEvent(device: Stage.device, moment: Stage.start + 3)
        #expect(stage.media.still(for: early).moment == .at(Stage.start))
        #expect(throws: Never.self) { try stage.media.clips(for: early)[0].validate(now: Stage.start) }
    }

    @Test func waitsForTheEndOfAnEventThatJustHappened() async throws {
        let folder = try TestFolder()
        let stage = try Stage.direct(.mp4(self.mp4))
        let event = RingMediaEvent(device: Stage.device, moment: Stage.start - 5)
        let clips = try await stage.media.clips(for: event, into: folder.path)
        #expect(stage.clock.sleeps == [.seconds(10)])
        #expect(clips.files.count == 1)
        #expect(clips.isComplete)
    }
}
