internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// How long to wait for media that is not ready, and how patiently.
///
/// What is waited for: 425 and 202, 416 within two minutes of the end of the range, a key that is not available yet
/// (`GRECO_NO_VALID_KEY`), and an overloaded service (503). Everything else ends at once.
public struct RingMediaWaiting: Sendable {
    /// How long.
    public var limit: Limit
    /// The first wait; each following one is twice as long, up to ``longestDelay``, and all are jittered by a quarter.
    public var firstDelay: Duration
    /// The first wait for a key, which mostly comes within seconds.
    public var firstKeyDelay: Duration
    /// The longest single wait.
    public var longestDelay: Duration
    /// A random number in 0..<1; tests pass their own.
    public var random: @Sendable () -> Double

    /// The bound of all waits together.
    public enum Limit: Hashable, Sendable {
        /// Until so long after the end of the range; a range that ended earlier is not waited for.
        case afterRange(Duration)
        /// So long from the call on.
        case fromNow(Duration)
    }

    /// Creates a policy: two minutes after the end of the range, after 5, 10, 20, 30, 30 … seconds.
    public init(
        _ limit: Limit = .afterRange(.seconds(120)), firstDelay: Duration = .seconds(5),
        firstKeyDelay: Duration = .seconds(2), longestDelay: Duration = .seconds(30),
        random: @escaping @Sendable () -> Double = { Double.random(in: 0..<1) }
    ) {
        self.limit = limit
        self.firstDelay = firstDelay
        self.firstKeyDelay = firstKeyDelay
        self.longestDelay = longestDelay
        self.random = random
    }

    /// No waiting at all.
    public static var none: Self { Self(.fromNow(.zero)) }

    /// How long after the end of a range "nothing recorded" may still mean "not yet".
    static let freshness = Duration.seconds(120)

    func delay(_ attempt: Int, isKey: Bool) -> Duration {
        let base = (isKey ? self.firstKeyDelay : self.firstDelay).seconds * Double(1 << min(max(attempt, 0), 16))
        let jitter = 0.75 + 0.5 * min(max(self.random(), 0), 1)
        return .clamped(seconds: min(base, self.longestDelay.seconds) * jitter)
    }
}
