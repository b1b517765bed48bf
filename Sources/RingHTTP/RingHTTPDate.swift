#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Reads and writes HTTP-dates (RFC 9110 section 5.6.7).
package enum RingHTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    private static let longWeekdays = [
        "Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday",
    ]

    /// Reads any of the three forms. The name of the weekday is not compared with the date.
    ///
    /// - Parameter now: A year of two digits is the one with these digits that is at most 50 years after it.
    /// - Returns: The moment, or `nil` when the text is no HTTP-date.
    package static func parse(_ text: String, now: Date) -> Date? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard let weekday = parts.first else { return nil }
        let isLong = weekday.hasSuffix(",")
        switch parts.count {
        // Sun, 06 Nov 1994 08:49:37 GMT
        case 6 where isLong && parts[5] == "GMT":
            guard Self.weekdays.contains(String(weekday.dropLast())) else { return nil }
            return Self.number(parts[3], digits: 4).flatMap { Self.date($0, parts[2], parts[1], parts[4]) }
        // Sunday, 06-Nov-94 08:49:37 GMT
        case 4 where isLong && parts[3] == "GMT":
            let day = parts[1].split(separator: "-", omittingEmptySubsequences: false)
            guard Self.longWeekdays.contains(String(weekday.dropLast())), day.count == 3,
                let year = Self.number(day[2], digits: 2)
            else { return nil }
            return Self.latest(year, now: now) { Self.date($0, day[1], day[0], parts[2]) }
        // Sun Nov  6 08:49:37 1994
        case 5 where !parts[2].isEmpty, 6 where parts[2].isEmpty:
            guard Self.weekdays.contains(String(weekday)), let year = Self.number(parts[parts.count - 1], digits: 4)
            else { return nil }
            let day = parts[parts.count - 3]
            return Self.date(year, parts[1], parts.count == 6 ? "0" + day : day, parts[parts.count - 2])
        default: return nil
        }
    }

    /// The latest date of a year with the two digits that is not more than 50 years in the future (RFC 9110 section 5.6.7).
    private static func latest(_ digits: Int64, now: Date, _ date: (Int64) -> Date?) -> Date? {
        let today = RingCivilCalendar.date(days: Int64((now.timeIntervalSince1970 / 86_400).rounded(.down)))
        let limit = RingCivilCalendar.days(year: today.year + 50, month: today.month, day: today.day + 1)
        let first = today.year - today.year % 100 + 100 + digits
        return [first, first - 100, first - 200].lazy.compactMap(date)
            .first { $0.timeIntervalSince1970 < Double(limit) * 86_400 }
    }

    private static func date(
        _ year: Int64, _ month: some StringProtocol, _ day: some StringProtocol, _ time: Substring
    ) -> Date? {
        let clock = time.split(separator: ":", omittingEmptySubsequences: false).compactMap {
            Self.number($0, digits: 2)
        }
        guard let month = Self.months.firstIndex(of: String(month)).map({ Int64($0 + 1) }),
            let day = Self.number(day, digits: 2), (1...RingCivilCalendar.daysInMonth(month, of: year)).contains(day),
            time.utf8.count == 8, clock.count == 3, clock[0] < 24, clock[1] < 60, clock[2] <= 60
        else { return nil }
        let days = RingCivilCalendar.days(year: year, month: month, day: day)
        return Date(timeIntervalSince1970: Double(days * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]))
    }

    private static func number(_ text: some StringProtocol, digits: Int) -> Int64? {
        text.utf8.count == digits ? String(text).decimalNumber : nil
    }

    /// Writes the preferred form: `Sun, 06 Nov 1994 08:49:37 GMT`.
    package static func format(_ date: Date) -> String {
        let seconds = Int64(date.timeIntervalSince1970.rounded(.down))
        let days = RingCivilCalendar.floorDivide(seconds, 86_400)
        let time = seconds - days * 86_400
        let (year, month, day) = RingCivilCalendar.date(days: days)
        let weekday = Self.weekdays[Int(days - RingCivilCalendar.floorDivide(days, 7) * 7)]
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(weekday), \(two(day)) \(Self.months[Int(month) - 1]) \(year) "
            + "\(two(time / 3_600)):\(two(time / 60 % 60)):\(two(time % 60)) GMT"
    }
}

/// Reads `Retry-After` (RFC 9110 section 10.2.3): seconds or an HTTP-date.
package enum RingRetryAfter {
    /// The longest wait that is believed: a day. A longer one is reported as this.
    package static let longest = Duration.seconds(86_400)

    /// Reads it from a response. When the field is repeated, such as by a gateway that adds its own, every value has to be waited
    /// for.
    package static func parse(_ fields: RingHTTPFields, now: Date) -> Duration? {
        fields[values: .retryAfter].compactMap { Self.parse($0, now: now) }.max()
    }

    /// - Returns: How long to wait from `now`, never negative and never above ``longest``; `nil` when the field is
    ///   absent or is neither (`-5`, `1.5`, `0x10`, `1e3`, words).
    package static func parse(_ field: String?, now: Date) -> Duration? {
        guard let text = field?.trimmed, !text.isEmpty else { return nil }
        if text.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) {
            return min(.seconds(text.decimalNumber ?? .max), Self.longest)
        }
        guard let date = RingHTTPDate.parse(text, now: now) else { return nil }
        return min(.seconds(max(date.timeIntervalSince(now), 0)), Self.longest)
    }
}
