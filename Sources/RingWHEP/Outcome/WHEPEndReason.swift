public import RingCore

/// Why a session ended. A minor release may add reasons, so a `switch` needs a `default`.
public struct WHEPEndReason: RingOpenString {
    /// The reason as a stable word.
    public let rawValue: String
    /// Wraps any word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The application closed it.
    public static let closed = Self(rawValue: "closed")
    /// Its time was over: Ring's limit less the margin, or the battery budget.
    public static let deadline = Self(rawValue: "deadline")
    /// The task that used it was cancelled.
    public static let cancelled = Self(rawValue: "cancelled")
    /// The work with it failed, or its start failed after the server had opened it.
    public static let failed = Self(rawValue: "failed")
    /// The next session of a chain replaced it.
    public static let replaced = Self(rawValue: "replaced")
    /// The process closes all its sessions.
    public static let shutdown = Self(rawValue: "shutdown")
    /// Another process took it over or closed it, because this process did not extend its lease in time.
    public static let takenOver = Self(rawValue: "taken_over")
    /// The last reference to it was released.
    public static let abandoned = Self(rawValue: "abandoned")
    /// It was handed over. The new owner closes it by its URL.
    public static let detached = Self(rawValue: "detached")
}

/// The remaining time of a session, or its end.
public struct WHEPSessionUpdate: Hashable, Sendable {
    /// The time until the session is closed from this side; zero at the end.
    public let remaining: Duration
    /// Whether the end is near: warn the viewer, or start the next session.
    public let isEndingSoon: Bool
    /// Why the session ended; `nil` while it runs.
    public let endReason: WHEPEndReason?

    init(remaining: Duration, isEndingSoon: Bool, endReason: WHEPEndReason? = nil) {
        self.remaining = remaining
        self.isEndingSoon = isEndingSoon
        self.endReason = endReason
    }
}
