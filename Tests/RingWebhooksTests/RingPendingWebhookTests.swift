import RingCore
import RingTesting
import RingWebhooks
import Synchronization
import Testing

/// The handling of events in a loop instead of a handler.
@Suite(.timeLimit(.minutes(1))) struct RingPendingWebhookTests {
    let working: RingWebhookWorkingTests

    init() throws { self.working = try RingWebhookWorkingTests() }

    private func inbox(_ change: (inout RingWebhookInboxOptions) -> Void = { _ in }) throws -> RingWebhookInbox {
        try self.working.inbox(change: change, handler: nil)
    }

    @Test func eachEventIsDeliveredUntilItIsFinished() async throws {
        let inbox = try self.inbox()
        let first = self.working.draft("a")
        _ = await self.working.signer.send(first, to: inbox)
        let seen = Shared<[String]>([])
        let loop = Task {
            for await webhook in inbox.deliveries() {
                let delivery = webhook.delivery
                seen.withLock { $0.append("\(delivery.event.deviceID?.rawValue ?? "") \(delivery.attempt)") }
                if delivery.event.deviceID == "b", delivery.attempt == 1 {
                    webhook.fail(RingWebhookWorkingTests.Broken())
                } else {
                    webhook.finish()
                    // Only the first acknowledgement counts.
                    webhook.fail(RingWebhookWorkingTests.Broken())
                }
            }
        }
        _ = await self.working.signer.send(self.working.draft("b"), to: inbox)
        try await self.working.advance { try await self.working.store.counts() == RingWebhookCounts(done: 2) }
        loop.cancel()
        await loop.value
        #expect(seen.withLock { $0.sorted() } == ["a 1", "b 1", "b 2"])
        #expect(await inbox.shutdown(within: .seconds(10)))
    }

    @Test func oneThatIsReleasedWithoutAnAcknowledgementCountsAsFailed() async throws {
        let inbox = try self.inbox()
        _ = await self.working.signer.send(self.working.draft(), to: inbox)
        let attempts = Shared<[Int]>([])
        let loop = Task {
            for await webhook in inbox.deliveries() {
                attempts.withLock { $0.append(webhook.delivery.attempt) }
                if webhook.delivery.attempt == 2 { webhook.fail(RingWebhookError.refused("not for us")) }
            }
        }
        try await self.working.advance { try await self.working.store.counts() == RingWebhookCounts(quarantined: 1) }
        loop.cancel()
        await loop.value
        #expect(attempts.withLock { $0 } == [1, 2])
        let handled = self.working.observer.events(RingWebhookHandled.self)
        #expect(handled.map(\.failure) == ["RingWebhookNotAcknowledged", "handler_refused"])
    }

    @Test func takesNoMoreThanTheLoopAsksForAndMayHaveOpen() async throws {
        let inbox = try self.inbox { $0.concurrency = 2 }
        for device: RingDeviceID in ["a", "b", "c", "d"] {
            _ = await self.working.signer.send(self.working.draft(device), to: inbox)
        }
        let (open, taken) = (Shared<[RingPendingWebhook]>([]), Counter())
        let loop = Task {
            for await webhook in inbox.deliveries() {
                open.withLock { $0.append(webhook) }
                taken.increment()
            }
        }
        await taken.reaches(2)
        await self.working.clock.advanceUntilQuiet(by: .seconds(3))
        // Two are open and leased for longer than a lease lasts; the others are left to other processes.
        await self.working.clock.advanceUntilQuiet(by: .seconds(60))
        #expect(taken.value == 2)
        #expect(try await self.working.store.counts() == RingWebhookCounts(waiting: 2, running: 2))
        open.withLock { $0.removeFirst() }.finish()
        await taken.reaches(3)
        #expect(taken.value == 3)
        for webhook in open.withLock({ $0 }) { webhook.finish() }
        await taken.reaches(4)
        for webhook in open.withLock({ $0 }) { webhook.finish() }
        try await self.working.advance { try await self.working.store.counts() == RingWebhookCounts(done: 4) }
        loop.cancel()
        await loop.value
    }

    @Test func aShutdownEndsTheLoopAndGivesBackWhatWasNotAcknowledged() async throws {
        let inbox = try self.inbox()
        let taken = Shared<RingPendingWebhook?>(nil)
        let started = Counter()
        let loop = Task {
            for await webhook in inbox.deliveries() {
                taken.withLock { $0 = webhook }
                started.increment()
            }
        }
        await self.working.clock.sleepers(atLeast: 1)
        _ = await self.working.signer.send(self.working.draft(), to: inbox)
        await started.reaches(1)
        #expect(taken.withLock { $0?.isCancelled } == false)
        let shutdown = Task { await inbox.shutdown(within: .seconds(30)) }
        await loop.value
        while taken.withLock({ $0?.isCancelled }) != true { await Task.yield() }
        // Nobody else gets it as long as it is not acknowledged.
        #expect(try await self.working.store.counts() == RingWebhookCounts(running: 1))
        taken.withLock { $0.take() }?.fail(RingWebhookWorkingTests.Broken())
        #expect(await shutdown.value)
        #expect(try await self.working.store.counts() == RingWebhookCounts(waiting: 1))
        let handled = self.working.observer.events(RingWebhookHandled.self)
        #expect(handled.map(\.settlement) == [.givenBack])
    }

    @Test func workThatTakesTooLongIsCancelledAndKeptUntilItIsAcknowledged() async throws {
        let inbox = try self.inbox { $0.handlerTimeout = .seconds(10) }
        _ = await self.working.signer.send(self.working.draft(), to: inbox)
        let done = Counter()
        let loop = Task { [clock = self.working.clock] in
            for await webhook in inbox.deliveries() {
                if webhook.delivery.attempt == 1 {
                    while !webhook.isCancelled { await Task.yield() }
                    try? await clock.sleep(for: .seconds(60))
                    webhook.finish()
                }
                done.increment()
            }
        }
        try await self.working.advance { done.value == 1 }
        try await self.working.advance { try await self.working.store.counts() == RingWebhookCounts(done: 1) }
        loop.cancel()
        await loop.value
    }

    @Test func anIteratorThatIsNotUsedKeepsNothingFromTheOthers() async throws {
        let inbox = try self.inbox()
        let unused = (0..<4).map { _ in inbox.deliveries().makeAsyncIterator() }
        let attempts = Shared<[Int]>([])
        let loop = Task {
            for await webhook in inbox.deliveries() {
                attempts.withLock { $0.append(webhook.delivery.attempt) }
                webhook.finish()
            }
        }
        for _ in 0..<8 { _ = await self.working.signer.send(self.working.draft(), to: inbox) }
        try await self.working.advance { try await self.working.store.counts() == RingWebhookCounts(done: 8) }
        #expect(attempts.withLock { $0 } == Array(repeating: 1, count: 8))
        loop.cancel()
        await loop.value
        withExtendedLifetime(unused) {}
        #expect(await inbox.shutdown(within: .seconds(10)))
    }

    @Test func whatFindsNoCallerIsGivenBackWithoutCountingAnAttempt() async throws {
        let storage = TestStorage(self.working.storage)
        let inbox = try self.working.inbox(storage: storage, handler: nil)
        var other = inbox.deliveries().makeAsyncIterator()
        let loop = Task { for await webhook in inbox.deliveries() { webhook.finish() } }
        for _ in 0..<1_000 { await Task.yield() }
        // The loop ends after the webhook was taken for it, and before that is stored.
        storage.beforeCommit.withLock { hook in
            hook = {
                loop.cancel()
                await loop.value
            }
        }
        _ = await self.working.signer.send(self.working.draft(), to: inbox)
        try await self.working.advance { try await self.working.store.counts() == RingWebhookCounts(waiting: 1) }
        let webhook = await other.next(isolation: nil)
        #expect(webhook?.delivery.attempt == 1)
        webhook?.finish()
        #expect(await inbox.shutdown(within: .seconds(10)))
    }

    @Test func whatWasSavedForALoopThatHasEndedIsGivenBack() async throws {
        let storage = TestStorage(self.working.storage)
        let inbox = try self.working.inbox(storage: storage, handler: nil)
        let tidying = Task { await inbox.run() }
        let loop = Task { for await webhook in inbox.deliveries() { webhook.finish() } }
        for _ in 0..<1_000 { await Task.yield() }
        storage.beforeCommit.withLock { hook in
            hook = {
                loop.cancel()
                await loop.value
                for _ in 0..<1_000 { await Task.yield() }
            }
        }
        _ = await self.working.signer.send(self.working.draft(), to: inbox)
        for _ in 0..<1_000 where try await self.working.store.counts().waiting == 0 { await Task.yield() }
        #expect(try await self.working.store.counts() == RingWebhookCounts(waiting: 1))
        tidying.cancel()
        await tidying.value
        #expect(await inbox.shutdown(within: .seconds(10)))
    }
}

/// A value that several tasks change.
private final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { self.state = Mutex(value) }

    func withLock<Result: Sendable>(_ body: (inout Value) -> Result) -> Result { self.state.withLock { body(&$0) } }
}
