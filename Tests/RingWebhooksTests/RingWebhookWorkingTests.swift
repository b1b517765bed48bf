import Foundation
import RingCore
import RingCrypto
import RingTesting
import RingWebhooks
import Synchronization
import Testing

/// The handling of an event after the response.
@Suite(.timeLimit(.minutes(1))) struct RingWebhookWorkingTests {
    struct Broken: Error {}

    let signer: WebhookSigner
    let storage: RingMemoryStorage
    let clock = ManualClock()
    let observer = RecordingObserver()

    init() throws {
        self.signer = try WebhookSigner()
        self.storage = RingMemoryStorage(uptime: self.clock.uptime)
    }

    var environment: RingEnvironment { RingEnvironment(clock: self.clock, observer: self.observer) }
    /// The storage as this process sees it, without an inbox.
    var store: RingWebhookStore { self.store(in: self.storage) }

    func store(in storage: any RingStorage) -> RingWebhookStore {
        RingWebhookStore(storage: storage, sealing: nil, environment: self.environment)
    }

    /// Claims every webhook that is due, as another process would, and returns that process.
    @discardableResult
    func takeAsAnotherProcess(for lease: Duration = .seconds(15)) async throws -> RingMemoryStorage {
        let process = self.storage.anotherProcess()
        let store = self.store(in: process)
        let now = self.clock.now().storageMicroseconds
        for inLanes in [false, true] {
            for candidate in try await store.candidates(
                inLanes: inLanes, due: 0...now, limit: 100, excluding: [], for: lease)
            {
                _ = try await store.take(candidate, for: lease, maximumDelay: .seconds(60), quarantineEnd: .max)
            }
        }
        return process
    }

    func inbox(
        storage: (any RingStorage)? = nil, sealing: RingSealingKeyRing? = nil,
        change: (inout RingWebhookInboxOptions) -> Void = { _ in }, handler: RingWebhookHandler?
    ) throws -> RingWebhookInbox {
        var options = RingWebhookInboxOptions()
        options.retries = RingWebhookRetrySchedule(
            delays: [.seconds(1), .seconds(5)], maximumAttempts: 3, jitter: 0)
        change(&options)
        return RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: [self.signer.key]), storage: storage ?? self.storage,
            sealing: sealing, options: options, environment: self.environment, handler: handler)
    }

    func draft(
        _ device: RingDeviceID = "d", at seconds: Double = 0, sentAgo: Double = 0
    ) -> RingWebhookDraft {
        RingWebhookDraft(
            kind: .motionDetected, account: "a", device: device, occurredAt: self.clock.now() + seconds,
            sentAt: self.clock.now() - sentAgo)
    }

    /// Moves the clock in steps until the condition holds.
    func advance(by step: Duration = .seconds(1), until condition: @Sendable () async throws -> Bool) async throws {
        for _ in 0..<200_000 {
            if try await condition() { return }
            self.clock.advance(by: step)
            await Task.yield()
        }
        throw Unfulfilled()
    }

    struct Unfulfilled: Error {}

    @Test func anEventIsHandledOnceAndRepetitionsAreNot() async throws {
        let handled = Counter()
        let seen = Mutex<[RingWebhookDelivery]>([])
        let inbox = try self.inbox { delivery in
            seen.withLock { $0.append(delivery) }
            handled.increment()
        }
        let work = Task { await inbox.run() }
        let (one, two) = (self.draft(), self.draft())
        for draft in [one, one, two, one] { _ = await self.signer.send(draft, to: inbox) }
        await handled.reaches(2)
        work.cancel()
        await work.value
        #expect(Set(seen.withLock { $0.map(\.key.requestID) }) == [one.requestID, two.requestID])
        #expect(seen.withLock { $0.allSatisfy { $0.attempt == 1 && $0.receivedAt == self.clock.now() } })
        #expect(try await self.store.counts() == RingWebhookCounts(done: 2))
    }

    @Test func theResponseDoesNotWaitForTheHandler() async throws {
        let gate = Gate()
        let started = Counter()
        let inbox = try self.inbox { _ in
            started.increment()
            await gate.wait()
        }
        let work = Task { await inbox.run() }
        // More than the concurrency, and all have a response while every handler still runs.
        for _ in 0..<40 { #expect(await self.signer.send(self.draft(), to: inbox).status == 200) }
        await started.reaches(16)
        #expect(try await self.store.counts() == RingWebhookCounts(waiting: 24, running: 16))
        gate.open()
        await started.reaches(40)
        work.cancel()
        await work.value
        #expect(started.value == 40)
    }

    @Test func aFailureIsTriedAgainByTheSchedule() async throws {
        let attempts = Mutex<[Int]>([])
        let done = Counter()
        let inbox = try self.inbox { delivery in
            attempts.withLock { $0.append(delivery.attempt) }
            guard delivery.attempt == 3 else { throw Broken() }
            done.increment()
        }
        let work = Task { await inbox.run() }
        _ = await self.signer.send(self.draft(), to: inbox)
        try await self.advance { done.value == 1 }
        work.cancel()
        await work.value
        #expect(attempts.withLock { $0 } == [1, 2, 3])
        let handled = self.observer.events(RingWebhookHandled.self)
        #expect(handled.map(\.failure) == ["Broken", "Broken", nil])
        // 1 s and 5 s, and the look for work at least once a second.
        #expect(self.clock.uptime() >= .seconds(6))
    }

    @Test func aHandlerThatAlwaysFailsIsQuarantinedAndCanBeReleased() async throws {
        let isMended = Mutex(false)
        let done = Counter()
        let inbox = try self.inbox { _ in
            guard isMended.withLock({ $0 }) else { throw Broken() }
            done.increment()
        }
        let work = Task { await inbox.run() }
        let draft = self.draft()
        _ = await self.signer.send(draft, to: inbox)
        try await self.advance { [store] in try await store.counts().quarantined == 1 }
        let kept = try #require(await inbox.quarantined().first)
        #expect(kept.attempts == 3)
        #expect(kept.reason.contains("handler_gave_up") == true)
        isMended.withLock { $0 = true }
        try await inbox.release(kept.key)
        await done.reaches(1)
        await #expect(throws: RingWebhookError.self) { try await inbox.release(kept.key) }
        work.cancel()
        await work.value
    }

    @Test func aHandlerCanRefuseForGood() async throws {
        let inbox = try self.inbox { _ in throw RingWebhookError.refused("an account we never had") }
        let work = Task { await inbox.run() }
        _ = await self.signer.send(self.draft(), to: inbox)
        try await self.advance { [store] in try await store.counts().quarantined == 1 }
        work.cancel()
        await work.value
        #expect(try await self.store.quarantined(limit: 1).first?.attempts == 1)
    }

    @Test func theEventsOfADeviceAreInOrderAndDevicesAreNot() async throws {
        let seen = Mutex<[String]>([])
        let running = Mutex<Set<String>>([])
        let done = Counter()
        let inbox = try self.inbox(change: { $0.ordering = .perDevice }) { delivery in
            let device = delivery.event.deviceID?.rawValue ?? ""
            let isAlone = running.withLock { $0.insert(device).inserted }
            #expect(isAlone)
            await Task.yield()
            let time = delivery.event.occurredAt?.timeIntervalSince1970 ?? 0
            // The first run of each fails, so order has to survive retries.
            running.withLock { _ = $0.remove(device) }
            guard delivery.attempt > 1 else { throw Broken() }
            seen.withLock { $0.append("\(device) \(time)") }
            done.increment()
        }
        for offset in [3.0, 1, 2, 5, 4] {
            for device in ["x", "y"] {
                _ = await self.signer.send(self.draft(RingDeviceID(rawValue: device), at: offset), to: inbox)
            }
        }
        let work = Task { await inbox.run() }
        try await self.advance { done.value == 10 }
        work.cancel()
        await work.value
        for device in ["x", "y"] {
            let order = seen.withLock { $0.filter { $0.hasPrefix(device) } }
            #expect(order.count == 5)
            #expect(order == order.sorted())
        }
    }

    @Test func noMoreHandlersRunThanMay() async throws {
        let running = Mutex(0)
        let most = Mutex(0)
        let done = Counter()
        let inbox = try self.inbox(change: { $0.concurrency = 3 }) { _ in
            let now = running.withLock { value in
                value += 1
                return value
            }
            most.withLock { $0 = max($0, now) }
            for _ in 0..<5 { await Task.yield() }
            running.withLock { $0 -= 1 }
            done.increment()
        }
        for _ in 0..<30 { _ = await self.signer.send(self.draft(), to: inbox) }
        let work = Task { await inbox.run() }
        await done.reaches(30)
        work.cancel()
        await work.value
        #expect(most.withLock { $0 } == 3)
    }

    @Test func whatACancelledProcessHadNotFinishedIsGivenBack() async throws {
        let started = Counter()
        let first = try self.inbox { [clock] _ in
            started.increment()
            try await clock.sleep(for: .seconds(200))
        }
        _ = await self.signer.send(self.draft(), to: first)
        let work = Task { await first.run() }
        await started.reaches(1)
        work.cancel()
        await work.value
        #expect(try await self.store.counts() == RingWebhookCounts(waiting: 1))

        let attempt = Mutex(0)
        let second = try self.inbox { delivery in
            attempt.withLock { $0 = delivery.attempt }
            started.increment()
        }
        let again = Task { await second.run() }
        await started.reaches(2)
        again.cancel()
        await again.value
        // Being cancelled was no failure of the handler.
        #expect(attempt.withLock { $0 } == 1)
    }

    @Test func aHandlerThatTakesTooLongCountsAsFailed() async throws {
        let inbox = try self.inbox(change: { $0.handlerTimeout = .seconds(10) }) { [clock] _ in
            try await clock.sleep(for: .seconds(1_000_000))
        }
        let work = Task { await inbox.run() }
        _ = await self.signer.send(self.draft(), to: inbox)
        try await self.advance { [store] in try await store.counts().quarantined == 1 }
        work.cancel()
        await work.value
        #expect(self.observer.events(RingWebhookHandled.self).allSatisfy { $0.duration >= .seconds(10) })
        #expect(self.observer.events(RingWebhookHandled.self).first?.failure == "RingWebhookHandlerTimedOut")
    }

    @Test func aLongHandlerKeepsItsLease() async throws {
        let started = Counter()
        let gate = Gate()
        let one = try self.inbox { _ in
            started.increment()
            await gate.wait()
        }
        let two = try self.inbox(storage: self.storage.anotherProcess()) { _ in started.increment() }
        _ = await self.signer.send(self.draft(), to: one)
        let first = Task { await one.run() }
        await started.reaches(1)
        let second = Task { await two.run() }
        // Well beyond the lease of 15 s.
        await self.clock.advanceUntilQuiet(by: .seconds(120))
        #expect(started.value == 1)
        gate.open()
        try await self.advance { [store] in try await store.counts().done == 1 }
        for task in [first, second] { task.cancel() }
        await first.value
        await second.value
        #expect(started.value == 1)
    }

    @Test(arguments: [false, true], [RingWebhookInboxOptions.Ordering.none, .perDevice])
    func whatADeadProcessHeldIsTakenOver(
        isVisible: Bool, ordering: RingWebhookInboxOptions.Ordering
    ) async throws {
        let draft = self.draft()
        let dead = try self.inbox(change: { $0.ordering = ordering }) { _ in }
        _ = await self.signer.send(draft, to: dead)
        // As a process that was killed leaves it: taken, and never settled.
        try await self.takeAsAnotherProcess().crash(isVisible: isVisible)
        let attempt = Mutex(0)
        let done = Counter()
        let inbox = try self.inbox(change: { $0.ordering = ordering }) { delivery in
            attempt.withLock { $0 = delivery.attempt }
            done.increment()
        }
        let work = Task { await inbox.run() }
        try await self.advance { done.value == 1 }
        if isVisible {
            #expect(self.clock.uptime() <= .seconds(2))
        } else {
            #expect(self.clock.uptime() >= .seconds(15))
        }
        #expect(attempt.withLock { $0 } == 2)
        #expect(await self.signer.send(draft, to: inbox).outcome == .duplicate)
        work.cancel()
        await work.value
    }

    @Test func anEventThatKillsTheProcessIsQuarantinedInTheEnd() async throws {
        let isHandled = Counter()
        let inbox = try self.inbox { _ in isHandled.increment() }
        _ = await self.signer.send(self.draft(), to: inbox)
        for _ in 0..<3 { try await self.takeAsAnotherProcess().crash(isVisible: true) }
        let work = Task { await inbox.run() }
        try await self.advance { [store] in try await store.counts().quarantined == 1 }
        work.cancel()
        await work.value
        #expect(isHandled.value == 0)
    }

    @Test func keysAreDeletedAfterTheRetention() async throws {
        let done = Counter()
        let inbox = try self.inbox(change: { $0.replayWindow = .deadLetterReplays }) { _ in done.increment() }
        let work = Task { await inbox.run() }
        let draft = self.draft()
        _ = await self.signer.send(draft, to: inbox)
        await done.reaches(1)
        try await self.advance(by: .seconds(600)) { [clock] in clock.uptime() >= .seconds(74 * 3_600) }
        #expect(await self.signer.send(draft, to: inbox).outcome == .duplicate)
        try await self.advance(by: .seconds(600)) { [store] in try await store.counts().done == 0 }
        #expect(self.clock.uptime() > .seconds(76 * 3_600))
        work.cancel()
        await work.value
        #expect(self.observer.events(RingWebhooksPurged.self).map(\.count) == [1])
    }

    /// A clock that is set ahead and back again, as by a bad time server, must not delete what is still wanted.
    @Test func nothingIsDeletedByAClockThatJumped() async throws {
        let done = Counter()
        let inbox = try self.inbox { _ in done.increment() }
        let work = Task { await inbox.run() }
        _ = await self.signer.send(self.draft(), to: inbox)
        await done.reaches(1)
        try await self.advance(by: .seconds(10)) { [clock] in clock.uptime() >= .seconds(600) }
        let before = try await self.store.counts().done
        self.clock.step(wallClockBy: .seconds(400 * 86_400))
        let jumped = self.clock.uptime()
        try await self.advance(by: .seconds(10)) { [clock] in clock.uptime() >= jumped + .seconds(120) }
        self.clock.step(wallClockBy: .seconds(-400 * 86_400))
        try await self.advance(by: .seconds(10)) { [clock] in clock.uptime() >= jumped + .seconds(240) }
        #expect(before == 1)
        #expect(try await self.store.counts().done == 1)
        work.cancel()
        await work.value
        #expect(self.observer.events(RingWebhooksPurged.self).isEmpty)
    }

    @Test func aFailingStorageDoesNotEndTheWork() async throws {
        let storage = TestStorage(self.storage)
        let handled = Counter()
        let inbox = try self.inbox(storage: storage) { _ in handled.increment() }
        _ = await self.signer.send(self.draft(), to: inbox)
        storage.faults.withLock { $0 = .init(reads: true, commits: true, extensions: true) }
        let work = Task { await inbox.run() }
        try await self.advance { [observer] in
            observer.events(RingWebhookStoreFailed.self).filter { $0.action == "claim" }.count >= 3
        }
        storage.faults.withLock { $0 = .init() }
        try await self.advance { handled.value == 1 }
        work.cancel()
        await work.value
    }

    @Test func theScheduleGrowsAndEnds() {
        let schedule = RingWebhookRetrySchedule.standard
        #expect(schedule.delay(after: 1, random: { 0.5 }) == .seconds(1))
        #expect(schedule.delay(after: 6, random: { 0.5 }) == .seconds(3_600))
        #expect(schedule.delay(after: 11, random: { 0.5 }) == .seconds(3_600))
        #expect(schedule.delay(after: 12, random: { 0 }) == nil)
        #expect(schedule.delay(after: 2, random: { 0 }) == .seconds(4))
        let empty = RingWebhookRetrySchedule(delays: [], maximumAttempts: 2)
        #expect(empty.delay(after: 1, random: { 0 }) == .zero)
        #expect(empty.delay(after: 2, random: { 0 }) == nil)
        #expect(schedule.maximumDelay == .seconds(3_600 * 1.2))
    }
}
