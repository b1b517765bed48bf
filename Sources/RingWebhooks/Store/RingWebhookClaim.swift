#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// How many webhooks to take from a store, for whom, until when.
public struct RingWebhookClaim: Hashable, Sendable {
    /// How many at most.
    public var limit: Int
    /// Who takes them: a name no other running process has.
    public var owner: String
    /// The present moment.
    public var now: Date
    /// When others may take them.
    public var leaseUntil: Date

    /// Creates a claim.
    ///
    /// - Parameters:
    ///   - limit: How many at most.
    ///   - owner: Who takes them.
    ///   - now: The present moment.
    ///   - leaseUntil: When others may take them.
    public init(limit: Int, owner: String, now: Date, leaseUntil: Date) {
        self.limit = limit
        self.owner = owner
        self.now = now
        self.leaseUntil = leaseUntil
    }
}

/// How the work on a webhook ended; the list is closed.
public enum RingWebhookSettlement: Hashable, Sendable {
    /// It is done; its key is kept so that a repetition is recognised, its body is not.
    case done
    /// It is to be tried again at a moment, because of a reason.
    case retry(at: Date, reason: String)
    /// It was not worked on after all: it waits as before, and the attempt does not count.
    case givenBack
    /// It is not to be tried again by itself, because of a reason.
    case quarantined(reason: String)
}

/// How many webhooks of a store are in each state.
public struct RingWebhookCounts: Hashable, Sendable {
    /// Waiting for work, due or not.
    public var waiting: Int
    /// Being worked on, or left by a process that ended.
    public var running: Int
    /// Done, and kept to recognise repetitions.
    public var done: Int
    /// Set aside for a person to look at.
    public var quarantined: Int

    /// Creates a count.
    ///
    /// - Parameters:
    ///   - waiting: Waiting for work.
    ///   - running: Being worked on.
    ///   - done: Done.
    ///   - quarantined: Set aside.
    public init(waiting: Int = 0, running: Int = 0, done: Int = 0, quarantined: Int = 0) {
        self.waiting = waiting
        self.running = running
        self.done = done
        self.quarantined = quarantined
    }
}
