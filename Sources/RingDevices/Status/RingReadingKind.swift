public import RingCore

/// What a sensor measures, by its wire name.
///
/// Ring documents none of the names; these are what clients of the API expect, in every spelling they use.
public struct RingReadingKind: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Air temperature.
    public static let temperature = Self(rawValue: "temperature")
    /// Relative humidity of the air.
    public static let humidity = Self(rawValue: "humidity")
    /// Carbon monoxide in the air.
    public static let carbonMonoxide = Self(rawValue: "co")
    /// Fine dust in the air, up to 2.5 µm.
    public static let fineDust = Self(rawValue: "pm25")

    /// The names a status is expected to use; any other is reported as unknown.
    internal static let anticipated: Set<Self> = [
        .temperature, .humidity, .carbonMonoxide, .fineDust, Self(rawValue: "carbon_monoxide"), Self(rawValue: "pm2_5"),
    ]

    /// The unit that clients of the API assume when Ring names none.
    internal var usualUnit: RingReadingUnit? {
        switch self.rawValue {
        case "temperature": return .celsius
        case "humidity": return .percent
        case "co", "carbon_monoxide": return .partsPerMillion
        case "pm25", "pm2_5": return .microgramsPerCubicMeter
        default: return nil
        }
    }
}
