public import RingCore

extension RingError.Code {
    /// The SDP offer cannot work; nothing was sent. The cause is an ``SDPCheckError``.
    public static let unusableOffer = Self("unusable_offer")
    /// Ring's SDP answer cannot be used, and the session was closed. The cause is an ``SDPError`` or ``SDPCheckError``.
    public static let unusableAnswer = Self("unusable_answer")
    /// Ring responded with an offer of its own, which was not answered.
    public static let counterOffered = Self("counter_offered")
    /// The governor allows no further session on this device or in this process now.
    public static let liveSessionBusy = Self("live_session_busy", isTransient: true)
    /// The live video budget of the battery device is used up for this hour.
    public static let liveBudgetSpent = Self("live_budget_spent", isTransient: true)
    /// The session ended before the work with it did.
    public static let liveSessionEnded = Self("live_session_ended")
    /// This process closes all its live sessions and opens no further ones.
    public static let liveShutDown = Self("live_shut_down")
    /// The server does not accept ICE changes for this session.
    public static let iceUpdateUnsupported = Self("ice_update_unsupported")
}

extension RingError {
    /// Why the live session ended, when this error reports that it did: `shutdown` when the process closes all of them.
    public var liveEndReason: WHEPEndReason? { (self.cause as? SessionEndedError)?.reason }

    static func liveShutDown() -> RingError {
        RingError(
            code: .liveShutDown, message: "live video is shutting down in this process; no further session is opened",
            operation: .startLive, cause: SessionEndedError(reason: .shutdown))
    }

    static func liveSessionEnded(_ reason: WHEPEndReason?) -> RingError {
        RingError(
            code: .liveSessionEnded,
            message: "the live session ended (\(reason?.rawValue ?? "unknown")) before the work with it did; "
                + "open another one, or use a chain", operation: .endLive, delivery: .responded,
            cause: reason.map(SessionEndedError.init))
    }
}

/// Why there is no live session any more: the cause of a `RingError` with `liveSessionEnded` or `liveShutDown`.
private struct SessionEndedError: Error, CustomStringConvertible {
    let reason: WHEPEndReason

    var description: String { "live session ended: \(self.reason.rawValue)" }
}
