public import RingCore

/// What one session asks for.
public struct WHEPSessionOptions: Hashable, Sendable {
    /// The lens of a multi-camera device. Wire: query `component_id`.
    public var component: RingComponentID?
    /// How the camera is powered.
    public var power: RingPowerSource
    /// Whether an offer is sent in spite of errors that the check found.
    public var sendsOfferWithErrors: Bool
    /// What the answer check may do beyond the safe repairs.
    public var answerPolicy: SDPAnswerPolicy
    /// Whether a counter-offer (406) is answered, when the engine can. Ring documents none.
    public var acceptsCounterOffer: Bool
    /// Whether a start that the server put off is tried again; needs an engine, which can make a new offer.
    public var retry: WHEPRetryPolicy

    /// Creates options.
    public init(
        component: RingComponentID? = nil, power: RingPowerSource = .unknown, sendsOfferWithErrors: Bool = false,
        answerPolicy: SDPAnswerPolicy = SDPAnswerPolicy(), acceptsCounterOffer: Bool = false,
        retry: WHEPRetryPolicy = .never
    ) {
        self.component = component
        self.power = power
        self.sendsOfferWithErrors = sendsOfferWithErrors
        self.answerPolicy = answerPolicy
        self.acceptsCounterOffer = acceptsCounterOffer
        self.retry = retry
    }
}
