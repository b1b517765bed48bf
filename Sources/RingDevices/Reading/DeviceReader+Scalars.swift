@_spi(RingModels) internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Readings of single values: `null` is absent; another form than documented is understood where it can be, and noted.
extension DeviceReader {
    private enum Switch: String, CaseIterable {
        case on, off, `true`, `false`

        var isOn: Bool { self == .on || self == .true }
    }
    private static let switches = JSONAPINames<Switch>()

    /// A boolean. The strings of a switch are understood.
    internal mutating func bool(_ value: JSONAPICursor, _ path: String) -> Bool? {
        if let bool = value.bool { return bool }
        return self.oddSwitch(value, path)
    }

    /// A switch: `"on"` or `"off"`. A boolean is understood.
    internal mutating func `switch`(_ value: JSONAPICursor, _ path: String) -> Bool? {
        switch value.name(among: Self.switches) {
        case .on: return true
        case .off: return false
        case .true, .false, nil: return self.oddSwitch(value, path)
        }
    }

    @inline(never) private mutating func oddSwitch(_ value: JSONAPICursor, _ path: String) -> Bool? {
        guard !value.isNull else { return nil }
        if let word = value.name(among: Self.switches) {
            self.changedForm(value, path)
            return word.isOn
        }
        if value.isString {
            self.unknownValue(value, path)
            return nil
        }
        self.changedForm(value, path)
        return value.bool
    }

    /// A text. A number is understood as its digits.
    internal mutating func text(_ value: JSONAPICursor, _ path: String) -> String? {
        if let string = value.string { return string }
        if !value.isNull { self.changedForm(value, path) }
        return value.numberText
    }

    /// A whole number. A decimal string, or a fraction, is understood as the nearest one.
    internal mutating func integer(_ value: JSONAPICursor, _ path: String) -> Int? {
        if let number = value.int64 { return Int(exactly: number) }
        guard !value.isNull else { return nil }
        self.changedForm(value, path)
        if let number = value.integer { return Int(exactly: number) }
        return value.number.flatMap { Int(exactly: $0.rounded()) }
    }

    /// A number. A numeric string is understood.
    internal mutating func double(_ value: JSONAPICursor, _ path: String) -> Double? {
        if let number = value.double { return number }
        guard !value.isNull else { return nil }
        self.changedForm(value, path)
        return value.number
    }

    /// A moment as an ISO 8601 string. Epoch milliseconds or seconds are understood.
    internal mutating func date(_ value: JSONAPICursor, _ path: String) -> Date? {
        if let date = value.date { return date }
        guard !value.isNull else { return nil }
        self.changedForm(value, path)
        return Self.epoch(value)
    }

    /// A moment as epoch milliseconds, a number or a string of digits. An ISO 8601 string is understood.
    internal mutating func moment(_ value: JSONAPICursor, _ path: String) -> Date? {
        if let number = value.integer { return Self.epoch(milliseconds: number) }
        guard !value.isNull else { return nil }
        self.changedForm(value, path)
        return value.date ?? Self.epoch(value)
    }

    /// The moment of a number of milliseconds; `nil` beyond the year 9999, which is no plausible time.
    internal static func epoch(milliseconds: Int64) -> Date? {
        guard abs(Double(milliseconds)) < 253_402_300_800_000 else { return nil }
        return Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    }

    /// Numbers below 10¹¹ are seconds (until the year 5138), larger ones milliseconds (since 1973).
    private static func epoch(_ value: JSONAPICursor) -> Date? {
        guard let number = value.number else { return nil }
        let seconds = abs(number) < 100_000_000_000 ? number : number / 1000
        return abs(seconds) < 253_402_300_800 ? Date(timeIntervalSince1970: seconds) : nil
    }
}
