public import RingCore

/// The outcome of closing a session. Closing never throws, because it is used on error paths.
public enum WHEPCloseOutcome: Sendable {
    /// The server ended the session now.
    case closed
    /// It had ended before: the server no longer knows it (404, 410).
    case alreadyEnded
    /// It was handed over, and this side no longer closes it.
    case detached
    /// The server could not be told; the session runs until Ring's limit.
    case failed(RingError)

    /// Whether the session is certainly over.
    public var isOver: Bool {
        switch self {
        case .closed, .alreadyEnded: true
        case .detached, .failed: false
        }
    }

    /// Whether the camera may stream until Ring's limit, and this side is responsible for it.
    var mayStillRun: Bool {
        if case .failed = self { return true }
        return false
    }

    /// A stable word for logs.
    var word: String {
        switch self {
        case .closed: "closed"
        case .alreadyEnded: "already_ended"
        case .detached: "detached"
        case .failed(let error): error.code.rawValue
        }
    }
}

/// The result of closing all sessions of a process.
public struct WHEPCloseReport: Hashable, Sendable {
    /// The number of sessions that ended in time.
    public let closedCount: Int
    /// The number of sessions that could not be closed, or not in time. They may run until Ring's limit.
    public let notClosedCount: Int

    package init(closedCount: Int = 0, notClosedCount: Int = 0) {
        self.closedCount = closedCount
        self.notClosedCount = notClosedCount
    }
}
