public import RingCore

/// What closing a session came to. Closing never throws: it stands on error paths.
public enum WHEPCloseOutcome: Sendable {
    /// The server ended the session now.
    case closed
    /// It had ended before: the server no longer knows it (404, 410).
    case alreadyEnded
    /// It was handed over and is no longer this side's to close.
    case detached
    /// The server could not be told; the session runs until Ring's limit.
    case failed(RingError)

    /// Whether the session is surely over.
    public var isOver: Bool {
        switch self {
        case .closed, .alreadyEnded: true
        case .detached, .failed: false
        }
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
