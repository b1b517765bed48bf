/// Hands out the requests that Ring allows a client id, 100 a second over all accounts.
///
/// ``RingLocalRateBudget`` serves one process. A shared store can implement this protocol for many machines.
public protocol RingRateBudget: Sendable {
    /// Waits until a request may go out. It has to end soon when its task is cancelled: a call does not return before it.
    ///
    /// - Throws: `RingError` with ``RingError/Code/rateLimited`` when the deadline would pass first;
    ///   `CancellationError` when the task is cancelled.
    func admit(account: RingAccountID?, priority: RingPriority, deadline: RingDeadline?) async throws

    /// Whether ``admit(account:priority:deadline:)`` ends by its deadline under all circumstances. `false` unless a budget says
    /// otherwise: the pipeline then limits the time of every call itself, since a budget behind a network may hang with it.
    var keepsDeadlines: Bool { get }

    /// Learns from a response: how many requests are left, and whether the limit was exceeded.
    func learn(_ decision: RingRateDecision)
}

extension RingRateBudget {
    /// The pipeline limits the time of every call itself.
    public var keepsDeadlines: Bool { false }
}

/// What a response tells about Ring's decision on the rate limit.
public struct RingRateDecision: Hashable, Sendable {
    /// Whether the status was 429.
    public var isLimited: Bool
    /// Requests allowed a second. Wire: `X-RateLimit-Limit`.
    public var limit: Int?
    /// Requests left in this second. Wire: `X-RateLimit-Remaining`.
    public var remaining: Int?
    /// How long to wait. Wire: `Retry-After`.
    public var retryAfter: Duration?

    /// Creates a decision.
    package init(isLimited: Bool, limit: Int? = nil, remaining: Int? = nil, retryAfter: Duration? = nil) {
        self.isLimited = isLimited
        self.limit = limit
        self.remaining = remaining
        self.retryAfter = retryAfter
    }
}
