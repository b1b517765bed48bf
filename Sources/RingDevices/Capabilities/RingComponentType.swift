public import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// What a component of a device is.
///
/// Wire: `component_type`.
public struct RingComponentType: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A lens with a picture of its own.
    public static let lens = Self(rawValue: "lens")

    internal static let known = JSONAPINames<Self>([.lens])
}
