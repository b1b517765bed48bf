public import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// A video codec as capabilities spell it; requests for clips use lower case: ``requestSpelling``.
///
/// Wire: `video.codecs`.
public struct RingVideoCodec: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// H.264.
    public static let avc = Self(rawValue: "AVC")
    /// H.265.
    public static let hevc = Self(rawValue: "HEVC")

    internal static let known = JSONAPINames<Self>([.avc, .hevc])

    /// The spelling that requests for clips use: `avc`, `hevc`.
    public var requestSpelling: String { self.rawValue.lowercased() }
}
