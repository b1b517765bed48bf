import Foundation
import RingCore
import RingTesting
import RingWebhooks
import Synchronization
import Testing

/// A wall clock that is wrong, or set while an inbox runs, loses nothing and repeats nothing.
@Suite(.timeLimit(.minutes(1))) struct RingWebhookClockTests {
    let working: RingWebhookWorkingTests
    var clock: ManualClock { self.working.clock }

    init() throws { self.working = try RingWebhookWorkingTests() }

    private func stop(_ work: Task<Void, Never>) async {
        work.cancel()
        await work.value
    }

    @Test(arguments: [45, 86_400, -86_400], [RingWebhookInboxOptions.Ordering.none, .perDevice])
    func aStepWhileAHandlerRunsClaimsNothingTwice(
        seconds: Int, ordering: RingWebhookInboxOptions.Ordering
    ) async throws {
        let started = Counter()
        let gate = Gate()
        let one = try self.working.inbox(change: { $0.ordering = ordering }) { _ in
            started.increment()
            await gate.wait()
        }
        let two = try self.working.inbox(
            storage: self.working.storage.anotherProcess(), change: { $0.ordering = ordering }
        ) { _ in started.increment() }
        _ = await self.working.signer.send(self.working.draft(), to: one)
        let first = Task { await one.run() }
        await started.reaches(1)
        let second = Task { await two.run() }
        self.clock.step(wallClockBy: .seconds(seconds))
        await self.clock.advanceUntilQuiet(by: .seconds(60))
        #expect(started.value == 1)
        gate.open()
        await self.clock.advanceUntilQuiet(by: .seconds(60))
        await self.stop(first)
        await self.stop(second)
        #expect(started.value == 1)
        #expect(try await one.counts() == RingWebhookCounts(done: 1))
        #expect(self.working.observer.events(RingWebhookLeaseLost.self).isEmpty)
    }

    @Test(arguments: [RingWebhookInboxOptions.Ordering.none, .perDevice])
    func whatThisProcessWorksOnItNeverClaimsAgainAlsoWhenItsLeaseHasEnded(
        ordering: RingWebhookInboxOptions.Ordering
    ) async throws {
        let started = Counter()
        let gate = Gate()
        let storage = TestStorage(self.working.storage)
        let inbox = try self.working.inbox(storage: storage, change: { $0.ordering = ordering }) { _ in
            started.increment()
            await gate.wait()
        }
        _ = await self.working.signer.send(self.working.draft(), to: inbox)
        let work = Task { await inbox.run() }
        await started.reaches(1)
        storage.faults.withLock { $0.extensions = true }
        await self.clock.advanceUntilQuiet(by: .seconds(60))
        #expect(try await inbox.counts().running == 0)
        #expect(started.value == 1)
        gate.open()
        await self.clock.advanceUntilQuiet(by: .seconds(60))
        await self.stop(work)
        #expect(started.value == 1)
        #expect(try await inbox.counts().done == 1)
    }

    @Test(arguments: [45, 86_400, 400 * 86_400], [RingWebhookInboxOptions.Ordering.none, .perDevice])
    func aWebhookReceivedUnderAFastClockIsHandledAfterTheCorrection(
        seconds: Int, ordering: RingWebhookInboxOptions.Ordering
    ) async throws {
        let handled = Counter()
        let inbox = try self.working.inbox(change: {
            $0.ordering = ordering
            $0.replayWindow = .deadLetterReplays
        }) { _ in handled.increment() }
        self.clock.step(wallClockBy: .seconds(seconds))
        #expect(await self.working.signer.send(self.working.draft(), to: inbox).outcome == .accepted)
        self.clock.step(wallClockBy: .seconds(-seconds))
        let work = Task { await inbox.run() }
        await handled.reaches(1)
        await self.stop(work)
    }

    @Test(arguments: [RingWebhookInboxOptions.Ordering.none, .perDevice])
    func aRetryThatWasDatedUnderAFastClockIsDueAfterTheCorrection(
        ordering: RingWebhookInboxOptions.Ordering
    ) async throws {
        let handled = Counter()
        let inbox = try self.working.inbox(change: { $0.ordering = ordering }) { delivery in
            handled.increment()
            if delivery.attempt == 1 { throw RingWebhookWorkingTests.Broken() }
        }
        self.clock.step(wallClockBy: .seconds(86_400))
        _ = await self.working.signer.send(self.working.draft(), to: inbox)
        let work = Task { await inbox.run() }
        await handled.reaches(1)
        await self.clock.quiet()
        self.clock.step(wallClockBy: .seconds(-86_400))
        await self.clock.advanceUntilQuiet(by: .seconds(3))
        #expect(handled.value == 2)
        await self.stop(work)
    }

    @Test(arguments: [180, 300, 86_400])
    func aSlowClockQuarantinesNothing(seconds: Int) async throws {
        let handled = Counter()
        let inbox = try self.working.inbox { _ in handled.increment() }
        let draft = self.working.draft()
        self.clock.step(wallClockBy: .seconds(-seconds))
        #expect(await self.working.signer.send(draft, to: inbox).outcome == .accepted)
        #expect(self.working.observer.events(RingWebhookClockBehind.self).map(\.lag) == [.seconds(seconds)])
        let work = Task { await inbox.run() }
        await handled.reaches(1)
        await self.stop(work)
        #expect(try await inbox.counts() == RingWebhookCounts(done: 1))
    }

    @Test func aFastClockQuarantinesOnlyUntilItIsCorrected() async throws {
        let handled = Counter()
        let inbox = try self.working.inbox(change: { $0.pollInterval = .seconds(300) }) { _ in handled.increment() }
        let work = Task { await inbox.run() }
        let (draft, late) = (self.working.draft(), self.working.draft(sentAgo: 3 * 3_600))
        self.clock.step(wallClockBy: .seconds(7_200))
        for draft in [draft, late] {
            #expect(await self.working.signer.send(draft, to: inbox).outcome == .quarantined)
        }
        // The clock stays fast for longer than the replay window: only the monotonic clock knows when it was.
        await self.clock.advanceUntilQuiet(by: .seconds(5 * 3_600))
        #expect(handled.value == 0)
        self.clock.step(wallClockBy: .seconds(-7_200))
        await self.clock.advanceUntilQuiet(by: .seconds(300))
        #expect(handled.value == 1)
        // What really was too old stays for a person.
        #expect(try await inbox.quarantined().map(\.key.requestID) == [late.requestID])
        await self.stop(work)
    }

    @Test func whatAnEarlierProcessQuarantinedUnderAFastClockIsJudgedAgain() async throws {
        let (draft, late) = (self.working.draft(), self.working.draft(sentAgo: 3 * 3_600))
        self.clock.step(wallClockBy: .seconds(7_200))
        let earlier = try self.working.inbox { _ in }
        for draft in [draft, late] { _ = await self.working.signer.send(draft, to: earlier) }
        self.clock.step(wallClockBy: .seconds(-7_200))
        self.clock.advance(by: .seconds(600))
        let handled = Counter()
        let inbox = try self.working.inbox { _ in handled.increment() }
        let work = Task { await inbox.run() }
        await handled.reaches(1)
        await self.clock.quiet()
        await self.stop(work)
        #expect(try await inbox.quarantined().map(\.key.requestID) == [late.requestID])
    }

    @Test func theTimesOfADeliveryAreRings() async throws {
        let seen = Mutex<[Date?]>([])
        let handled = Counter()
        let inbox = try self.working.inbox { delivery in
            seen.withLock { $0.append(delivery.ringTime) }
            handled.increment()
        }
        let sentAt = self.clock.now()
        let text =
            #"{"meta":{"time":"2026-11-18T11:06:40Z","request_id":"r","account_id":"a"},"#
            + #""data":{"id":"e","type":"app_integration_removed","attributes":{}}}"#
        let draft = RingWebhookDraft(
            kind: .appIntegrationRemoved, account: "a", device: nil, occurredAt: sentAt - 60, sentAt: sentAt)
        self.clock.step(wallClockBy: .seconds(-300))
        let work = Task { await inbox.run() }
        for body in [draft.body, Array(text.utf8)] {
            _ = await inbox.handle(headers: self.working.signer.headers(for: body), body: body)
        }
        await handled.reaches(2)
        await self.stop(work)
        #expect(Set(seen.withLock { $0 }) == [sentAt - 60, sentAt])
    }

    @Test func theHandlerLimitIsNoMatterOfTheWallClock() async throws {
        let inbox = try self.working.inbox(change: { $0.handlerTimeout = .seconds(30) }) { [clock] _ in
            try await clock.sleep(for: .seconds(20))
        }
        _ = await self.working.signer.send(self.working.draft(), to: inbox)
        let work = Task { await inbox.run() }
        await self.clock.sleepers(atLeast: 2)
        self.clock.step(wallClockBy: .seconds(86_400))
        await self.clock.advanceUntilQuiet(by: .seconds(25))
        #expect(try await inbox.counts() == RingWebhookCounts(done: 1))
        await self.stop(work)
    }
}
