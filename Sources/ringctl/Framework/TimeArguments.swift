import FoundationEssentials
import RingCore
import RingJSONAPI

/// Times and durations as the command line spells them.
enum TimeArguments {
    /// A moment: epoch milliseconds, ISO 8601, or relative to now (`-10m`, `+5s`).
    ///
    /// - Throws: `UsageError` when it is none of these.
    static func moment(_ text: String, flag: String, now: Date) throws -> Date {
        if let first = text.first, first == "-" || first == "+", let last = text.last, last.isLetter {
            let offset = try self.duration(String(text.dropFirst()), flag: flag)
            let seconds = Double(offset.components.seconds) + Double(offset.components.attoseconds) / 1e18
            return first == "-" ? now - seconds : now + seconds
        }
        if let milliseconds = Int64(text), milliseconds >= 0 {
            return Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
        }
        if let date = JSONAPITime.parse(text) { return date }
        throw UsageError(
            "\(flag) takes epoch milliseconds, an ISO 8601 time such as 2026-11-18T11:06:40Z, or a relative one such as -10m"
        )
    }

    /// A length: `500ms`, `10s`, `2m`, `1h`.
    ///
    /// - Throws: `UsageError` when it is none.
    static func duration(_ text: String, flag: String) throws -> Duration {
        let number = text.prefix { $0.isNumber || $0 == "." }
        let scales: [Substring: Double] = ["ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let value = Double(number), value.isFinite, let scale = scales[text[number.endIndex...]],
            value * scale <= 1e13
        else { throw UsageError("\(flag) takes a duration such as 500ms, 10s or 2m") }
        return .milliseconds(Int64((value * scale).rounded()))
    }
}

extension Date {
    /// Epoch milliseconds, for the wire and for JSON results, kept within what the number can hold.
    var epochMilliseconds: Int64 {
        let milliseconds = (self.timeIntervalSince1970 * 1_000).rounded()
        return Int64(exactly: milliseconds) ?? (milliseconds < 0 ? .min : .max)
    }
}
