#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// An event handed to a handler, at least once.
public struct RingWebhookDelivery: Hashable, Sendable {
    /// What names the event across repetitions. Keep it with the effect, in one transaction, to have the effect once.
    public var key: RingWebhookKey
    /// The event.
    public var event: RingWebhookEvent
    /// Which attempt this is, from 1. A later one may follow a failure, a crash in the middle, or a lease that ended.
    public var attempt: Int
    /// When it arrived, by this machine's clock. Compare Ring's own times with ``ringTime`` instead.
    public var receivedAt: Date
    /// When it happened, by Ring's clock: the time of the event, else the time it was sent. `nil` when it has neither.
    public var ringTime: Date? { self.event.occurredAt ?? self.event.sentAt }

    /// Creates a delivery by hand, for tests.
    ///
    /// - Parameters:
    ///   - key: What names the event.
    ///   - event: The event.
    ///   - attempt: Which attempt this is, from 1.
    ///   - receivedAt: When it arrived.
    public init(key: RingWebhookKey, event: RingWebhookEvent, attempt: Int, receivedAt: Date) {
        self.key = key
        self.event = event
        self.attempt = attempt
        self.receivedAt = receivedAt
    }
}

/// Works on events. After a thrown error it is called later once more; after a `RingWebhookError` with code
/// `handler_refused` it is not, and the event is quarantined.
public typealias RingWebhookHandler = @Sendable (RingWebhookDelivery) async throws -> Void

extension RingWebhookError {
    /// The error that a handler throws to have an event quarantined at once instead of retried.
    ///
    /// - Parameter reason: Why, in a sentence without secrets.
    /// - Returns: An error with code `handler_refused`.
    public static func refused(_ reason: String) -> Self { Self(code: .handlerRefused, message: reason) }
}
