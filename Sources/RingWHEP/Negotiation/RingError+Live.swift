public import RingCore

extension RingError.Code {
    /// The SDP offer cannot work; nothing was sent. The cause is a ``WHEPOfferError``.
    public static let unusableOffer = Self("unusable_offer")
    /// Ring's SDP answer cannot be used, and the session was closed. The cause is an ``SDPError`` or
    /// ``SDPAnswerError``.
    public static let unusableAnswer = Self("unusable_answer")
    /// Ring answered with an offer of its own, and nobody can answer that.
    public static let counterOffered = Self("counter_offered")
    /// The governor allows no further session on this device or in this process now.
    public static let liveSessionBusy = Self("live_session_busy")
    /// The battery's live video budget of this hour is spent.
    public static let liveBudgetSpent = Self("live_budget_spent")
    /// The session ended before the work with it did.
    public static let liveSessionEnded = Self("live_session_ended")
    /// This process closes all its live sessions and opens no further ones.
    public static let liveShutDown = Self("live_shut_down")
    /// The server does not take ICE changes for this session.
    public static let iceUpdateUnsupported = Self("ice_update_unsupported")
}
