/// How often and after which waits a request is repeated, within what its operation allows.
///
/// A request that was refused with 429 was not processed. It goes back to the rate budget's queue until the deadline of its call
/// and counts neither as an attempt nor against the retry budget. Without a deadline it counts as an attempt. With one
/// attempt, nothing is repeated.
public struct RingRetryPolicy: Sendable {
    /// The maximum number of times that one request is sent; for a clip or still, both of its steps together.
    public var attempts: Int
    /// The longest single wait. A longer one that Ring asks for is returned to the caller as an error with the time.
    public var longestWait: Duration
    /// The retry budget of the process: the repeats that may be saved up while nothing fails. Zero leaves ``budgetShare``.
    public var budgetCapacity: Int
    /// The repeats that every first attempt adds to the retry budget, so the most load that repeats add to a service that fails
    /// all the time: 0.1 for ten percent.
    public var budgetShare: Double

    /// Creates a policy.
    ///
    /// - Parameters:
    ///   - attempts: The maximum number of times that one request is sent.
    ///   - longestWait: The longest single wait.
    ///   - budgetCapacity: The repeats that may be saved up.
    ///   - budgetShare: The repeats allowed for each first attempt, from 0 to 1.
    public init(
        attempts: Int = 3, longestWait: Duration = .seconds(30), budgetCapacity: Int = 20, budgetShare: Double = 0.1
    ) {
        self.attempts = max(1, attempts)
        self.longestWait = longestWait
        self.budgetCapacity = budgetCapacity
        self.budgetShare = budgetShare
    }

    /// The wait before repeat number `index`, from 0, when Ring named none: a random value in (0.5, 1) × 2ⁿ seconds.
    package func backoff(_ index: Int, random: Double) -> Duration {
        let base = Double(1 << min(max(index, 0), 16))
        return min(.seconds(base * (0.5 + random / 2)), self.longestWait)
    }
}
