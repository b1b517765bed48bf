import RingLive
import Testing

@Suite(.timeLimit(.minutes(1))) struct LiveFeedTests {
    private static func unit(_ number: Int, key: Bool = false, bytes: Int = 1) -> RingLiveAccessUnit {
        RingLiveAccessUnit(
            track: .video, bytes: [UInt8](repeating: 0, count: bytes), presentationTime: .milliseconds(number),
            isKeyFrame: key, arrival: .zero)
    }

    private static func rest(_ feed: LiveFeed) async throws -> [Int] {
        feed.finish(nil)
        var numbers: [Int] = []
        while let unit = try await feed.next() { numbers.append(Int(unit.presentationTime / .milliseconds(1))) }
        return numbers
    }

    @Test func unitsWaitInOrder() async throws {
        let feed = LiveFeed(maximumCount: 100, maximumBytes: 1000)
        for number in 0..<90 { #expect(!feed.append(Self.unit(number, key: number == 0))) }

        #expect(try await Self.rest(feed) == Array(0..<90))
        #expect(feed.droppedCount == 0)
    }

    @Test func aSlowReaderMissesUpToTheLastKeyFrame() async throws {
        let feed = LiveFeed(maximumCount: 6, maximumBytes: 1000)
        for number in 0..<7 { #expect(!feed.append(Self.unit(number, key: number % 4 == 0))) }

        #expect(try await Self.rest(feed) == [4, 5, 6])
        #expect(feed.droppedCount == 4)
    }

    @Test func withoutAKeyFrameEverythingIsDiscardedUntilOneComes() async throws {
        let feed = LiveFeed(maximumCount: 3, maximumBytes: 1000)
        #expect(!feed.append(Self.unit(0, key: true)))
        for number in 1..<3 { #expect(!feed.append(Self.unit(number))) }

        #expect(feed.append(Self.unit(3)))
        #expect(!feed.append(Self.unit(4)))
        #expect(!feed.append(Self.unit(5, key: true)))
        #expect(!feed.append(Self.unit(6)))

        #expect(try await Self.rest(feed) == [5, 6])
        #expect(feed.droppedCount == 5)
    }

    @Test func bytesAreBoundedToo() async throws {
        let feed = LiveFeed(maximumCount: 100, maximumBytes: 10)
        #expect(!feed.append(Self.unit(0, key: true, bytes: 6)))
        #expect(!feed.append(Self.unit(1, key: true, bytes: 6)))
        #expect(feed.append(Self.unit(2, key: true, bytes: 11)))

        #expect(try await Self.rest(feed) == [])
        #expect(feed.droppedCount == 3)
    }

    @Test func theEndComesAfterWhatWaits() async throws {
        let feed = LiveFeed(maximumCount: 10, maximumBytes: 10)
        _ = feed.append(Self.unit(0, key: true))
        let end = RingLiveError(.idle, "over")
        feed.finish(end)
        #expect(!feed.append(Self.unit(1)))

        #expect(try await feed.next()?.presentationTime == .zero)
        await #expect(throws: end) { try await feed.next() }
        await #expect(throws: end) { try await feed.next() }
    }

    @Test func aCancelledReaderEndsAndAnotherGoesOn() async throws {
        let feed = LiveFeed(maximumCount: 10, maximumBytes: 10)
        let cancelled = Task { try await feed.next() }
        cancelled.cancel()
        #expect(try await cancelled.value == nil)

        let reader = Task { try await feed.next() }
        _ = feed.append(Self.unit(3, key: true))

        #expect(try await reader.value?.presentationTime == .milliseconds(3))
    }
}
