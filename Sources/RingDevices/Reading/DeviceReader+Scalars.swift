@_spi(RingModels) internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Readings of single values: `null` is absent; another form than documented is understood where it can be, and noted.
extension DeviceReader {
    private static let switches = JSONAPINames(["on", "off", "true", "false"])

    /// A boolean. The strings of a switch are understood.
    internal mutating func bool(_ value: JSONAPICursor, _ path: String) -> Bool? {
        if let bool = value.bool { return bool }
        return self.oddSwitch(value, path)
    }

    /// A switch: `"on"` or `"off"`. A boolean is understood.
    internal mutating func `switch`(_ value: JSONAPICursor, _ path: String) -> Bool? {
        switch value.position(among: Self.switches) {
        case 0: return true
        case 1: return false
        default: return self.oddSwitch(value, path)
        }
    }

    @inline(never) private mutating func oddSwitch(_ value: JSONAPICursor, _ path: String) -> Bool? {
        guard !value.isNull else { return nil }
        if let position = value.position(among: Self.switches) {
            guard position >= 0 else {
                self.unknownValue(value, path)
                return nil
            }
            self.changedForm(value, path)
            return position % 2 == 0
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

    /// The moment of a number of milliseconds; `nil` beyond the year 9999, which no clock means.
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
