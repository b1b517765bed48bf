import RingCore
import RingTesting
import Synchronization
import Testing

private final class Names: Sendable {
    let list = Mutex<[String]>([])
}

@Suite struct RingLocalRateBudgetTests {
    let clock = ManualClock()

    @Test func aSecondHoldsExactlyTheLimit() async throws {
        let budget = RingLocalRateBudget(limit: 5, clock: self.clock)
        for _ in 0..<5 { try await budget.admit(account: nil, priority: .interactive, deadline: nil) }
        let sixth = Task { try await budget.admit(account: nil, priority: .interactive, deadline: nil) }
        await self.clock.sleepers(atLeast: 1)
        #expect(budget.waiting == 1)
        self.clock.advance(by: .seconds(1))
        try await sixth.value
        #expect(budget.waiting == 0)
    }

    @Test func aPersonGoesBeforeASweepAndAccountsTakeTurns() async throws {
        let budget = RingLocalRateBudget(limit: 1, clock: self.clock)
        try await budget.admit(account: nil, priority: .interactive, deadline: nil)
        let order = Names()
        let queue: [(String, RingAccountID, RingPriority)] = [
            ("sweep", "a", .background), ("a1", "a", .interactive), ("a2", "a", .interactive),
            ("b1", "b", .interactive),
        ]
        var tasks: [Task<Void, any Error>] = []
        for (index, (name, account, priority)) in queue.enumerated() {
            tasks.append(
                Task {
                    try await budget.admit(account: account, priority: priority, deadline: nil)
                    order.list.withLock { $0.append(name) }
                })
            while budget.waiting <= index { await Task.yield() }
        }
        for task in [tasks[1], tasks[3], tasks[2], tasks[0]] {
            await self.clock.sleepers(atLeast: 1)
            self.clock.advance(by: .seconds(1))
            try await task.value
        }
        #expect(order.list.withLock { $0 } == ["a1", "b1", "a2", "sweep"])
    }

    @Test func aSweepLeavesASlotForAPerson() async throws {
        let budget = RingLocalRateBudget(limit: 10, clock: self.clock)
        for _ in 0..<9 { try await budget.admit(account: nil, priority: .background, deadline: nil) }
        let tenth = Task { try await budget.admit(account: nil, priority: .background, deadline: nil) }
        await self.clock.sleepers(atLeast: 1)
        // The person takes the slot that was kept free, at once; the sweep goes on waiting.
        try await budget.admit(account: nil, priority: .interactive, deadline: nil)
        #expect(budget.waiting == 1)
        self.clock.advance(by: .seconds(1))
        try await tenth.value
    }

    @Test func a429PausesEverybodyAndHalvesTheRate() async throws {
        let budget = RingLocalRateBudget(limit: 10, clock: self.clock)
        budget.learn(RingRateDecision(isLimited: true, retryAfter: .seconds(3)))
        let first = Task { try await budget.admit(account: nil, priority: .interactive, deadline: nil) }
        await self.clock.sleepers(atLeast: 1)
        #expect(self.clock.sleeps.last == .seconds(3))
        self.clock.advance(by: .seconds(3))
        try await first.value
    }

    @Test func whatOthersTookCountsToo() async throws {
        let budget = RingLocalRateBudget(limit: 10, clock: self.clock)
        budget.learn(RingRateDecision(isLimited: false, limit: 10, remaining: 0))
        let waiting = Task { try await budget.admit(account: nil, priority: .interactive, deadline: nil) }
        await self.clock.sleepers(atLeast: 1)
        self.clock.advance(by: .seconds(1))
        try await waiting.value
    }

    @Test func aDeadlineInsideTheWaitIsRefusedAtOnce() async throws {
        let budget = RingLocalRateBudget(limit: 1, clock: self.clock)
        try await budget.admit(account: nil, priority: .interactive, deadline: nil)
        let deadline = RingDeadline(in: .milliseconds(200), clock: self.clock)
        let error = await #expect(throws: RingError.self) {
            try await budget.admit(account: nil, priority: .interactive, deadline: deadline)
        }
        #expect(error?.code == .rateLimited)
        #expect(error?.retryAfter == .seconds(1))
    }

    @Test func aCancelledWaiterLeavesTheQueue() async throws {
        let budget = RingLocalRateBudget(limit: 1, clock: self.clock)
        try await budget.admit(account: nil, priority: .interactive, deadline: nil)
        let waiter = Task { try await budget.admit(account: nil, priority: .interactive, deadline: nil) }
        await self.clock.sleepers(atLeast: 1)
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        #expect(budget.waiting == 0)
    }
}
