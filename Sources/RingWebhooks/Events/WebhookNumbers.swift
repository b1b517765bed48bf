internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension Duration {
    /// The length in seconds, for arithmetic with dates.
    var timeInterval: TimeInterval {
        TimeInterval(self.components.seconds) + TimeInterval(self.components.attoseconds) / 1e18
    }

    /// Whole microseconds, kept within what the number can hold.
    var microseconds: Int64 {
        let (seconds, attoseconds) = self.components
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return overflows ? (seconds < 0 ? .min : .max) : product.adding(attoseconds / 1_000_000_000_000)
    }
}

extension Int64 {
    /// The moment after a duration, in microseconds, kept within what the number can hold.
    func adding(_ duration: Duration) -> Int64 { self.adding(duration.microseconds) }

    fileprivate func adding(_ other: Int64) -> Int64 {
        let (sum, overflows) = self.addingReportingOverflow(other)
        return overflows ? (other < 0 ? .min : .max) : sum
    }
}

extension Date {
    /// Whole milliseconds since 1970, kept within what the number can hold.
    var epochMilliseconds: Int64 {
        let milliseconds = (self.timeIntervalSince1970 * 1_000).rounded()
        return Int64(exactly: milliseconds) ?? (milliseconds < 0 ? .min : .max)
    }
}

extension JSONAPILimits {
    /// The limits of a webhook, with another length.
    static func webhook(bytes: Int) -> Self {
        var limits = RingWebhookEvent.limits
        limits.bytes = bytes
        return limits
    }
}
