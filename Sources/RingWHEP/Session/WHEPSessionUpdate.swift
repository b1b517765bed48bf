/// News of a session: how much time is left, or that it ended.
public struct WHEPSessionUpdate: Hashable, Sendable {
    /// The time until the session is closed from this side; zero at the end.
    public var remaining: Duration
    /// Whether the end is near: warn the viewer, or start the next session.
    public var isEndingSoon: Bool
    /// Why the session ended; `nil` while it runs.
    public var endReason: WHEPEndReason?

    /// Creates an update.
    public init(remaining: Duration, isEndingSoon: Bool = false, endReason: WHEPEndReason? = nil) {
        self.remaining = remaining
        self.isEndingSoon = isEndingSoon
        self.endReason = endReason
    }
}
