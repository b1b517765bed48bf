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
