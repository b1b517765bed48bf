import RingCore
import RingLive
import RingWHEP
import Testing

@Suite(.enabled(LivePeer.reason) { await LivePeer.isReady() }, .timeLimit(.minutes(2))) struct LiveSnapshotTests {
    @Test func theFirstKeyFrameBecomesAPicture() async throws {
        let peer = try await LivePeer.running()
        let device = peer.device()

        let picture = try await peer.client().snapshot(device)

        #expect(picture.width == 640 && picture.height == 360)
        #expect(picture.jpeg.prefix(3) == [0xff, 0xd8, 0xff] && picture.jpeg.suffix(2) == [0xff, 0xd9])
        #expect(picture.jpeg.count > 1000)
        #expect(try await peer.count("DELETE", device) == 1)
    }

    @Test func aCameraThatSendsNothingGivesNoPicture() async throws {
        let peer = try await LivePeer.running()
        let device = peer.device("nomedia")

        await #expect {
            try await peer.client().snapshot(device)
        } throws: {
            ($0 as? RingLiveError)?.code == .idle
        }
        #expect(try await peer.count("DELETE", device) == 1)
    }
}
