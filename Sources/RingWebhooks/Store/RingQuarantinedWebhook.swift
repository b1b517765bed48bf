#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A webhook that Ring signed and that is not worked on by itself.
public struct RingQuarantinedWebhook: Hashable, Sendable {
    /// What names it; give it to ``RingWebhookInbox/release(_:)``.
    public var key: RingWebhookKey
    /// Why it is quarantined: a code of ``RingWebhookError`` and a sentence without secrets.
    public var reason: String
    /// The raw body as received; `nil` when the sealing key that it was stored with is not configured, or it is damaged.
    public var body: [UInt8]?
    /// When it arrived, by this machine's clock at that time.
    public var receivedAt: Date
    /// How often a handler began to work on it.
    public var attempts: Int

    /// Creates a value by hand, for tests.
    ///
    /// - Parameters:
    ///   - key: What names it.
    ///   - reason: Why it is quarantined.
    ///   - body: The raw body.
    ///   - receivedAt: When it arrived.
    ///   - attempts: How often a handler began to work on it.
    package init(key: RingWebhookKey, reason: String, body: [UInt8]?, receivedAt: Date, attempts: Int = 0) {
        self.key = key
        self.reason = reason
        self.body = body
        self.receivedAt = receivedAt
        self.attempts = attempts
    }
}
