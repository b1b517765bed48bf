public import RingCore

/// Where a still came from.
///
/// Wire: the header `X-Media-Origin`.
public struct RingMediaOrigin: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A frame of a video.
    public static let recording = Self(rawValue: "recording")
    /// A stored still.
    public static let snapshot = Self(rawValue: "snapshot")
}
