internal import Synchronization

/// Keeps a failing service from getting much more than ten percent extra load, whatever the number of callers.
///
/// A token bucket for the whole process: every first attempt puts a tenth of a token in, every repeat takes one out. It
/// starts full, so an occasional failure is always repeated. Pipeline and features share it: a feature that repeats a call as a
/// whole takes from it, too.
package final class RingRetryBudget: Sendable {
    /// How often and after which waits.
    package let policy: RingRetryPolicy
    private let capacity: Double
    private let deposit: Double
    private let tokens: Mutex<Double>

    /// Creates a full budget.
    package init(_ policy: RingRetryPolicy = RingRetryPolicy()) {
        self.policy = policy
        // At least one, or the shares would never add up to a repeat.
        self.capacity = max(1, Double(policy.budgetCapacity))
        self.deposit = policy.budgetShare > 0 ? min(policy.budgetShare, 1) : 0
        self.tokens = Mutex(max(0, Double(policy.budgetCapacity)))
    }

    /// Notes a first attempt.
    package func recordAttempt() {
        self.tokens.withLock { $0 = min(self.capacity, $0 + self.deposit) }
    }

    /// Takes a token for a repeat.
    ///
    /// - Returns: `false` when the budget is used up: do not repeat.
    package func takeRepeat() -> Bool {
        self.tokens.withLock { tokens in
            guard tokens >= 1 else { return false }
            tokens -= 1
            return true
        }
    }
}
