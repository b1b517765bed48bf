#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Reads and writes HTTP-dates (RFC 9110 section 5.6.7).
package enum RingHTTPDate {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

    /// Reads any of the three forms.
    ///
    /// - Returns: The moment, or `nil` when the text is no HTTP-date.
    package static func parse(_ text: String) -> Date? {
        // Sun, 06 Nov 1994 08:49:37 GMT · Sunday, 06-Nov-94 08:49:37 GMT · Sun Nov  6 08:49:37 1994
        let parts = text.split { $0 == " " || $0 == "," || $0 == "-" }.map(String.init)
        guard parts.count >= 5 else { return nil }
        let isAsctime = Self.months.contains(parts[1])
        guard isAsctime || parts.count == 6, isAsctime || parts[5] == "GMT" else { return nil }
        let (day, month, year, time) =
            isAsctime ? (parts[2], parts[1], parts[4], parts[3]) : (parts[1], parts[2], parts[3], parts[4])
        guard let dayNumber = Int(day), (1...31).contains(dayNumber),
            let monthIndex = Self.months.firstIndex(of: month),
            var yearNumber = Int(year), (0...9999).contains(yearNumber)
        else { return nil }
        if year.count == 2 { yearNumber += yearNumber < 70 ? 2000 : 1900 }
        let clock = time.split(separator: ":").compactMap { Int($0) }
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        let days = RingCivilCalendar.days(year: Int64(yearNumber), month: Int64(monthIndex + 1), day: Int64(dayNumber))
        let seconds = Int(days) * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
        return Date(timeIntervalSince1970: Double(seconds))
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

    /// - Returns: How long to wait from `now`, never negative and never above ``longest``; `nil` when the field is
    ///   absent or says nothing usable (`inf`, `nan`, words).
    package static func parse(_ field: String?, now: Date) -> Duration? {
        guard let text = field?.trimmed, !text.isEmpty else { return nil }
        if let seconds = Double(text) {
            // A number with more digits than a `Double` holds is absurd, but it is one; `inf` and `nan` are not.
            guard seconds.isFinite else { return text.utf8.allSatisfy { $0 &- 0x30 < 10 } ? Self.longest : nil }
            return .seconds(min(max(seconds, 0), 86_400))
        }
        guard let date = RingHTTPDate.parse(text) else { return nil }
        return .seconds(min(max(date.timeIntervalSince(now), 0), 86_400))
    }
}
