#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Moments as JSON:API documents write them: ISO 8601 in the profile of RFC 3339.
public enum JSONAPITime: Sendable {
    /// Reads `2026-11-18T11:10:00Z`, with 0 to 9 fractional digits and `Z` or an offset such as `+01:00`.
    ///
    /// `nil` for everything else: a date alone, a time without a zone, the 30th of February. A leap second (`:60`) is
    /// the first moment of the next minute.
    public static func parse(_ text: String) -> Date? {
        var text = text
        return text.withUTF8 { unsafe self.parse($0) }
    }

    /// Writes a moment in UTC, ending in `Z`.
    ///
    /// - Parameters:
    ///   - date: The moment. Before year 0 and after 9999 the nearest representable second is written.
    ///   - fractionDigits: How many digits follow the second, 0 to 9; further ones are cut, not rounded.
    public static func format(_ date: Date, fractionDigits: Int = 0) -> String {
        let seconds = date.timeIntervalSince1970
        let bounded = seconds.isNaN ? 0 : min(max(seconds, -62_167_219_200), 253_402_300_799)
        var whole = Int64(bounded.rounded(.down))
        let scales: [Int64] = [
            1, 10, 100, 1000, 10000, 100_000, 1_000_000, 10_000_000, 100_000_000, 1_000_000_000,
        ]
        let count = min(max(fractionDigits, 0), 9)
        // A `Date` cannot tell nanoseconds: take the nearest 100 ns before cutting, or .5 may print as .499.
        var fraction = Int64(((bounded - Double(whole)) * 10_000_000).rounded()) * 100
        if fraction >= 1_000_000_000 { (whole, fraction) = (whole + 1, 0) }
        let (year, month, day) = self.civil(days: self.floorDivide(whole, 86400))
        let second = whole - self.floorDivide(whole, 86400) * 86400
        var text = self.padded(year, 4) + "-" + self.padded(month, 2) + "-" + self.padded(day, 2) + "T"
        text += self.padded(second / 3600, 2) + ":" + self.padded(second / 60 % 60, 2) + ":"
        text += self.padded(second % 60, 2)
        if count > 0 { text += "." + self.padded(fraction / scales[9 - count], count) }
        return text + "Z"
    }

    internal static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Date? {
        var fields = unsafe Fields(text: text)
        guard let year = fields.digits(4), fields.take("-"), let month = fields.digits(2), fields.take("-"),
            let day = fields.digits(2), fields.take("T") || fields.take("t") || fields.take(" "),
            let hour = fields.digits(2), fields.take(":"), let minute = fields.digits(2), fields.take(":"),
            let second = fields.digits(2), let fraction = fields.fraction(), let offset = fields.offset(),
            fields.isAtEnd, (1...12).contains(month), day >= 1, day <= self.days(in: month, of: year),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        let seconds = self.days(year: year, month: month, day: day) * 86400 + hour * 3600 + minute * 60 + second
        return Date(timeIntervalSince1970: Double(seconds - offset) + fraction)
    }

    /// The parts of a time's text, one after the other. `@safe`: lives inside `parse`, which holds the text.
    @safe
    private struct Fields {
        private let text: UnsafeBufferPointer<UInt8>
        private let count: Int
        private var at = 0

        init(text: UnsafeBufferPointer<UInt8>) {
            unsafe self.text = text
            self.count = text.count
        }

        var isAtEnd: Bool { self.at == self.count }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard self.at < self.count, unsafe UInt32(self.text[self.at]) == character.value else { return false }
            self.at += 1
            return true
        }

        mutating func digit() -> Int64? {
            guard self.at < self.count else { return nil }
            let digit = unsafe self.text[self.at] &- 0x30
            guard digit < 10 else { return nil }
            self.at += 1
            return Int64(digit)
        }

        mutating func digits(_ count: Int) -> Int64? {
            var value: Int64 = 0
            for _ in 0..<count {
                guard let digit = self.digit() else { return nil }
                value = value * 10 + digit
            }
            return value
        }

        mutating func fraction() -> Double? {
            guard self.take(".") else { return 0 }
            var (value, scale) = (0.0, 1.0)
            let start = self.at
            while let digit = self.digit() { (value, scale) = (value * 10 + Double(digit), scale * 10) }
            return (1...9).contains(self.at - start) ? value / scale : nil
        }

        mutating func offset() -> Int64? {
            if self.take("Z") || self.take("z") { return 0 }
            let isNegative = self.take("-")
            guard isNegative || self.take("+"), let hours = self.digits(2) else { return nil }
            _ = self.take(":")
            guard let minutes = self.digits(2), hours < 24, minutes < 60 else { return nil }
            return (isNegative ? -1 : 1) * (hours * 3600 + minutes * 60)
        }
    }

    private static func days(in month: Int64, of year: Int64) -> Int64 {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 2 ? (isLeap ? 29 : 28) : month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar; years start in March, so leap days come last.
    private static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
        let year = month <= 2 ? year - 1 : year
        let era = self.floorDivide(year, 400)
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        return era * 146097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719468
    }

    private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719468
        let era = self.floorDivide(shifted, 146097)
        let dayOfEra = shifted - era * 146097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * month + 2) / 5 + 1
        return (yearOfEra + era * 400 + (month >= 10 ? 1 : 0), month < 10 ? month + 3 : month - 9, day)
    }

    private static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
        value >= 0 ? value / divisor : -((divisor - 1 - value) / divisor)
    }

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
