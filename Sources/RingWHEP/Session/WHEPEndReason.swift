public import RingCore

/// Why a session ended. A minor release may add reasons, so a `switch` needs a `default`.
public struct WHEPEndReason: RingOpenString {
    /// The reason in a stable word.
    public let rawValue: String
    /// Wraps any word.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The application closed it.
    public static let closed = Self(rawValue: "closed")
    /// Its time was up: Ring's limit less the margin, or the battery's budget.
    public static let deadline = Self(rawValue: "deadline")
    /// The task that used it was cancelled.
    public static let cancelled = Self(rawValue: "cancelled")
    /// The work with it failed, or its start did after the server had opened it.
    public static let failed = Self(rawValue: "failed")
    /// The next session of a chain took over.
    public static let replaced = Self(rawValue: "replaced")
    /// The process closes all its sessions.
    public static let shutdown = Self(rawValue: "shutdown")
    /// Another process took it over or closed it, since this process did not extend its lease in time.
    public static let takenOver = Self(rawValue: "taken_over")
    /// Nobody held it any more.
    public static let abandoned = Self(rawValue: "abandoned")
    /// It was handed over; whoever has its URL closes it.
    public static let detached = Self(rawValue: "detached")
}
