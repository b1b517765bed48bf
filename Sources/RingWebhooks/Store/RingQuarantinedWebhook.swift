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
    package var attempts: Int
}

/// How many webhooks of a storage are in each state.
public struct RingWebhookCounts: Hashable, Sendable {
    /// Waiting for work, due or not.
    public var waiting: Int
    /// Being worked on.
    public var running: Int
    /// Done, and kept to recognise duplicates. More than a million are reported as a million.
    public var done: Int
    /// How far those that are done are counted.
    package static let maximumDone = 1_000_000
    /// Quarantined.
    public var quarantined: Int

    /// Creates a count.
    package init(waiting: Int = 0, running: Int = 0, done: Int = 0, quarantined: Int = 0) {
        self.waiting = waiting
        self.running = running
        self.done = done
        self.quarantined = quarantined
    }
}
