public import RingCore
public import RingJSONAPI

/// What Ring said to a request to play a sound.
public struct RingChimePlayback: Hashable, Sendable {
    /// How it went.
    ///
    /// Wire: `data.attributes.status`; `accepted` when the answer has no body, or none with a status.
    public var status: RingChimePlaybackStatus
    /// The answer as received; `nil` when it had no body.
    public var raw: JSONAPIValue?

    /// Creates an answer by hand, for tests.
    public init(status: RingChimePlaybackStatus, raw: JSONAPIValue? = nil) {
        self.status = status
        self.raw = raw
    }
}

/// How a request to play a sound went.
public struct RingChimePlaybackStatus: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The sound was played.
    public static let completed = Self(rawValue: "completed")
    /// Ring took the request and said no more.
    public static let accepted = Self(rawValue: "accepted")
}
