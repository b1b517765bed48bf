public import RingCore

/// A reading's unit as Ring spells it.
public struct RingReadingUnit: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Degrees Celsius.
    public static let celsius = Self(rawValue: "celsius")
    /// Degrees Fahrenheit.
    public static let fahrenheit = Self(rawValue: "fahrenheit")
    /// Percent.
    public static let percent = Self(rawValue: "percent")
    /// Parts per million.
    public static let partsPerMillion = Self(rawValue: "ppm")
    /// Micrograms per cubic metre.
    public static let microgramsPerCubicMeter = Self(rawValue: "ug_m3")

    /// The unit's symbol, the one Foundation's `Unit(symbol:)` and its dimensions use; an unknown spelling is its own.
    public var symbol: String {
        switch self.rawValue.lowercased() {
        case "celsius", "c", "°c", "degrees_celsius": return "°C"
        case "fahrenheit", "f", "°f", "degrees_fahrenheit": return "°F"
        case "kelvin", "k": return "K"
        case "percent", "percentage", "%", "%rh": return "%"
        case "ppm", "parts_per_million": return "ppm"
        case "ug_m3", "ug/m3", "µg/m³", "μg/m³", "micrograms_per_cubic_meter": return "µg/m³"
        default: return self.rawValue
        }
    }
}
