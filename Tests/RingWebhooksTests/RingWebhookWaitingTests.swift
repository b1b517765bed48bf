import Foundation
import RingCore
import RingSQLite
import RingTesting
import RingWebhooks
import Synchronization
import Testing

/// What an operator watches: the oldest webhook that is not finished, and the lag.
@Suite(.timeLimit(.minutes(1))) struct RingWebhookWaitingTests {
    let working: RingWebhookWorkingTests

    init() throws { self.working = try RingWebhookWorkingTests() }

    private var reports: [RingWebhooksWaiting] { self.working.observer.events(RingWebhooksWaiting.self) }

    private func draft(_ device: RingDeviceID) -> RingWebhookDraft { self.working.draft(device) }

    /// Both ways in which webhooks wait: on their own, and in a lane.
    @Test(arguments: [RingWebhookInboxOptions.Ordering.none, .perDevice])
    func theOldestThatIsNotFinishedIsFound(ordering: RingWebhookInboxOptions.Ordering) async throws {
        let (clock, signer) = (self.working.clock, self.working.signer)
        let finishes = Mutex<Set<RingDeviceID>>(["second"])
        let inbox = try self.working.inbox(change: { $0.ordering = ordering }) { delivery in
            let isFinished = finishes.withLock { $0.contains(delivery.event.deviceID ?? "") }
            if !isFinished { throw RingWebhookError.retry(after: .seconds(10)) }
        }
        #expect(try await inbox.oldestWaiting() == nil)
        let first = clock.now()
        _ = await signer.send(self.draft("first"), to: inbox)
        clock.advance(by: .seconds(20))
        _ = await signer.send(self.draft("second"), to: inbox)
        clock.advance(by: .seconds(20))
        let third = clock.now()
        _ = await signer.send(self.draft("third"), to: inbox)
        #expect(try await inbox.oldestWaiting() == first)
        // Whoever works on it: it is not finished.
        let process = try await self.working.takeAsAnotherProcess()
        #expect(try await inbox.oldestWaiting() == first)
        await process.close()

        let work = Task { await inbox.run() }
        let store = self.working.store
        try await self.working.advance { try await store.counts().done == 1 }
        #expect(try await inbox.oldestWaiting() == first)
        finishes.withLock { $0 = ["first", "second"] }
        try await self.working.advance { try await store.counts().done == 2 }
        #expect(try await inbox.oldestWaiting() == third)
        finishes.withLock { $0 = ["first", "second", "third"] }
        try await self.working.advance { try await store.counts().done == 3 }
        #expect(try await inbox.oldestWaiting() == nil)
        work.cancel()
        await work.value
    }

    /// What is quarantined waits for an operator, who has another number for it; released, it waits again since it arrived.
    @Test func whatIsQuarantinedDoesNotWait() async throws {
        let inbox = try self.working.inbox { _ in throw RingWebhookError.refused("not mine") }
        let arrival = self.working.clock.now()
        _ = await self.working.signer.send(self.draft("d"), to: inbox)
        let work = Task { await inbox.run() }
        let store = self.working.store
        try await self.working.advance { try await store.counts().quarantined == 1 }
        work.cancel()
        await work.value
        #expect(try await inbox.oldestWaiting() == nil)
        self.working.clock.advance(by: .seconds(100))
        #expect(try await inbox.releaseQuarantined() == 1)
        #expect(try await inbox.oldestWaiting() == arrival)
    }

    /// Once a minute, while the inbox works and in a process that only receives.
    @Test(arguments: [true, false]) func theAgeIsReported(hasHandler: Bool) async throws {
        let isBroken = Mutex(true)
        let handler: RingWebhookHandler = { _ in
            if isBroken.withLock({ $0 }) { throw RingWebhookError.retry(after: .seconds(5)) }
        }
        let inbox = try self.working.inbox(handler: hasHandler ? handler : nil)
        _ = await self.working.signer.send(self.draft("d"), to: inbox)
        let work = Task { await inbox.run() }
        let observer = self.working.observer
        try await self.working.advance { observer.events(RingWebhooksWaiting.self).count >= 3 }
        #expect(self.reports.prefix(3).allSatisfy { $0.count == 1 && $0.level == .debug })
        let ages = self.reports.prefix(3).map(\.oldestAge)
        #expect(ages[0] >= .seconds(60))
        #expect(zip(ages, ages.dropFirst()).allSatisfy { $1 - $0 >= .seconds(60) }, "\(ages)")
        let attributes = Dictionary(uniqueKeysWithValues: self.reports[0].attributes)
        #expect(attributes["count"] == "1")
        #expect(attributes["oldest_ms"].flatMap { Int($0) } == Int(ages[0] / .milliseconds(1)))
        if hasHandler {
            isBroken.withLock { $0 = false }
            try await self.working.advance {
                observer.events(RingWebhooksWaiting.self).last.map { $0.count == 0 && $0.oldestAge == .zero } == true
            }
        }
        work.cancel()
        await work.value
    }

    @Test func aStorageThatFailsIsReportedAndTheReportsGoOn() async throws {
        let storage = TestStorage(self.working.storage)
        let inbox = try self.working.inbox(storage: storage, handler: nil)
        let work = Task { await inbox.run() }
        let observer = self.working.observer
        try await self.working.advance { observer.events(RingWebhooksWaiting.self).count == 1 }
        storage.faults.withLock { $0.reads = true }
        try await self.working.advance {
            observer.events(RingWebhookStoreFailed.self).contains { $0.action == "count" }
        }
        storage.faults.withLock { $0.reads = false }
        try await self.working.advance { observer.events(RingWebhooksWaiting.self).count == 2 }
        work.cancel()
        await work.value
    }

    /// From Ring's time to the end of the run, which a repetition makes longer.
    @Test func theLagSinceTheEventIsReported() async throws {
        let clock = self.working.clock
        let inbox = try self.working.inbox { delivery in
            clock.advance(by: .seconds(4))
            if delivery.attempt == 1 { throw RingWebhookWorkingTests.Broken() }
        }
        _ = await self.working.signer.send(self.working.draft(at: -20), to: inbox)
        let work = Task { await inbox.run() }
        let observer = self.working.observer
        try await self.working.advance { observer.events(RingWebhookHandled.self).count == 2 }
        work.cancel()
        await work.value
        let handled = observer.events(RingWebhookHandled.self)
        let lags = handled.compactMap(\.eventLag)
        #expect(lags.count == 2)
        #expect(lags[0] >= .seconds(24) && lags[0] < .seconds(40), "\(lags)")
        #expect(lags[1] >= lags[0] + .seconds(5), "\(lags)")
        #expect(handled[1].lag < lags[1] - .seconds(20))
        #expect(handled[1].attributes.contains { $0.key == "event_lag_ms" })
    }

    /// A camera whose clock is ahead is no negative lag.
    @Test func anEventFromTheFutureHasNoLag() async throws {
        let inbox = try self.working.inbox { _ in }
        _ = await self.working.signer.send(self.working.draft(at: 3_600), to: inbox)
        let work = Task { await inbox.run() }
        let observer = self.working.observer
        try await self.working.advance { observer.events(RingWebhookHandled.self).count == 1 }
        work.cancel()
        await work.value
        #expect(observer.events(RingWebhookHandled.self).map(\.eventLag) == [.zero])
    }

    /// In the order of the arrivals, not of the names.
    @Test func aFileFindsIt() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/ring-waiting-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let storage = try await RingSQLiteDatabase.open(.file(folder + "/ring.sqlite"))
        let store = self.working.store(in: storage)
        let start = self.working.clock.now()
        // Names in another order than the arrivals.
        for number in 0..<200 {
            let key = RingWebhookKey(requestID: RingRequestID(rawValue: "\((number * 7) % 200)"), eventID: "e")
            let webhook = RingStoredWebhook(
                key: key, position: 0, receivedAt: start + Double(200 - number), body: [0x7B, 0x7D])
            #expect(try await store.save(webhook))
        }
        #expect(try await store.oldestWaiting() == start + 1)
        await storage.close()
    }

    /// Records of a release before the index of the arrivals have no key in it.
    @Test func webhooksWithoutTheIndexKeyHaveAnAge() async throws {
        let (storage, start) = (self.working.storage, self.working.clock.now())
        let store = self.working.store
        func save(_ name: String, lane: String? = nil, after seconds: Double) async throws {
            let key = RingWebhookKey(requestID: RingRequestID(rawValue: name), eventID: "e")
            var record = RingStoredWebhook(
                key: key, lane: lane, position: 0, receivedAt: start + seconds, body: [0x7B, 0x7D]
            ).record
            record.keys = Array(record.keys.prefix(5))
            #expect(try await storage.commit([.put(record, replacing: nil)]))
        }
        try await save("lane", lane: "l", after: 30)
        #expect(try await store.oldestWaiting() == start + 30)
        try await save("due", after: 10)
        #expect(try await store.oldestWaiting() == start + 10)
        // Those of this release have the key.
        let key = RingWebhookKey(requestID: "new", eventID: "e")
        #expect(
            try await store.save(RingStoredWebhook(key: key, position: 0, receivedAt: start + 60, body: [0x7B, 0x7D])))
        #expect(try await store.oldestWaiting() == start + 60)
    }
}
