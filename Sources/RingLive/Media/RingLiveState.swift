/// How far a live session is.
public enum RingLiveState: Sendable, Hashable {
    /// ICE and DTLS are under way.
    case connecting
    /// The connection is there; the first key frame has not come.
    case connected
    /// Pictures arrive.
    case receiving
    /// The session is over. The error is `nil` after an end without failure: it was closed, or its time was over.
    case ended(RingLiveError?)

    /// Whether the session is over.
    public var isEnd: Bool {
        if case .ended = self { return true }
        return false
    }
}
