/// Where a request for media may be redirected to. No bearer goes to any of these places.
public struct RingRedirectPolicy: Hashable, Sendable {
    /// The most redirects followed for one attempt.
    public var maximum: Int
    /// Host names that are allowed, with everything below them: `amazonvision.com`. `nil` allows any host.
    ///
    /// The name of Ring's media host is not documented and has changed, so there is no list by default.
    public var hostSuffixes: [String]?

    /// Creates a policy.
    public init(maximum: Int = 5, hostSuffixes: [String]? = nil) {
        self.maximum = max(0, maximum)
        self.hostSuffixes = hostSuffixes
    }
}
