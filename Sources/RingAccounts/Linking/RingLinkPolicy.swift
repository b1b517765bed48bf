public import RingCrypto

/// How links are verified and how long they may take.
public struct RingLinkPolicy: Sendable {
    /// The app's HMAC keys, the present one first; during a key change the one before it as well.
    public var keys: [RingHMACKey]
    /// How old a nonce may be. Default: Ring's ten minutes, and nothing from the future.
    public var window: RingLinkNonceWindow
    /// How long an unclaimed account stays in the pool. Default: 15 minutes.
    public var poolLifetime: Duration
    /// How long after a crash on another machine, or in another container, a link that was under way stays reserved. On the
    /// same machine a crash is noticed at once. Default: 15 seconds.
    public var leaseDuration: Duration

    /// Creates a policy.
    public init(
        keys: [RingHMACKey], window: RingLinkNonceWindow = RingLinkNonceWindow(),
        poolLifetime: Duration = .seconds(15 * 60), leaseDuration: Duration = .seconds(15)
    ) {
        self.keys = keys
        self.window = window
        self.poolLifetime = poolLifetime
        self.leaseDuration = max(leaseDuration, .seconds(1))
    }
}
