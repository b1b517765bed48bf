public import RingCore

/// Why there is no live session any more: the cause of a `RingError` with `liveSessionEnded` or `liveShutDown`.
public struct WHEPSessionEndedError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Why the session ended.
    public var reason: WHEPEndReason

    /// Creates an error.
    public init(reason: WHEPEndReason) { self.reason = reason }

    /// The reason in a word.
    public var description: String { "live session ended: \(self.reason.rawValue)" }
}

extension RingError {
    /// Why the live session ended, when this error reports that it did: `shutdown` when the process closes all of them.
    public var liveEndReason: WHEPEndReason? { (self.cause as? WHEPSessionEndedError)?.reason }

    static func liveShutDown() -> RingError {
        RingError(
            code: .liveShutDown, message: "live video is shutting down in this process; no session is opened any more",
            operation: .startLive, cause: WHEPSessionEndedError(reason: .shutdown))
    }

    static func liveSessionEnded(_ reason: WHEPEndReason?) -> RingError {
        RingError(
            code: .liveSessionEnded,
            message: "the live session ended (\(reason?.rawValue ?? "unknown")) before the work with it did; "
                + "open another one, or use a chain", operation: .endLive, delivery: .answered,
            cause: reason.map(WHEPSessionEndedError.init))
    }
}
