import Foundation
import RingCore
import RingTesting
import RingWebhooks
import Synchronization
import Testing

/// Handlers that want an event later.
@Suite(.timeLimit(.minutes(1))) struct RingWebhookPostponedTests {
    let working: RingWebhookWorkingTests

    init() throws { self.working = try RingWebhookWorkingTests() }

    /// More often than a failure may happen, with the delay that the handler gave, and the attempt stays the first one.
    @Test func aPostponedEventComesAgainAndCountsNoFailure() async throws {
        let runs = Mutex<[(attempt: Int, uptime: Duration)]>([])
        let done = Counter()
        let clock = self.working.clock
        let inbox = try self.working.inbox { delivery in
            let count = runs.withLock { runs in
                runs.append((delivery.attempt, clock.uptime()))
                return runs.count
            }
            if count <= 10 { throw RingWebhookError.retry(after: .seconds(3)) }
            done.increment()
        }
        let work = Task { await inbox.run() }
        _ = await self.working.signer.send(self.working.draft(), to: inbox)
        try await self.working.advance { done.value == 1 }
        work.cancel()
        await work.value
        #expect(runs.withLock { $0.map(\.attempt) } == Array(repeating: 1, count: 11))
        let times = runs.withLock { $0.map(\.uptime) }
        #expect(zip(times, times.dropFirst()).allSatisfy { $1 - $0 >= .seconds(3) })
        let handled = self.working.observer.events(RingWebhookHandled.self)
        #expect(handled.count == 11)
        #expect(handled.last?.settlement == .done)
        for event in handled.dropLast() {
            guard case .postponed = event.settlement else {
                Issue.record("\(event.settlement)")
                continue
            }
            #expect(event.level == .info)
            #expect(event.failure == nil)
        }
        // The lag grows with every wait.
        #expect(handled.first.map { $0.lag < .seconds(3) } == true)
        #expect(handled.last.map { $0.lag >= .seconds(30) } == true)
    }

    /// A zero would run in a circle, and a date far ahead looks as if a wrong clock had written it.
    @Test(arguments: [(Duration.zero, 1.0), (.seconds(-5), 1), (.seconds(3600), 60)])
    func theDelayHasLimits(_ delay: Duration, _ seconds: Double) async throws {
        let runs = Counter()
        let inbox = try self.working.inbox { _ in
            runs.increment()
            if runs.value == 1 { throw RingWebhookError.retry(after: delay) }
        }
        let start = self.working.clock.now()
        let work = Task { await inbox.run() }
        _ = await self.working.signer.send(self.working.draft(), to: inbox)
        // The clock stands until the first run has ended.
        let observer = self.working.observer
        try await self.working.advance(by: .zero) { observer.events(RingWebhookHandled.self).count == 1 }
        try await self.working.advance { runs.value == 2 }
        work.cancel()
        await work.value
        let handled = self.working.observer.events(RingWebhookHandled.self)
        guard case .postponed(let moment)? = handled.first?.settlement else {
            Issue.record("\(handled)")
            return
        }
        #expect(abs(moment.timeIntervalSince(start) - seconds) < 0.001)
    }

    /// A handler that fails beside one that postpones is what counts; one that refuses does not end the wait of the other.
    @Test func aRouterTellsThemApart() async throws {
        let delivery = RingWebhookDelivery(
            key: RingWebhookKey(requestID: "r", eventID: "e"),
            event: try RingWebhookEvent(decoding: self.working.draft().body), attempt: 1, receivedAt: Date())
        func code(_ errors: [any Error]) async -> RingWebhookError.Code? {
            var router = RingWebhookRouter()
            for error in errors { router.onEvery { _ in throw error } }
            do { try await router.handle(delivery) } catch { return (error as? RingWebhookError)?.code }
            return .notFound
        }
        let (later, never) = (RingWebhookError.retry(after: .seconds(1)), RingWebhookError.refused("no"))
        #expect(await code([never, later]) == .handlerPostponed)
        #expect(await code([later, never]) == .handlerPostponed)
        #expect(await code([later, RingWebhookWorkingTests.Broken(), never]) == nil)
    }

    /// A loop over `deliveries()` says the same with `fail`.
    @Test func aLoopPostpones() async throws {
        let inbox = try self.working.inbox(handler: nil)
        let runs = Counter()
        let work = Task {
            for await pending in inbox.deliveries() {
                runs.increment()
                if runs.value < 6 { pending.fail(RingWebhookError.retry(after: .seconds(1))) } else { pending.finish() }
            }
        }
        _ = await self.working.signer.send(self.working.draft(), to: inbox)
        try await self.working.advance { [store = self.working.store] in try await store.counts().done == 1 }
        work.cancel()
        await work.value
        #expect(runs.value == 6)
    }
}
