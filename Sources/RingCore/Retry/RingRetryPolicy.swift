/// How often and after which waits a request is repeated, within what its operation allows.
public struct RingRetryPolicy: Sendable {
    /// The maximum number of times that one request is sent.
    public var attempts: Int
    /// The longest single wait. A longer one that Ring asks for is returned to the caller as an error with the time.
    public var longestWait: Duration

    /// Creates a policy.
    ///
    /// - Parameters:
    ///   - attempts: The maximum number of times that one request is sent.
    ///   - longestWait: The longest single wait.
    public init(attempts: Int = 3, longestWait: Duration = .seconds(30)) {
        self.attempts = max(1, attempts)
        self.longestWait = longestWait
    }

    /// The wait before repeat number `index`, from 0, when Ring named none: a random value in (0.5, 1) × 2ⁿ seconds.
    package func backoff(_ index: Int, random: Double) -> Duration {
        let base = Double(1 << min(max(index, 0), 16))
        return min(.seconds(base * (0.5 + random / 2)), self.longestWait)
    }
}
