/// How often and how patiently a request is repeated, within what the retry table allows.
public struct RingRetryPolicy: Sendable {
    /// The most times one request is sent.
    public var attempts: Int
    /// The longest single wait. A longer one that Ring asks for is returned to the caller as an error with the time.
    public var longestWait: Duration
    /// A random number in 0..<1; tests pass their own.
    public var random: @Sendable () -> Double

    /// Creates a policy.
    public init(
        attempts: Int = 3, longestWait: Duration = .seconds(30),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.attempts = max(1, attempts)
        self.longestWait = longestWait
        self.random = random
    }

    /// The wait before repeat number `index`, from 0, when Ring named none: a random value in (0.5, 1) × 2ⁿ seconds.
    public func backoff(_ index: Int) -> Duration {
        let base = Double(1 << min(max(index, 0), 16))
        return min(.seconds(base * (0.5 + self.random() / 2)), self.longestWait)
    }
}
