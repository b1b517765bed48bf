public import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// Something about the video that can be configured.
///
/// Wire: `video.configurations`.
public struct RingVideoFeature: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The size of the picture.
    public static let resolutionMode = Self(rawValue: "resolution_mode")

    internal static let known = JSONAPINames<Self>([.resolutionMode])
}
