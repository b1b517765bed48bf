#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// How the work on a webhook ended; the list is closed.
public enum RingWebhookSettlement: Hashable, Sendable {
    /// It is done; its key is kept so that a repetition is recognised, its body is not.
    case done
    /// It is tried again at a moment, because of a reason.
    case retry(at: Date, reason: String)
    /// It was not worked on: it waits as before, and the attempt does not count.
    case givenBack
    /// It is not tried again by itself, because of a reason.
    case quarantined(reason: String)
}
