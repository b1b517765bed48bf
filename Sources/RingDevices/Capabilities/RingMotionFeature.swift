public import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// Something about motion that can be configured.
///
/// Wire: `motion_detection.configurations`.
public struct RingMotionFeature: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Whether motion is looked for.
    public static let enabled = Self(rawValue: "enabled")
    /// Where it is looked for.
    public static let motionZones = Self(rawValue: "motion_zones")

    internal static let known = JSONAPINames<Self>([.enabled, .motionZones])
}
