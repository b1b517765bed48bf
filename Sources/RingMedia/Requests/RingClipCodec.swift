public import RingCore

/// How the pictures of a clip are coded.
///
/// Wire: `video_options.codec`.
public struct RingClipCodec: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// H.264, which everything plays.
    public static let avc = Self(rawValue: "avc")
    /// H.265, smaller.
    public static let hevc = Self(rawValue: "hevc")
}
