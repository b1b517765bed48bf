internal import RingHTTP

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
        // A `Date` has no exact nanoseconds: take the nearest 100 ns before cutting, or .5 may print as .499.
        var fraction = Int64(((bounded - Double(whole)) * 10_000_000).rounded()) * 100
        if fraction >= 1_000_000_000 { (whole, fraction) = (whole + 1, 0) }
        let (year, month, day) = RingCivilCalendar.date(days: RingCivilCalendar.floorDivide(whole, 86400))
        let second = whole - RingCivilCalendar.floorDivide(whole, 86400) * 86400
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
            fields.isAtEnd, (1...12).contains(month), day >= 1, day <= RingCivilCalendar.daysInMonth(month, of: year),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        let days = RingCivilCalendar.days(year: year, month: month, day: day)
        let seconds = days * 86400 + hour * 3600 + minute * 60 + second
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

    private static func padded(_ value: Int64, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }
}
