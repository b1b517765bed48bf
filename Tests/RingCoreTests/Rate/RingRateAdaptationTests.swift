import RingCore
import RingTesting
import Testing

/// What the local budget does about 429 and about what Ring says is left.
@Suite(.timeLimit(.minutes(1))) struct RingRateAdaptationTests {
    let clock = ManualClock()

    /// Callers that wait, once the budget has looked at them.
    private func callers(
        _ count: Int, of budget: RingLocalRateBudget, priority: RingPriority = .interactive
    ) async -> [Task<Void, any Error>] {
        let tasks = (0..<count).map { _ in
            Task { try await budget.admit(account: nil, priority: priority, deadline: nil) }
        }
        while budget.waiting < count { await Task.yield() }
        await self.clock.sleepers(atLeast: 1)
        return tasks
    }

    /// Moves the clock and waits until the budget has handed out what it can.
    private func after(_ time: Duration, _ budget: RingLocalRateBudget) async -> Int {
        self.clock.advance(by: time)
        await self.clock.sleepers(atLeast: 1)
        return budget.waiting
    }

    @Test(arguments: [1, 8]) func atHalfTheRateAndATenthMoreEachSecond(refusedTogether: Int) async throws {
        let budget = RingLocalRateBudget(limit: 10, clock: self.clock)
        for _ in 0..<refusedTogether { budget.learn(RingRateDecision(isLimited: true, retryAfter: .seconds(3))) }
        let tasks = await self.callers(40, of: budget)
        #expect(await self.after(.seconds(3), budget) == 35)
        #expect(await self.after(.seconds(1), budget) == 29)
        #expect(await self.after(.seconds(1), budget) == 22)
        #expect(await self.after(.seconds(1), budget) == 14)
        for task in tasks { task.cancel() }
    }

    @Test func theRateIsBackAfterAsManySecondsWithoutACaller() async throws {
        let budget = RingLocalRateBudget(limit: 10, clock: self.clock)
        budget.learn(RingRateDecision(isLimited: true, retryAfter: .seconds(2)))
        self.clock.advance(by: .seconds(7))
        for _ in 0..<10 { try await budget.admit(account: nil, priority: .interactive, deadline: nil) }
        #expect(self.clock.sleeps.isEmpty)
    }

    @Test func aSecondRefusalAfterThePauseHalvesAgain() async throws {
        let budget = RingLocalRateBudget(limit: 16, clock: self.clock)
        budget.learn(RingRateDecision(isLimited: true, retryAfter: .seconds(2)))
        self.clock.advance(by: .seconds(2))
        budget.learn(RingRateDecision(isLimited: true, retryAfter: .seconds(2)))
        let tasks = await self.callers(20, of: budget)
        #expect(await self.after(.seconds(2), budget) == 16)
        for task in tasks { task.cancel() }
    }

    @Test func noPauseIsLongerThanAMinute() async throws {
        let budget = RingLocalRateBudget(limit: 10, clock: self.clock)
        budget.learn(RingRateDecision(isLimited: true, retryAfter: .seconds(86_400)))
        let caller = await self.callers(1, of: budget)[0]
        self.clock.advance(by: .seconds(60))
        try await caller.value
    }

    @Test func onlyAsManyAsRingSaysAreLeftGoOut() async throws {
        let budget = RingLocalRateBudget(limit: 10, clock: self.clock)
        budget.learn(RingRateDecision(isLimited: false, limit: 10, remaining: 3))
        for _ in 0..<3 { try await budget.admit(account: nil, priority: .interactive, deadline: nil) }
        #expect(self.clock.sleeps.isEmpty)
        let fourth = await self.callers(1, of: budget)[0]
        self.clock.advance(by: .seconds(1))
        try await fourth.value
    }

    @Test func nonsenseAboutWhatIsLeftChangesNothing() async throws {
        let budget = RingLocalRateBudget(limit: 10, clock: self.clock)
        for remaining in [-1, .min, .max, 1_000] {
            budget.learn(RingRateDecision(isLimited: false, limit: .min, remaining: remaining))
        }
        for _ in 0..<10 { try await budget.admit(account: nil, priority: .interactive, deadline: nil) }
        #expect(self.clock.sleeps.isEmpty)
    }

    /// Somebody without a deadline sleeps through the pause; whoever comes later is not kept past a deadline by that.
    @Test func aDeadlineInsideAPauseIsRefusedAtOnce() async throws {
        let budget = RingLocalRateBudget(limit: 10, clock: self.clock)
        budget.learn(RingRateDecision(isLimited: true, retryAfter: .seconds(30)))
        let patient = await self.callers(1, of: budget)[0]
        let deadline = RingDeadline(in: .seconds(5), clock: self.clock)
        let error = await #expect(throws: RingError.self) {
            try await budget.admit(account: nil, priority: .interactive, deadline: deadline)
        }
        #expect(error?.code == .rateLimited)
        #expect(error?.retryAfter == .seconds(30))
        self.clock.advance(by: .seconds(30))
        try await patient.value
    }
}
