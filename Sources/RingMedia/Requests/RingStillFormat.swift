public import RingCore

/// How a still is coded.
///
/// Wire: `image_options.format`.
public struct RingStillFormat: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// JPEG, which Ring sends unless asked otherwise.
    public static let jpeg = Self(rawValue: "jpeg")
    /// PNG, without loss, several times larger.
    public static let png = Self(rawValue: "png")
}
