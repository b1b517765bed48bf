public import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// The event that a chime's slot belongs to.
///
/// Wire: `event` of a slot.
public struct RingChimeEvent: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// An app's first slot.
    public static let appstore1 = Self(rawValue: "ring-appstore-event-1")
    /// An app's second slot.
    public static let appstore2 = Self(rawValue: "ring-appstore-event-2")

    internal static let known = JSONAPINames<Self>([.appstore1, .appstore2])
}
