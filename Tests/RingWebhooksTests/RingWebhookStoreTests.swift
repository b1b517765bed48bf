import Foundation
import RingCore
import RingCrypto
import RingTesting
import RingWebhooks
import Synchronization
import Testing

/// The rules of stored webhooks, on an engine.
@Suite(.timeLimit(.minutes(1))) struct RingWebhookStoreTests {
    let clock = ManualClock()
    let storage: RingMemoryStorage

    init() { self.storage = RingMemoryStorage(uptime: self.clock.uptime) }

    func store(_ storage: (any RingStorage)? = nil, sealing: RingSealingKeyRing? = nil) -> RingWebhookStore {
        RingWebhookStore(
            storage: storage ?? self.storage, sealing: sealing, environment: RingEnvironment(clock: self.clock))
    }

    func webhook(
        _ name: String, event: String = "e", lane: String? = nil, position: Int64 = 0,
        state: RingStoredWebhook.State = .waiting
    ) -> RingStoredWebhook {
        RingStoredWebhook(
            key: self.key(name, event), lane: lane, position: position, receivedAt: self.clock.now(),
            reason: state == .quarantined ? "odd" : nil, body: Array("body of \(name)".utf8) + [0, 255], state: state)
    }

    func key(_ name: String, _ event: String = "e") -> RingWebhookKey {
        RingWebhookKey(requestID: RingRequestID(rawValue: name), eventID: RingEventID(rawValue: event))
    }

    /// Claims everything that is due.
    func take(
        _ store: RingWebhookStore, _ limit: Int = 100, lease: Duration = .seconds(15)
    ) async throws -> [RingWebhookClaim] {
        var claims: [RingWebhookClaim] = []
        let now = self.clock.now().storageMicroseconds
        for inLanes in [false, true] {
            for candidate in try await store.candidates(
                inLanes: inLanes, due: 0...now, limit: limit - claims.count, excluding: [], for: lease)
            {
                let take = try await store.take(
                    candidate, for: lease, maximumDelay: .seconds(60), quarantineEnd: .max)
                if case .taken(let claim) = take { claims.append(claim) }
            }
        }
        return claims
    }

    func names(_ claims: [RingWebhookClaim]) -> [String] { claims.map(\.webhook.key.requestID.rawValue) }

    @Test func aWebhookIsKeptAsItCame() async throws {
        let webhook = self.webhook("a", lane: "lane", position: -7)
        #expect(try await self.store().save(webhook))
        let claim = try #require(try await self.take(self.store()).first)
        #expect(claim.body == webhook.body)
        #expect(claim.webhook.key == webhook.key)
        #expect(claim.webhook.lane == "lane")
        #expect(claim.webhook.position == -7)
        #expect(claim.webhook.receivedAt == webhook.receivedAt)
        #expect(claim.webhook.attempts == 1)
    }

    @Test func aRepeatedKeyIsADuplicateInEveryState() async throws {
        let store = self.store()
        for lane in [nil, "lane"] as [String?] {
            let name = lane ?? "none"
            #expect(try await store.save(self.webhook(name, lane: lane)))
            #expect(try await !store.save(self.webhook(name, lane: lane)))
            #expect(try await !store.save(self.webhook(name, lane: lane, state: .quarantined)))
            let claim = try #require(try await self.take(store).first)
            #expect(try await !store.save(self.webhook(name, lane: lane)))
            #expect(try await store.settle(claim, as: .done, expires: .max))
            #expect(try await !store.save(self.webhook(name, lane: lane)))
        }
        #expect(try await store.save(self.webhook("q", state: .quarantined)))
        #expect(try await !store.save(self.webhook("q")))
    }

    @Test func bothNamesCount() async throws {
        let store = self.store()
        for (name, event) in [("a", "1"), ("a", "2"), ("b", "1"), ("", "ab"), ("ab", "")] {
            #expect(try await store.save(self.webhook(name, event: event)))
        }
        #expect(try await store.counts() == RingWebhookCounts(waiting: 5))
        #expect(try await store.backlog(limit: 100) == 5)
        #expect(try await store.backlog(limit: 3) == 3)
    }

    @Test(arguments: [nil, "lane"] as [String?])
    func ofConcurrentSavesOfOneKeyExactlyOneIsNew(lane: String?) async throws {
        let stores = (0..<4).map { _ in self.store(self.storage.anotherProcess()) }
        let new = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<64 {
                let webhook = self.webhook("a\(index % 4)", lane: lane, position: Int64(index % 4))
                group.addTask { try await stores[index / 4 % 4].save(webhook) }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(new == 4)
        #expect(try await self.store().counts() == RingWebhookCounts(waiting: 4))
    }

    @Test func concurrentClaimsShareNothing() async throws {
        for index in 0..<100 { _ = try await self.store().save(self.webhook("w\(index)")) }
        let names = try await withThrowingTaskGroup(of: [String].self) { group in
            for _ in 0..<10 {
                let store = self.store(self.storage.anotherProcess())
                group.addTask { self.names(try await self.take(store, 30)) }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(names).count == names.count)
        #expect(names.count + self.names(try await self.take(self.store(), 100)).count == 100)
    }

    @Test(arguments: [nil, "lane"] as [String?])
    func aLeaseThatEndedIsTakenOverAndItsHolderCannotSettle(lane: String?) async throws {
        let (one, two) = (self.store(), self.store(self.storage.anotherProcess()))
        _ = try await one.save(self.webhook("a", lane: lane))
        let old = try #require(try await self.take(one).first)
        self.clock.advance(by: .seconds(14))
        #expect(try await self.take(two).isEmpty)
        self.clock.advance(by: .seconds(1))
        let new = try #require(try await self.take(two).first)
        #expect(new.webhook.attempts == 2)
        #expect(try await !one.settle(old, as: .done, expires: .max))
        #expect(try await self.store().counts() == RingWebhookCounts(running: 1))
        #expect(try await two.settle(new, as: .done, expires: .max))
        #expect(try await self.store().counts() == RingWebhookCounts(done: 1))
    }

    @Test(arguments: [nil, "lane"] as [String?])
    func settlingAgainAfterAnUnknownOutcomeSucceedsOnce(lane: String?) async throws {
        let storage = TestStorage(self.storage)
        let store = self.store(storage)
        _ = try await store.save(self.webhook("a", lane: lane))
        let claim = try #require(try await self.take(store).first)
        let settlement = RingWebhookSettlement.retry(at: self.clock.now() + 5, reason: "r")
        storage.faults.withLock { $0.commitsAfterEffect = true }
        await #expect(throws: TestStorage.Failure.self) { try await store.settle(claim, as: settlement, expires: 0) }
        storage.faults.withLock { $0.commitsAfterEffect = false }
        #expect(try await store.settle(claim, as: settlement, expires: 0))
        self.clock.advance(by: .seconds(5))
        let next = try #require(try await self.take(store).first)
        #expect(try await store.settle(next, as: settlement, expires: 0))
        #expect(try await !store.settle(claim, as: settlement, expires: 0))
    }

    @Test(arguments: [nil, "lane"] as [String?])
    func aTakeWhoseOutcomeIsUnknownIsFoundToBeOurs(lane: String?) async throws {
        let storage = TestStorage(self.storage)
        let store = self.store(storage)
        _ = try await store.save(self.webhook("a", lane: lane))
        storage.faults.withLock { $0.commitsAfterEffect = true }
        let claims = try await self.take(store)
        #expect(claims.count == 1)
        storage.faults.withLock { $0.commitsAfterEffect = false }
        #expect(try await store.settle(try #require(claims.first), as: .done, expires: .max))
    }

    @Test func doneKeepsNoBodyAndNeverComesAgain() async throws {
        let store = self.store()
        _ = try await store.save(self.webhook("a"))
        let claim = try #require(try await self.take(store).first)
        #expect(try await store.settle(claim, as: .done, expires: .max))
        self.clock.advance(by: .seconds(1_000_000))
        #expect(try await self.take(store).isEmpty)
        let record = try #require(try await self.storage.record(self.key("a").storageID))
        #expect(try RingStoredWebhook(record).body.isEmpty)
        #expect(record.payload.count < 80)
    }

    @Test func givenBackCountsNoAttempt() async throws {
        let store = self.store()
        _ = try await store.save(self.webhook("a"))
        let claim = try #require(try await self.take(store).first)
        #expect(try await store.settle(claim, as: .givenBack, expires: 0))
        #expect(try await self.take(store).map(\.webhook.attempts) == [1])
    }

    @Test func aLaneIsWorkedOnByPosition() async throws {
        let store = self.store()
        _ = try await store.save(self.webhook("late", lane: "x", position: 2))
        _ = try await store.save(self.webhook("early", lane: "x", position: 1))
        _ = try await store.save(self.webhook("before1970", lane: "x", position: -1))
        _ = try await store.save(self.webhook("other", lane: "xx", position: 9))
        _ = try await store.save(self.webhook("free"))
        let claims = try await self.take(store)
        #expect(Set(self.names(claims)) == ["before1970", "other", "free"])
        #expect(try await self.take(store).isEmpty)
        #expect(try await store.counts() == RingWebhookCounts(waiting: 2, running: 3))
        var current = try #require(claims.first { $0.webhook.position == -1 })
        for name in ["early", "late"] {
            #expect(try await store.settle(current, as: .done, expires: .max))
            current = try #require(try await self.take(store).first)
            #expect(self.names([current]) == [name])
        }
        #expect(try await store.settle(current, as: .done, expires: .max))
        // With its last webhook the lane's record goes.
        #expect(try await self.storage.record(RingStorageID(.init(name: "lanes", indexes: []), "x")) == nil)
    }

    @Test func aLaneWaitsForTheRetryOfItsFirst() async throws {
        let store = self.store()
        _ = try await store.save(self.webhook("first", lane: "x", position: 1))
        let claim = try #require(try await self.take(store).first)
        // Saved while the lane is held.
        _ = try await store.save(self.webhook("second", lane: "x", position: 2))
        #expect(
            try await store.settle(claim, as: .retry(at: self.clock.now() + 10, reason: "r"), expires: 0))
        self.clock.advance(by: .seconds(9))
        _ = try await store.save(self.webhook("third", lane: "x", position: 3))
        #expect(try await self.take(store).isEmpty)
        self.clock.advance(by: .seconds(1))
        let again = try #require(try await self.take(store).first)
        #expect(self.names([again]) == ["first"])
        #expect(again.webhook.reason == "r")
        #expect(try await store.settle(again, as: .quarantined(reason: "r"), expires: .max))
        #expect(self.names(try await self.take(store)) == ["second"])
        // Released, it is the first of its lane again.
        #expect(try await store.release(self.key("first")))
    }

    @Test func aSaveBesideTheEndOfALaneIsNeverForgotten() async throws {
        // Savers and workers of several processes on one lane, until everything is done.
        let stores = (0..<3).map { _ in self.store(self.storage.anotherProcess()) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, store) in stores.enumerated() {
                group.addTask {
                    for number in 0..<40 {
                        _ = try await store.save(
                            self.webhook("\(index)-\(number)", lane: "x", position: Int64(number)))
                    }
                }
                group.addTask {
                    while try await store.counts().done < 120 {
                        for claim in try await self.take(store) {
                            #expect(try await store.settle(claim, as: .done, expires: .max))
                        }
                        await Task.yield()
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await self.store().counts() == RingWebhookCounts(done: 120))
        #expect(try await self.store().counts(maximumDone: 50) == RingWebhookCounts(done: 50))
    }

    @Test func aSaveBetweenReadingAndWritingALaneIsNoticed() async throws {
        let storage = TestStorage(self.storage)
        let (one, two) = (self.store(storage), self.store(self.storage.anotherProcess()))
        // While the last webhook of the lane is settled, another process saves one.
        _ = try await one.save(self.webhook("first", lane: "x"))
        let claim = try #require(try await self.take(one).first)
        storage.beforeCommit.withLock { $0 = { _ = try await two.save(self.webhook("second", lane: "x")) } }
        #expect(try await one.settle(claim, as: .done, expires: .max))
        let next = try #require(try await self.take(one).first)
        #expect(self.names([next]) == ["second"])
        // While one is saved, another process settles the last of the lane.
        storage.beforeCommit.withLock { $0 = { _ = try await two.settle(next, as: .done, expires: .max) } }
        #expect(try await one.save(self.webhook("third", lane: "x")))
        #expect(self.names(try await self.take(one)) == ["third"])
    }

    @Test func theQuarantineCanBeReadAndReleased() async throws {
        let store = self.store()
        _ = try await store.save(self.webhook("a", state: .quarantined))
        self.clock.advance(by: .seconds(1))
        _ = try await store.save(self.webhook("b"))
        let claim = try #require(try await self.take(store).first)
        _ = try await store.settle(claim, as: .quarantined(reason: "bad"), expires: .max)
        let found = try await store.quarantined(limit: 10)
        #expect(found.map(\.key) == [self.key("a"), self.key("b")])
        #expect(found.map(\.reason) == ["odd", "bad"])
        #expect(found.map(\.body) == [self.webhook("a").body, self.webhook("b").body])
        #expect(try await store.quarantined(limit: 1).count == 1)
        #expect(try await store.release(self.key("b")))
        #expect(try await !store.release(self.key("b")))
        #expect(try await !store.release(self.key("c")))
        #expect(try await self.take(store).map(\.webhook.attempts) == [1])
        #expect(try await store.release { $0.reason == "nothing" } == 0)
        #expect(try await store.release { $0.reason == "odd" } == 1)
        #expect(self.names(try await self.take(store)) == ["a"])
    }

    @Test func manyQuarantinedOfOneMomentAreAllReleased() async throws {
        let store = self.store()
        for index in 0..<650 { _ = try await store.save(self.webhook("w\(index)", state: .quarantined)) }
        #expect(try await store.release { !$0.key.requestID.rawValue.hasSuffix("7") } == 585)
        #expect(try await store.counts() == RingWebhookCounts(waiting: 585, quarantined: 65))
    }

    @Test func purgingDeletesWhatHasExpiredInBatches() async throws {
        let storage = TestStorage(self.storage)
        let store = self.store(storage)
        let now = self.clock.now().storageMicroseconds
        for index in 0..<2_500 {
            var webhook = self.webhook("w\(index)", state: .quarantined)
            webhook.expiresAt = now + (index < 2_200 ? 0 : 1_000_000)
            _ = try await store.save(webhook)
        }
        _ = try await store.save(self.webhook("waiting"))
        storage.commits.withLock { $0 = [] }
        #expect(try await store.purge(keepingDone: .seconds(60), quarantined: .seconds(60)) == 2_200)
        #expect(storage.commits.withLock { $0.map(\.count) } == [1_000, 1_000, 200])
        #expect(try await store.counts() == RingWebhookCounts(waiting: 1, quarantined: 300))
        #expect(try await store.save(self.webhook("w0")))
    }

    @Test func whatExpiresTooLateWasWrittenUnderAWrongClock() async throws {
        let store = self.store()
        self.clock.step(wallClockBy: .seconds(400 * 86_400))
        for name in ["done", "quarantined"] { _ = try await store.save(self.webhook(name)) }
        let kept = self.clock.now().storageMicroseconds
        for claim in try await self.take(store) {
            let isDone = claim.webhook.key == self.key("done")
            _ = try await store.settle(
                claim, as: isDone ? .done : .quarantined(reason: "r"), expires: kept + 30_000_000)
        }
        self.clock.step(wallClockBy: .seconds(-400 * 86_400))
        #expect(try await store.purge(keepingDone: .seconds(60), quarantined: .seconds(100)) == 0)
        self.clock.advance(by: .seconds(60))
        #expect(try await store.purge(keepingDone: .seconds(60), quarantined: .seconds(100)) == 1)
        #expect(try await store.counts() == RingWebhookCounts(quarantined: 1))
        self.clock.advance(by: .seconds(40))
        #expect(try await store.purge(keepingDone: .seconds(60), quarantined: .seconds(100)) == 1)
    }

    @Test func fieldsOfANewerReleaseAreKept() async throws {
        let store = self.store()
        _ = try await store.save(self.webhook("a"))
        let id = self.key("a").storageID
        var record = try #require(try await self.storage.record(id))
        record.payload += [200, 3, 1, 2, 3]
        #expect(try await self.storage.commit([.put(record, replacing: record.version)]))
        let claim = try #require(try await self.take(store).first)
        #expect(try await store.settle(claim, as: .done, expires: .max))
        let stored = try #require(try await self.storage.record(id))
        #expect(try RingRecordFields(stored.payload, of: id).bytes(200).map(Array.init) == [1, 2, 3])
    }

    @Test func aSaveAClaimAndASettlementAreOneCommitEach() async throws {
        let storage = TestStorage(self.storage)
        let store = self.store(storage)
        _ = try await store.save(self.webhook("a"))
        #expect(storage.reads.withLock { $0 } == 0)
        let claim = try #require(try await self.take(store).first)
        _ = try await store.settle(claim, as: .done, expires: .max)
        #expect(storage.commits.withLock { $0.map(\.count) } == [1, 1, 1])
        // One for webhooks, and one for lanes.
        #expect(storage.reads.withLock { $0 } == 2)
    }
}
