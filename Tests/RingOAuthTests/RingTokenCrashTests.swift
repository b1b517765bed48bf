import Foundation
import RingCore
import RingOAuth
import RingTesting
import Testing

/// A crash, a lost response, a second process, a failing store: the pair is never lost by us, and never said to be good
/// when it may not be.
@Suite(.timeLimit(.minutes(1))) struct RingTokenCrashTests {
    /// Stores the state of a process that was killed between the intent and the outcome.
    private func crash(_ bench: KeeperBench, rotated: Bool) async throws {
        let record = try #require(try await bench.store.record(for: "a"))
        guard case .begun(let begun) = record.beginningRefresh(now: bench.clock.now()) else {
            throw CancellationError()
        }
        let lease = RingLeaseChange.take(token: 77, for: .seconds(15))
        #expect(try await bench.store.commit([.put(begun, replacing: record.version, lease: lease)]))
        if rotated { bench.endpoint.revoke(refreshToken: "first-a") }
    }

    @Test func aLostResponseMeansUncertainThenRelinkRequired() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.fail(.responseLost)
        #expect(await bench.code { _ = try await bench.token() } == .connectionLost)
        #expect(try await bench.state("a") == .uncertain)
        // One request only: an unknown outcome is not repeated by itself.
        #expect(bench.endpoint.forms.count == 1)
        #expect(await bench.code { _ = try await bench.token() } == .relinkRequired)
        #expect(try await bench.state("a") == .relinkRequired)
        #expect(bench.observer.events(RingAccountStateChanged.self).map(\.to) == [.uncertain, .relinkRequired])
    }

    @Test func aGarbledResponseIsALostOne() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        bench.endpoint.fail(.responseGarbled)
        #expect(await bench.code { _ = try await bench.token() } == .malformedResponse)
        #expect(try await bench.state("a") == .uncertain)
    }

    @Test func aLostRequestIsUncertainUntilTheOldPairWorksAgain() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        try await self.crash(bench, rotated: false)
        bench.clock.advance(by: .seconds(16))
        #expect(try await bench.token() == "access-1")
        #expect(try await bench.state("a") == .linked)
        #expect(bench.observer.events(RingAccountStateChanged.self).map(\.to) == [.uncertain, .linked])
    }

    @Test func aCrashAfterRotationEndsInRelinkRequired() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: -1)
        try await self.crash(bench, rotated: true)
        bench.clock.advance(by: .seconds(16))
        #expect(await bench.code { _ = try await bench.token() } == .relinkRequired)
        #expect(bench.observer.events(RingAccountStateChanged.self).map(\.to) == [.uncertain, .relinkRequired])
    }

    @Test func anUncertainAccountIsServedWhileItsTokenLives() async throws {
        let bench = try KeeperBench()
        try await bench.link("a", secondsLeft: 600)
        bench.endpoint.fail(.responseLost)
        #expect(try await bench.token() == "old-a")
        await bench.seen(RingTokenRefreshFailed.self)
        #expect(try await bench.state("a") == .uncertain)
        bench.clock.advance(by: .seconds(300))
        #expect(try await bench.token() == "old-a")
        await bench.seen(RingTokenRefreshFailed.self, count: 2)
        #expect(try await bench.state("a") == .relinkRequired)
        #expect(try await bench.token() == "old-a")
        bench.clock.advance(by: .seconds(301))
        #expect(await bench.code { _ = try await bench.token() } == .relinkRequired)
    }

    @Test func eightProcessesUseOneToken() async throws {
        // The endpoint takes its time, so that all of them find a refresh under way.
        let bench = try KeeperBench(endpoint: StubTokenEndpoint { for _ in 0..<500 { await Task.yield() } })
        try await bench.link("a", secondsLeft: -1)
        let others = try (0..<7).map { _ in try bench.other() } + [bench]
        let ticking = Task {
            while !Task.isCancelled {
                bench.clock.advance(by: .milliseconds(100))
                await Task.yield()
            }
        }
        defer { ticking.cancel() }
        let tokens = try await withThrowingTaskGroup(of: String.self) { group in
            for other in others {
                for _ in 0..<16 { group.addTask { try await other.token() } }
            }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(tokens == ["access-1"])
        #expect(bench.endpoint.exchanges == ["first-a": 1])
        #expect(bench.endpoint.forms.count == 1)
    }

    @Test func invalidGrantReadsTheStoreFirst() async throws {
        // A process that does not know of leases rotates while our request is under way.
        let clock = ManualClock()
        let storage = RingMemoryStorage(uptime: { clock.uptime() })
        let store = RingTokenStore(storage: storage, sealing: nil)
        let endpoint = StubTokenEndpoint {
            guard let record = try? await store.record(for: "a"), record.generation == 1 else { return }
            let now = clock.now()
            let tokens = OAuthTokens(
                accessToken: RingAccessToken("theirs"), accessExpiresAt: now + 14_400,
                refreshToken: OAuthRefreshToken("their-refresh"), refreshExpiresAt: now + 86_400, issuedAt: now)
            guard let replaced = record.replacingTokens(tokens, obtainedWith: 1, dueAt: nil) else { return }
            _ = try? await store.commit([.put(replaced, replacing: record.version)])
        }
        let bench = try KeeperBench(storage: storage, endpoint: endpoint, clock: clock)
        try await bench.link("a", secondsLeft: -1)
        endpoint.revoke(refreshToken: "first-a")
        #expect(try await bench.token() == "theirs")
        #expect(try await bench.state("a") == .linked)
    }

    @Test func aPairInTheHandIsSavedThoughTheLeaseWasLost() async throws {
        // We are suspended with the request under way; another process takes over, is refused, and says so.
        let (arrived, go) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let bench = try KeeperBench(
            endpoint: StubTokenEndpoint(before: {
                arrived.continuation.yield()
                for await _ in go.stream { break }
            }))
        try await bench.link("a", secondsLeft: -1)
        let slow = Task { try await bench.token() }
        for await _ in arrived.stream { break }
        bench.clock.advance(by: .seconds(120))
        let record = try #require(try await bench.store.record(for: "a"))
        guard case .begun(let taken) = record.beginningRefresh(now: bench.clock.now()) else {
            throw CancellationError()
        }
        #expect(taken.condition == .uncertain)
        let dead = try #require(
            taken.endingRefresh(fence: taken.fence, generation: taken.generation, condition: .relinkRequired))
        #expect(try await bench.store.commit([.put(dead, replacing: record.version)]))
        go.continuation.yield()
        #expect(try await slow.value == "access-1")
        #expect(try await bench.state("a") == .linked)
    }

    @Test func anOutcomeWithoutTheFenceIsNotWritten() throws {
        let now = Date(timeIntervalSince1970: 0)
        let tokens = OAuthTokens(seed: OAuthRefreshToken("r"), now: now)
        let record = RingTokenRecord(accountID: "a", stage: .linked, tokens: tokens, version: 1, now: now)
        guard case .begun(let first) = record.beginningRefresh(now: now),
            case .begun(let second) = first.beginningRefresh(now: now + 61)
        else { throw CancellationError() }
        #expect(second.condition == .uncertain)
        #expect(second.endingRefresh(fence: first.fence, generation: 1, condition: .relinkRequired) == nil)
        #expect(second.endingRefresh(fence: second.fence, generation: 1, condition: .relinkRequired) != nil)
    }

    @Test func nothingIsSentWhenTheIntentCannotBeWritten() async throws {
        let store = FaultyStorage()
        let bench = try KeeperBench(storage: store)
        try await bench.link("a", secondsLeft: -1)
        store.failCommits(FaultyStorage.full)
        #expect(await bench.code { _ = try await bench.token() } == .storageFailed)
        #expect(bench.endpoint.forms.isEmpty)
        store.failCommits(nil)
        #expect(try await bench.token() == "access-1")
    }

    @Test func aPairThatCannotBeSavedIsKeptAndSavedLater() async throws {
        let store = FaultyStorage()
        let bench = try KeeperBench(storage: store, clock: ManualClock(autoAdvance: true))
        try await bench.link("a", secondsLeft: -1)
        // The link was commit 1, the intent is 2, the save is 3 and so on.
        for number in 3...20 { store.failCommit(number) }
        #expect(await bench.code { _ = try await bench.token() } == .storageFailed)
        #expect(await bench.code { _ = try await bench.token() } == .storageFailed)
        #expect(bench.endpoint.forms.count == 1, "the obtained pair is not obtained again")
        store.failCommits(nil)
        for number in 3...20 { store.failCommit(number) }
        while await bench.code({ _ = try await bench.token() }) != nil {}
        #expect(try await bench.token() == "access-1")
        #expect(try await bench.store.record(for: "a")?.tokens?.refreshToken?.revealed == "refresh-1")
        #expect(bench.endpoint.forms.count == 1)
    }

    @Test func oneFailedSaveIsRepeatedAtOnce() async throws {
        let store = FaultyStorage()
        let bench = try KeeperBench(storage: store, clock: ManualClock(autoAdvance: true))
        try await bench.link("a", secondsLeft: -1)
        store.failCommit(3)
        #expect(try await bench.token() == "access-1")
        #expect(try await bench.state("a") == .linked)
    }

    @Test func aRemovalWinsOverARefreshUnderWay() async throws {
        let (arrived, go) = (AsyncStream<Void>.makeStream(), AsyncStream<Void>.makeStream())
        let bench = try KeeperBench(
            endpoint: StubTokenEndpoint(before: {
                arrived.continuation.yield()
                for await _ in go.stream { break }
            }))
        try await bench.link("a", secondsLeft: -1)
        let call = Task { try await bench.token() }
        for await _ in arrived.stream { break }
        #expect(try await bench.keeper.remove("a"))
        go.continuation.yield()
        #expect(await bench.code { _ = try await call.value } == .accountRemoved)
        let record = try #require(try await bench.store.record(for: "a"))
        #expect(record.state == .removed)
        #expect(record.tokens == nil)
    }
}
