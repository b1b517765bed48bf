public import RingCrypto

/// How links are verified and how long they may take.
public struct RingLinkPolicy: Sendable {
    /// The app's HMAC keys, the present one first; during a key change the one before it as well.
    public var keys: [RingHMACKey]
    /// How old a nonce may be. Default: Ring's ten minutes, and nothing from the future.
    public var window: RingLinkNonceWindow
    /// How long an unclaimed account stays in the pool. Default: 15 minutes.
    public var poolLifetime: Duration
    /// How long one process works on a link before others may take it over. Default: one minute.
    public var leaseDuration: Duration

    /// Creates a policy.
    public init(
        keys: [RingHMACKey], window: RingLinkNonceWindow = RingLinkNonceWindow(),
        poolLifetime: Duration = .seconds(15 * 60), leaseDuration: Duration = .seconds(60)
    ) {
        self.keys = keys
        self.window = window
        self.poolLifetime = poolLifetime
        self.leaseDuration = leaseDuration
    }
}
