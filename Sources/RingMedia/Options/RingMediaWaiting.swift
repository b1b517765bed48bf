internal import RingCore

/// How long to wait for media that is not ready.
///
/// The client waits for 425 and 202, for 416 within two minutes after the end of the range, for a key that is not available yet
/// (`GRECO_NO_VALID_KEY`), and for an overloaded service (503). It does not wait for anything else. The waits are 5, 10, 20,
/// 30, 30 … seconds with a jitter of a quarter.
public struct RingMediaWaiting: Sendable {
    /// The limit of all waits together.
    package var limit: Limit
    /// The first wait. Each following one is twice as long, up to ``maximumDelay``.
    var firstDelay = Duration.seconds(5)
    /// The first wait for a key, which is usually available within seconds.
    var firstKeyDelay = Duration.seconds(2)
    /// The maximum single wait.
    var maximumDelay: Duration { .seconds(30) }

    /// The limit of all waits together.
    public enum Limit: Hashable, Sendable {
        /// Until a time after the end of the range. A range that ended earlier is not waited for.
        case afterRange(Duration)
        /// A time from the call on.
        case fromNow(Duration)
    }

    /// Creates a limit: by default two minutes after the end of the range.
    public init(_ limit: Limit = .afterRange(.seconds(120))) { self.limit = limit }

    /// Creates a limit with short waits, for tests over a network.
    package init(firstDelay: Duration, firstKeyDelay: Duration) {
        self.init()
        self.firstDelay = firstDelay
        self.firstKeyDelay = firstKeyDelay
    }

    /// No waiting.
    public static var none: Self { Self(.fromNow(.zero)) }

    /// How long after the end of a range "nothing recorded" may still mean "not yet".
    static let freshness = Duration.seconds(120)

    /// - Parameter random: A number in 0..<1.
    func delay(_ attempt: Int, isKey: Bool, random: Double) -> Duration {
        let base = (isKey ? self.firstKeyDelay : self.firstDelay).seconds * Double(1 << min(max(attempt, 0), 16))
        let jitter = 0.75 + 0.5 * random
        return .clamped(seconds: min(base, self.maximumDelay.seconds) * jitter)
    }
}
