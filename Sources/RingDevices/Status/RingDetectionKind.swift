public import RingCore

/// What a detection looks for, by its wire name without `_detection`.
///
/// Wire: the members of a status or of capabilities that end in `_detection`, and `co_detection_listener`.
public struct RingDetectionKind: RingOpenString, CodingKeyRepresentable {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// A door or window that opens. Wire: `contact_detection`.
    public static let contact = Self(rawValue: "contact")
    /// Water where none should be. Wire: `flood_detection`.
    public static let flood = Self(rawValue: "flood")
    /// Frost. Wire: `freeze_detection`.
    public static let freeze = Self(rawValue: "freeze")
    /// Tampering with the sensor's case. Wire: `tamper_detection`.
    public static let tamper = Self(rawValue: "tamper")
    /// Smoke. Wire: `smoke_detection`.
    public static let smoke = Self(rawValue: "smoke")
    /// The sound of a carbon monoxide alarm. Wire: `co_detection_listener`.
    public static let carbonMonoxideAlarm = Self(rawValue: "co")
    /// Breaking glass. Wire: `glass_break_detection`.
    public static let glassBreak = Self(rawValue: "glass_break")

    /// The kinds that Ring's documents name.
    package static let documented: Set<Self> = [
        .contact, .flood, .freeze, .tamper, .smoke, .carbonMonoxideAlarm, .glassBreak,
    ]

    /// Makes a kind of a member's name.
    internal init(wireName: String) {
        for suffix in ["_detection_listener", "_detection"] where wireName.hasSuffix(suffix) {
            self.init(rawValue: String(wireName.dropLast(suffix.count)))
            return
        }
        self.init(rawValue: wireName)
    }
}
