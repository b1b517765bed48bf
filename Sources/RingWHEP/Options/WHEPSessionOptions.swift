public import RingCore
internal import RingJSONAPI

/// Optional behaviour of one session.
public struct WHEPSessionOptions: Hashable, Sendable {
    /// The lens of a multi-camera device. Wire: query `component_id`.
    public var component: RingComponentID?
    /// How the camera is powered. Ring lets a session run for 30 seconds on a battery, 60 on mains. `unknown` counts as a
    /// battery.
    public var power: RingPowerSource
    /// Whether an offer is sent although the check found errors.
    public var sendsOfferWithErrors: Bool
    /// Whether `a=setup:actpass` in an answer becomes `passive` instead of an error.
    ///
    /// Off by default: the answerer has to choose (RFC 8842 section 5.3), and after a wrong guess both sides wait for each
    /// other.
    public var turnsActpassIntoPassive: Bool
    /// Whether a counter-offer (406) is answered when the engine can. Ring documents no counter-offers.
    public var acceptsCounterOffer: Bool
    /// Whether a start that the server postponed is repeated. Needs an engine, which can make a new offer.
    public var retry: WHEPRetryPolicy

    /// Creates options.
    public init(
        component: RingComponentID? = nil, power: RingPowerSource = .unknown, sendsOfferWithErrors: Bool = false,
        turnsActpassIntoPassive: Bool = false, acceptsCounterOffer: Bool = false,
        retry: WHEPRetryPolicy = WHEPRetryPolicy()
    ) {
        self.component = component
        self.power = power
        self.sendsOfferWithErrors = sendsOfferWithErrors
        self.turnsActpassIntoPassive = turnsActpassIntoPassive
        self.acceptsCounterOffer = acceptsCounterOffer
        self.retry = retry
    }
}

/// Whether a start that the server postponed is repeated with a new offer. By default it is not.
///
/// Applies to 409, 429, and 503 with an error object of Ring's: no session was opened. A start with an unknown outcome is
/// never repeated, because a camera may be streaming, and neither is an offer that was refused for its contents.
public struct WHEPRetryPolicy: Hashable, Sendable {
    /// The maximum number of offers, including the first. 1 never repeats.
    public var maximumOfferCount: Int
    /// The maximum single wait. A longer wait requested by the server ends the attempts.
    public var maximumDelay: Duration
    /// The wait when the server sends no `Retry-After`; `nil` does not repeat then.
    public var defaultDelay: Duration?

    /// Creates a policy.
    public init(maximumOfferCount: Int = 1, maximumDelay: Duration = .seconds(15), defaultDelay: Duration? = nil) {
        self.maximumOfferCount = max(1, maximumOfferCount)
        self.maximumDelay = maximumDelay
        self.defaultDelay = defaultDelay
    }

    /// How long to wait before offer number `next`, counted from 1; `nil` when there is none.
    func wait(before next: Int, after error: RingError) -> Duration? {
        guard next <= self.maximumOfferCount, [409, 429, 503].contains(error.status), error.delivery != .unknown else {
            return nil
        }
        // A device that is offline does not come back within seconds.
        let words = error.errors.flatMap { [$0.title, $0.detail] }.compactMap { $0?.lowercased() }
        guard !words.contains(where: { $0.contains("offline") }) else { return nil }
        guard let delay = error.retryAfter ?? self.defaultDelay.map({ $0 * (1 << min(next - 2, 8)) }) else {
            return nil
        }
        return delay <= self.maximumDelay ? delay : nil
    }
}
