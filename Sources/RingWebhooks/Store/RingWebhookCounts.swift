/// How many webhooks of a storage are in each state.
public struct RingWebhookCounts: Hashable, Sendable {
    /// Waiting for work, due or not.
    public var waiting: Int
    /// Being worked on.
    public var running: Int
    /// Done, and kept to recognise duplicates.
    public var done: Int
    /// Quarantined.
    public var quarantined: Int

    /// Creates a count.
    ///
    /// - Parameters:
    ///   - waiting: Waiting for work.
    ///   - running: Being worked on.
    ///   - done: Done.
    ///   - quarantined: Quarantined.
    package init(waiting: Int = 0, running: Int = 0, done: Int = 0, quarantined: Int = 0) {
        self.waiting = waiting
        self.running = running
        self.done = done
        self.quarantined = quarantined
    }
}
