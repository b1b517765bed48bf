internal import RingCore
internal import RingJSONAPI

/// Whether a start that the server put off is tried again, with a new offer.
///
/// Concerns 409, 429, and 503 with an error object of Ring's: no session was made. An outcome that is not known is never
/// repeated, since a camera may be streaming; neither is an offer that was refused for what it says.
public struct WHEPRetryPolicy: Hashable, Sendable {
    /// The most offers made, the first included. 1 never tries again.
    public var attempts: Int
    /// The longest single wait; a longer one that the server asks for ends the attempts.
    public var longestWait: Duration
    /// The wait when the server names none; `nil` does not try again then.
    public var waitWithoutRetryAfter: Duration?

    /// Creates a policy.
    public init(
        attempts: Int = 1, longestWait: Duration = .seconds(15), waitWithoutRetryAfter: Duration? = nil
    ) {
        self.attempts = max(1, attempts)
        self.longestWait = longestWait
        self.waitWithoutRetryAfter = waitWithoutRetryAfter
    }

    /// Makes one offer and no more.
    public static let never = Self()

    /// How long to wait before offer number `next`, counted from 1; `nil` when there is none.
    func wait(before next: Int, after error: RingError) -> Duration? {
        guard next <= self.attempts, [409, 429, 503].contains(error.status), error.delivery != .unknown else {
            return nil
        }
        // A device that is offline will not be back in seconds.
        let words = error.errors.flatMap { [$0.title, $0.detail] }.compactMap { $0?.lowercased() }
        guard !words.contains(where: { $0.contains("offline") }) else { return nil }
        guard let asked = error.retryAfter ?? self.waitWithoutRetryAfter.map({ $0 * (1 << min(next - 2, 8)) }) else {
            return nil
        }
        return asked <= self.longestWait ? asked : nil
    }
}
