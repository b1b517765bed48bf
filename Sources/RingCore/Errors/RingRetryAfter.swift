#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

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

extension String {
    /// Without spaces and tabs at the ends.
    package var trimmed: String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
