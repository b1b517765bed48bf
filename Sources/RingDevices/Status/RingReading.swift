package import RingJSONAPI

/// A number that a sensor measured.
///
/// Wire: a number, `{value}` or `{value, unit}`; no source documents names and units, so nothing is assumed.
public struct RingReading: Hashable, Sendable, Codable {
    /// What was measured.
    public var kind: RingReadingKind
    /// The number, in ``unit``.
    public var value: Double
    /// The unit as Ring spells it; `nil` when the response has none.
    public var unit: RingReadingUnit?
    /// The reading as received; `nil` when the value was made by hand.
    package var raw: JSONAPIValue?

    private enum CodingKeys: String, CodingKey {
        case kind, value, unit
    }

    package init(kind: RingReadingKind, value: Double, unit: RingReadingUnit? = nil, raw: JSONAPIValue? = nil) {
        self.kind = kind
        self.value = value
        self.unit = unit
        self.raw = raw
    }

    /// The unit, or when Ring names none the one that clients of the API have assumed: °C, %, ppm, µg/m³.
    package var assumedUnit: RingReadingUnit? { self.unit ?? self.kind.usualUnit }

    /// The temperature in degrees Celsius, for `Measurement(value:unit: UnitTemperature.celsius)`.
    ///
    /// `nil` when the unit is none of temperature.
    public var celsius: Double? {
        switch self.assumedUnit?.symbol {
        case "°C": return self.value
        case "°F": return (self.value - 32) * 5 / 9
        case "K": return self.value - 273.15
        default: return nil
        }
    }

    /// The share in percent, 0 to 100; `nil` when the unit is not percent.
    package var percent: Double? { self.assumedUnit?.symbol == "%" ? self.value : nil }
}

extension RingReading {
    /// A reading, when the member has the form of one.
    internal init?(name: String, _ raw: JSONAPIValue) {
        switch raw.kind {
        case .number, .string:
            // A string alone may be anything: only one that is a number, under a name that is expected.
            let kind = RingReadingKind(rawValue: name)
            guard let value = raw.number, raw.kind == .number || RingReadingKind.anticipated.contains(kind) else {
                return nil
            }
            self.init(kind: kind, value: value, raw: raw)
        case .object:
            guard let value = raw["value"]?.number else { return nil }
            let unit = raw["unit"]?.string.map { RingReadingUnit(rawValue: $0) }
            self.init(kind: RingReadingKind(rawValue: name), value: value, unit: unit, raw: raw)
        case .null, .bool, .array: return nil
        }
    }
}
