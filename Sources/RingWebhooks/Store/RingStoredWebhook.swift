#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One webhook as a store keeps it: the raw body and what is needed to work on it.
public struct RingStoredWebhook: Hashable, Sendable {
    /// What names it; a store keeps no two with one key.
    public var key: RingWebhookKey
    /// Webhooks of one lane are worked on one after the other, in the order of ``position``; `nil` is free of order.
    public var lane: String?
    /// Its place in its lane: the event's time in epoch milliseconds, else that of its arrival.
    public var position: Int64
    /// The raw body as received. Empty once the work on it is done.
    public var body: [UInt8]
    /// When it arrived.
    public var receivedAt: Date
    /// How often work on it has begun; counted before each beginning, so that a crash counts too.
    public var attempts: Int
    /// Why it is quarantined, or why the last attempt failed: a code and a sentence without secrets.
    public var reason: String?

    /// Creates a stored webhook.
    ///
    /// - Parameters:
    ///   - key: What names it.
    ///   - lane: The lane it is worked on in.
    ///   - position: Its place in its lane.
    ///   - body: The raw body.
    ///   - receivedAt: When it arrived.
    ///   - attempts: How often work on it has begun.
    ///   - reason: Why it is quarantined, or the last attempt failed.
    public init(
        key: RingWebhookKey, lane: String? = nil, position: Int64, body: [UInt8], receivedAt: Date, attempts: Int = 0,
        reason: String? = nil
    ) {
        self.key = key
        self.lane = lane
        self.position = position
        self.body = body
        self.receivedAt = receivedAt
        self.attempts = attempts
        self.reason = reason
    }
}
