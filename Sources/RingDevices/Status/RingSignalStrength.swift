public import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// How well a sensor's radio is heard.
///
/// Wire: `signal_strength.value`. Only `good` has been seen; the other words are guesses.
public struct RingSignalStrength: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Well heard.
    public static let good = Self(rawValue: "good")
    /// Heard.
    public static let fair = Self(rawValue: "fair")
    /// Hardly heard.
    public static let poor = Self(rawValue: "poor")

    internal static let known = JSONAPINames<Self>([.good, .fair, .poor])
}
