public import RingCrypto

/// How links are verified, and how long they may take.
public struct RingLinkPolicy: Sendable {
    package var keys: [RingHMACKey]
    package var window: RingLinkNonceWindow
    package var poolLifetime: Duration
    /// How long a link that was under way stays reserved after a crash on another machine or in another container. On the same
    /// machine a crash is noticed at once.
    package var leaseDuration = Duration.seconds(15)

    /// Creates a policy.
    ///
    /// - Parameters:
    ///   - keys: The app's HMAC keys, the present one first; during a key change also the previous one.
    ///   - window: The accepted age of a nonce. Default: Ring's ten minutes, and none from the future.
    ///   - poolLifetime: How long an unclaimed account can be claimed. Default: 15 minutes.
    public init(
        keys: [RingHMACKey], window: RingLinkNonceWindow = RingLinkNonceWindow(),
        poolLifetime: Duration = .seconds(15 * 60)
    ) {
        self.keys = keys
        self.window = window
        self.poolLifetime = poolLifetime
    }
}
