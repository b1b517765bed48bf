import Foundation
import RingCore
import RingTesting
import RingWebhooks
import Synchronization
import Testing

/// Leases that are lost, storages that fail, and the end of a process.
@Suite(.timeLimit(.minutes(1))) struct RingWebhookLeaseTests {
    let working: RingWebhookWorkingTests
    var clock: ManualClock { self.working.clock }

    init() throws { self.working = try RingWebhookWorkingTests() }

    @Test func aLostLeaseCancelsTheHandlerAndIsReported() async throws {
        let storage = TestStorage(self.working.storage)
        let (started, cancelled, repeated) = (Counter(), Counter(), Counter())
        let one = try self.working.inbox(storage: storage) { [clock] _ in
            started.increment()
            do { try await clock.sleep(for: .seconds(200)) } catch {
                cancelled.increment()
                throw error
            }
        }
        let two = try self.working.inbox(storage: self.working.storage.anotherProcess()) { delivery in
            #expect(delivery.attempt == 2)
            repeated.increment()
        }
        _ = await self.working.signer.send(self.working.draft(), to: one)
        let first = Task { await one.run() }
        await started.reaches(1)
        // This process reaches the storage no more, and cannot know whether the webhook is still its own.
        storage.faults.withLock { ($0.extensions, $0.commits) = (true, true) }
        await self.clock.advanceUntilQuiet(by: .seconds(16))
        #expect(cancelled.value == 1)
        let second = Task { await two.run() }
        await repeated.reaches(1)
        storage.faults.withLock { ($0.extensions, $0.commits) = (false, false) }
        await self.clock.advanceUntilQuiet(by: .seconds(10))
        #expect(self.working.observer.events(RingWebhookLeaseLost.self).count == 1)
        for task in [first, second] {
            task.cancel()
            await task.value
        }
        #expect((started.value, repeated.value) == (1, 1))
        #expect(try await one.counts() == RingWebhookCounts(done: 1))
    }

    @Test func aStorageThatFailsAtTheEndDoesNotRepeatTheHandler() async throws {
        let storage = TestStorage(self.working.storage)
        let (started, gate) = (Counter(), Gate())
        let inbox = try self.working.inbox(storage: storage) { _ in
            started.increment()
            await gate.wait()
        }
        _ = await self.working.signer.send(self.working.draft(), to: inbox)
        let work = Task { await inbox.run() }
        await started.reaches(1)
        storage.faults.withLock { $0.commits = true }
        gate.open()
        await self.clock.advanceUntilQuiet(by: .seconds(120))
        #expect(self.working.observer.events(RingWebhookStoreFailed.self).contains { $0.action == "settle" })
        storage.faults.withLock { $0.commits = false }
        await self.clock.advanceUntilQuiet(by: .seconds(10))
        work.cancel()
        await work.value
        #expect(started.value == 1)
        #expect(try await inbox.counts() == RingWebhookCounts(done: 1))
    }

    @Test func aHandlerThatIgnoresItsCancellationKeepsItsWebhook() async throws {
        let (started, gate) = (Counter(), Gate())
        let one = try self.working.inbox(change: { $0.handlerTimeout = .seconds(10) }) { _ in
            started.increment()
            await gate.wait()
        }
        let two = try self.working.inbox(storage: self.working.storage.anotherProcess()) { _ in started.increment() }
        _ = await self.working.signer.send(self.working.draft(), to: one)
        let first = Task { await one.run() }
        await started.reaches(1)
        #expect(await !one.shutdown(within: .zero))
        let second = Task { await two.run() }
        await self.clock.advanceUntilQuiet(by: .seconds(120))
        #expect(started.value == 1)
        gate.open()
        await first.value
        #expect(await one.shutdown(within: .zero))
        second.cancel()
        await second.value
        #expect(started.value == 1)
        #expect(try await one.counts() == RingWebhookCounts(done: 1))
    }

    @Test(arguments: [RingWebhookInboxOptions.Ordering.none, .perDevice])
    func shutdownGivesBackWhatIsNotFinished(ordering: RingWebhookInboxOptions.Ordering) async throws {
        let started = Counter()
        let inbox = try self.working.inbox(change: { $0.ordering = ordering }) { [clock] _ in
            started.increment()
            try await clock.sleep(for: .seconds(200))
        }
        _ = await self.working.signer.send(self.working.draft(), to: inbox)
        let work = Task { await inbox.run() }
        await started.reaches(1)
        #expect(await inbox.shutdown(within: .seconds(5)))
        await work.value
        #expect(self.clock.uptime() == .zero)
        #expect(await self.working.signer.send(self.working.draft(), to: inbox).outcome == .stopped)
        #expect(try await inbox.counts() == RingWebhookCounts(waiting: 1))
        // Another process begins with the first attempt.
        let attempt = Mutex(0)
        let next = try self.working.inbox(
            storage: self.working.storage.anotherProcess(), change: { $0.ordering = ordering }
        ) { delivery in
            attempt.withLock { $0 = delivery.attempt }
            started.increment()
        }
        let again = Task { await next.run() }
        await started.reaches(2)
        again.cancel()
        await again.value
        #expect(attempt.withLock { $0 } == 1)
    }

    @Test func whatOtherProcessesSaveWakesAnInboxThatIsTold() async throws {
        let (changes, announce) = AsyncStream.makeStream(of: RingStorageID.self)
        let handled = Counter()
        let inbox = try self.working.inbox(storage: TestStorage(self.working.storage, announced: changes)) { _ in
            handled.increment()
        }
        let work = Task { await inbox.run() }
        await self.clock.sleepers(atLeast: 2)
        let draft = self.working.draft()
        let other = try self.working.inbox(storage: self.working.storage.anotherProcess()) { _ in }
        _ = await self.working.signer.send(draft, to: other)
        announce.yield(RingStorageID(RingStoredWebhook.collection, "any"))
        await handled.reaches(1)
        #expect(self.clock.uptime() == .zero)
        work.cancel()
        await work.value
    }

    @Test func aFreeHandlerTakesAWebhookAsItIsSaved() async throws {
        let storage = TestStorage(self.working.storage)
        let handled = Counter()
        let inbox = try self.working.inbox(storage: storage) { delivery in
            #expect(delivery.attempt == 1)
            handled.increment()
        }
        let work = Task { await inbox.run() }
        await self.clock.sleepers(atLeast: 2)
        // The first one also counts what waits already.
        var reads = 0
        for number in 1...5 {
            _ = await self.working.signer.send(self.working.draft(), to: inbox)
            await handled.reaches(number)
            if number == 1 { reads = storage.reads.withLock { $0 } }
        }
        work.cancel()
        await work.value
        // Saved and taken, then settled; and no query.
        #expect(storage.commits.withLock { $0.map(\.count) } == Array(repeating: 1, count: 10))
        #expect(storage.reads.withLock { $0 } == reads)
    }

    @Test func whatIsSavedWhileTheWorkEndsIsGivenBack() async throws {
        let storage = TestStorage(self.working.storage, gate: Gate())
        let inbox = try self.working.inbox(storage: storage) { _ in Issue.record("the inbox had ended") }
        let work = Task { await inbox.run() }
        await self.clock.sleepers(atLeast: 2)
        let draft = self.working.draft()
        async let response = self.working.signer.send(draft, to: inbox)
        // The limit of the save waits besides the two of the work.
        await self.clock.sleepers(atLeast: 3)
        work.cancel()
        await work.value
        storage.gate?.open()
        #expect(await response.outcome == .accepted)
        #expect(await inbox.shutdown(within: .seconds(5)))
        #expect(try await inbox.counts() == RingWebhookCounts(waiting: 1))
        #expect(try await self.working.takeAsAnotherProcess().location == "memory")
        let record = try #require(
            try await self.working.storage.records(matching: RingStorageQuery(RingStoredWebhook.collection)).first)
        #expect(try RingStoredWebhook(record).attempts == 1)
    }

    @Test func handlersOfTwoProcessesNeverRunTheSameWebhookAtOnce() async throws {
        let running = Mutex<Set<RingWebhookKey>>([])
        let done = Mutex<[RingWebhookKey: Int]>([:])
        let inboxes = try (0..<3).map { _ in
            try self.working.inbox(storage: self.working.storage.anotherProcess()) { delivery in
                let isAlone = running.withLock { $0.insert(delivery.key).inserted }
                #expect(isAlone)
                await Task.yield()
                running.withLock { _ = $0.remove(delivery.key) }
                done.withLock { $0[delivery.key, default: 0] += 1 }
            }
        }
        let work = inboxes.map { inbox in Task { await inbox.run() } }
        for index in 0..<300 {
            _ = await self.working.signer.send(self.working.draft(), to: inboxes[index % 3])
        }
        try await self.working.advance { done.withLock { $0.count } == 300 }
        for task in work {
            task.cancel()
            await task.value
        }
        #expect(done.withLock { $0.values.allSatisfy { $0 == 1 } })
    }
}
