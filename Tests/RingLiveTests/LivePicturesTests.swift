import RingCore
import RingLive
import RingWHEP
import Testing

/// Decoded pictures of a camera that writes a number into each of them.
@Suite(.enabled(LivePeer.reason) { await LivePeer.isReady() }, .timeLimit(.minutes(3)), .serialized)
struct LivePicturesTests {
    @Test func everyPictureIsTheOneOfItsTime() async throws {
        let peer = try await LivePeer.running()
        let device = peer.device()

        try await peer.client().withSession(device) { session in
            var seen: [(number: Int, picture: RingLivePicture)] = []
            for try await picture in try await session.pictures(width: 320, maximumRate: 60) {
                #expect(picture.width == 320 && picture.height == 180 && picture.luma.count == 320 * 180)
                seen.append((try #require(picture.number), picture))
                if seen.count == 15 { break }
            }
            // Each picture has the time of its unit.
            var times: Set<Duration> = []
            for try await unit in session.accessUnits {
                times.insert(unit.presentationTime)
                if unit.presentationTime >= seen.last?.picture.presentationTime ?? .zero { break }
            }
            for (number, picture) in seen {
                #expect(times.contains(picture.presentationTime))
                // The bar: light where it is, darker on its other side.
                let bar = (number * 4 % 608 + 16) / 2
                #expect(picture.luma[120 * 320 + bar] > 160)
                #expect(picture.luma[120 * 320 + (bar + 160) % 320] < 140)
                // The full range, not that of video.
                #expect(picture.luma.prefix(320).min() ?? 255 < 12)
            }
            #expect(zip(seen, seen.dropFirst()).allSatisfy { $0.number < $1.number })
        }
        #expect(try await peer.count("DELETE", device) == 1)
    }

    @Test func aWidthThatIsNoMultipleOfFourHasNoFillers() async throws {
        let peer = try await LivePeer.running()

        let picture = try await peer.client().withSession(peer.device()) { session in
            var pictures = try await session.pictures(width: 321).makeAsyncIterator()
            return try await pictures.next()
        }

        let seen = try #require(picture)
        #expect(seen.width == 321 && seen.luma.count == seen.width * seen.height)
        #expect(seen.number != nil)
        // The right end of every row is background, as the pixels before it are.
        let rows = (60..<seen.height).map { seen.luma[$0 * 321 + 320] }
        #expect(rows.allSatisfy { $0 > 60 })
    }

    @Test func theRateIsKept() async throws {
        let peer = try await LivePeer.running()

        let times = try await peer.client().withSession(peer.device()) { session in
            var times: [Duration] = []
            for try await picture in try await session.pictures(width: 64, maximumRate: 4) {
                times.append(picture.presentationTime)
                if times.count == 5 { break }
            }
            return times
        }

        #expect(times.count == 5)
        // One picture may come a little early.
        #expect((times.last ?? .zero) - (times.first ?? .zero) >= .milliseconds(950))
    }

    @Test func aSlowReaderGetsTheNewestPictureAndARecordingLosesNothing() async throws {
        let peer = try await LivePeer.running()

        try await peer.client().withSession(peer.device()) { session in
            var pictures = try await session.pictures(width: 320, maximumRate: 60).makeAsyncIterator()
            let first = try #require(try await pictures.next())
            let units = try await session.first(40)
            let second = try #require(try await pictures.next())

            let (one, two) = (try #require(first.number), try #require(second.number))
            #expect(two > one + 20)
            // All units are there, although the decoder reads them too.
            #expect(units.count == 40 && session.statistics.droppedFrameCount == 0)
        }
    }

    @Test func unitsThatNobodyWantsAreNotCountedAsMissed() async throws {
        let peer = try await LivePeer.running()
        let options = RingLiveOptions(maximumWaitingUnitCount: 8)

        try await peer.client().withSession(peer.device(), options: options) { session in
            for try await _ in try await session.pictures(width: 64, maximumRate: 60)
            where session.statistics.frameCount > 40 { break }
            #expect(session.statistics.droppedFrameCount == 0)

            // A reader who comes later has missed them.
            for try await _ in session.accessUnits { break }
            #expect(session.statistics.droppedFrameCount > 0)
        }
    }

    @Test func theSequenceFinishesWithTheSession() async throws {
        let peer = try await LivePeer.running()
        let session = try await peer.client().open(peer.device())
        var pictures = try await session.pictures().makeAsyncIterator()
        _ = try await pictures.next()

        await session.close()

        while try await pictures.next() != nil {}
        // Afterwards, too.
        var others = try await session.pictures().makeAsyncIterator()
        #expect(try await others.next() == nil)
    }

    @Test func aFailureOfTheMediaIsThrown() async throws {
        let peer = try await LivePeer.running()
        let session = try await peer.client().open(peer.device("limit-2"))

        await #expect {
            for try await _ in try await session.pictures() {}
        } throws: {
            ($0 as? RingLiveError)?.code == .peerStopped
        }
        await session.close()
    }

    @Test func whoReadsPicturesKeepsTheSession() async throws {
        let peer = try await LivePeer.running()
        let device = peer.device()
        var session: RingLiveSession? = try await peer.client().open(device)
        let states = try #require(session?.states())
        var pictures = try await session?.pictures().makeAsyncIterator()
        session = nil
        for _ in 0..<2 { #expect(try await pictures?.next() != nil) }

        pictures = nil

        for await _ in states {}
        #expect(try await peer.count("DELETE", device) == 1)
    }
}

extension RingLivePicture {
    /// The number in the picture's head: 32 blocks, black or white. `nil` when it cannot be read.
    fileprivate var number: Int? {
        var number = 0
        for block in 0..<32 {
            let value = self.luma[4 * self.width + block * self.width / 32 + self.width / 64]
            if (80..<170).contains(value) { return nil }
            number = number << 1 | (value >= 170 ? 1 : 0)
        }
        return number
    }
}
