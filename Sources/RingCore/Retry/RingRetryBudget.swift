internal import Synchronization

/// Keeps a failing service from getting much more than ten percent extra load, whatever the number of callers.
///
/// A token bucket for the whole process: every first attempt puts a tenth of a token in, every repeat takes one out. It
/// starts full, so an occasional failure is always repeated.
package final class RingRetryBudget: Sendable {
    private let capacity: Double
    private let deposit: Double
    private let tokens: Mutex<Double>

    /// Creates a budget.
    ///
    /// - Parameters:
    ///   - capacity: The repeats that may be saved up.
    ///   - share: The repeats allowed for each first attempt.
    package init(capacity: Int = 20, share: Double = 0.1) {
        self.capacity = Double(max(0, capacity))
        self.deposit = share
        self.tokens = Mutex(Double(max(0, capacity)))
    }

    /// Notes a first attempt.
    package func recordAttempt() {
        self.tokens.withLock { $0 = min(self.capacity, $0 + self.deposit) }
    }

    /// Takes a token for a repeat.
    ///
    /// - Returns: `false` when the budget is spent: do not repeat.
    package func takeRepeat() -> Bool {
        self.tokens.withLock { tokens in
            guard tokens >= 1 else { return false }
            tokens -= 1
            return true
        }
    }
}
