#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// How long after it was sent a webhook may arrive, by `meta.time`, which stands inside the signed body.
///
/// A window of minutes would refuse what Ring itself still delivers: its six retries take 73 minutes, and what failed
/// then can be replayed from its dead-letter queue for 72 hours.
public struct RingReplayWindow: Hashable, Sendable {
    /// What a send time says about a webhook.
    package enum Verdict: Hashable, Sendable {
        /// Inside the window.
        case fresh
        /// Sent longer ago than ``RingReplayWindow/maximumAge``.
        case stale
        /// Sent further in the future than ``RingReplayWindow/futureTolerance``: this machine's clock is probably slow. An
        /// inbox accepts it and informs its observer.
        case future
        /// Without a send time.
        case undated
    }

    /// The greatest age.
    package var maximumAge: Duration
    /// How far Ring's clock may be ahead of this machine's before the observer is informed.
    package var futureTolerance: Duration

    /// Creates a window.
    ///
    /// - Parameters:
    ///   - maximumAge: The greatest age.
    ///   - futureTolerance: How far Ring's clock may be ahead.
    public init(maximumAge: Duration, futureTolerance: Duration = .seconds(120)) {
        self.maximumAge = maximumAge
        self.futureTolerance = futureTolerance
    }

    /// For Ring's own retries: 73 minutes and a margin, 90 minutes together.
    public static let retries = Self(maximumAge: .seconds(90 * 60))
    /// For replays from the dead-letter queue, 72 hours after the last retry, and a margin: 75 hours together.
    public static let deadLetterReplays = Self(maximumAge: .seconds(75 * 3_600))

    /// Judges a webhook by its `meta.time`.
    package func verdict(sentAt: Date?, now: Date) -> Verdict {
        guard let sentAt else { return .undated }
        let age = now.timeIntervalSince(sentAt)
        if age < -self.futureTolerance.timeInterval { return .future }
        return age > self.maximumAge.timeInterval ? .stale : .fresh
    }
}
