import RingCore
import Testing

/// The waits of the fact sheet: a random value in (0.5, 1) × 2ⁿ seconds, never above the longest wait.
@Suite struct RingRetryPolicyTests {
    @Test(arguments: [(0, 0.5, 1.0), (1, 1, 2), (2, 2, 4), (3, 4, 8), (4, 8, 16)])
    func theWaitIsRandomBetweenHalfAndAll(index: Int, least: Double, most: Double) {
        #expect(RingRetryPolicy().backoff(index, random: 0) == .seconds(least))
        #expect(RingRetryPolicy().backoff(index, random: 0.5) == .seconds((least + most) / 2))
        let environment = RingEnvironment()
        let waits = (0..<200).map { _ in RingRetryPolicy().backoff(index, random: environment.randomUnit()) }
        #expect(waits.allSatisfy { $0 >= .seconds(least) && $0 < .seconds(most) })
        // Two hundred callers that failed together do not come back together.
        #expect(Set(waits).count > 100)
    }

    @Test(arguments: [5, 16, 1_000, Int.max]) func noWaitIsAboveTheLongest(index: Int) {
        #expect(RingRetryPolicy().backoff(index, random: 0.999) == .seconds(30))
        #expect(RingRetryPolicy(longestWait: .seconds(2)).backoff(index, random: 0.5) == .seconds(2))
    }

    @Test func thereIsAlwaysAFirstAttempt() {
        #expect(RingRetryPolicy(attempts: 0).attempts == 1)
        #expect(RingRetryPolicy(attempts: -3).attempts == 1)
    }

    @Test func aBudgetIsConfigured() {
        let half = RingRetryBudget(RingRetryPolicy(budgetCapacity: 0, budgetShare: 0.5))
        #expect(!half.takeRepeat())
        for _ in 0..<2 { half.recordAttempt() }
        #expect(half.takeRepeat())
        #expect(!half.takeRepeat())
    }

    @Test(arguments: [(-5, -1.0), (0, .nan), (.min, -.infinity), (0, 0)])
    func nonsenseIsABudgetOfNothing(capacity: Int, share: Double) {
        let budget = RingRetryBudget(RingRetryPolicy(budgetCapacity: capacity, budgetShare: share))
        for _ in 0..<1_000 { budget.recordAttempt() }
        #expect(!budget.takeRepeat())
    }

    @Test func noShareIsMoreThanOneRepeatForAnAttempt() {
        let budget = RingRetryBudget(RingRetryPolicy(budgetCapacity: 0, budgetShare: .infinity))
        budget.recordAttempt()
        #expect([budget.takeRepeat(), budget.takeRepeat()] == [true, false])
    }

    @Test func aBudgetStartsFullAndIsPaidATenthForEveryFirstAttempt() {
        let budget = RingRetryBudget(RingRetryPolicy(budgetCapacity: 2))
        #expect([budget.takeRepeat(), budget.takeRepeat(), budget.takeRepeat()] == [true, true, false])
        for _ in 0..<9 { budget.recordAttempt() }
        #expect(!budget.takeRepeat())
        for _ in 0..<2 { budget.recordAttempt() }
        #expect(budget.takeRepeat())
        #expect(!budget.takeRepeat())
        for _ in 0..<1_000 { budget.recordAttempt() }
        #expect([budget.takeRepeat(), budget.takeRepeat(), budget.takeRepeat()] == [true, true, false])
    }
}
