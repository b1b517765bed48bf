import FoundationEssentials
import RingCore
import RingMedia
import RingTesting
import Synchronization
import Testing

/// A long range on real sockets: how many pieces are under way at once.
@Suite(.timeLimit(.minutes(1))) struct WireRangeTests {
    let mp4 = (try? Fixture.bytes("clip.mp4")) ?? []

    @Test func asManyPiecesAtOnceAsAllowedAndNoMore() async throws {
        let limit = 3
        let (arrived, gate) = (Counter(), Gate())
        let most = Mutex((now: 0, most: 0))
        let stage = try WireStage { [mp4] _, _, connection in
            most.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            // Nobody is served before as many are here as may be; then slowly, so that a further one would show.
            if arrived.add() == limit { gate.open() }
            gate.pass()
            RawConnection.pause(milliseconds: 30)
            most.withLock { $0.now -= 1 }
            try connection.respond(fields: ["Content-Type: video/mp4"], body: mp4)
        }
        defer {
            gate.open()
            stage.stop()
        }
        let folder = try TestFolder()
        let range = RingClipRequest(device: Stage.device, start: Date() - 36_000, duration: .seconds(9 * 900))
        let clips = try await stage.media.clips(over: range, into: folder.path, concurrency: limit)
        #expect(clips.isComplete && clips.files.count == 9)
        #expect(clips.files.map(\.path) == clips.files.map(\.path).sorted())
        #expect(most.withLock { $0.most } == limit)
    }
}
