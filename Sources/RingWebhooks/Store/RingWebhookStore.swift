#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Where an inbox keeps webhooks between Ring's delivery and the end of the work on them.
///
/// A webhook is *waiting*, then *running* under a lease, then *done*; or it is *quarantined*. A store may be shared by
/// processes: whoever claims a webhook holds it until the lease ends, and only the holder may settle it. Pass
/// `WebhookStoreConformance` of `RingTesting` with an engine of your own.
public protocol RingWebhookStore: Sendable {
    /// Keeps a webhook durably, unless one with its key was kept before, in whatever state.
    ///
    /// - Parameters:
    ///   - webhook: What arrived.
    ///   - isQuarantined: Whether to quarantine it instead of letting it wait for work.
    /// - Returns: False for a duplicate; nothing was changed then.
    /// - Throws: Any error when it is not on the disk: Ring is then asked to try again.
    func save(_ webhook: RingStoredWebhook, isQuarantined: Bool) async throws -> Bool

    /// Takes webhooks to work on: those that are due, longest due first, and those whose lease ended.
    ///
    /// Of each lane only the first unsettled one is taken, and none while one of the lane is running. Each taken one has
    /// its attempts raised by one.
    ///
    /// - Parameter claim: How many, for whom, until when.
    /// - Returns: What was taken.
    /// - Throws: Any error; nothing was taken then.
    func claim(_ claim: RingWebhookClaim) async throws -> [RingStoredWebhook]

    /// Keeps what the owner is still working on from being claimed by others.
    ///
    /// - Parameters:
    ///   - keys: The webhooks.
    ///   - owner: Who holds them.
    ///   - until: The new end of the lease.
    /// - Returns: Those the owner still holds.
    /// - Throws: Any error; the leases stay as they were.
    func extend(_ keys: [RingWebhookKey], owner: String, until: Date) async throws -> [RingWebhookKey]

    /// Ends the work on a webhook, durably.
    ///
    /// - Parameters:
    ///   - key: The webhook.
    ///   - owner: Who holds it.
    ///   - settlement: How the work ended.
    ///   - now: The present moment.
    /// - Returns: False when the owner no longer holds it; nothing was changed then.
    /// - Throws: Any error; it stays running until its lease ends.
    func settle(
        _ key: RingWebhookKey, owner: String, as settlement: RingWebhookSettlement, now: Date
    ) async throws -> Bool

    /// Gives up every lease of an owner: for a process that starts again under its old name.
    ///
    /// - Parameters:
    ///   - owner: Who held them.
    ///   - now: The present moment; they are due at once.
    /// - Throws: Any error.
    func giveUpLeases(of owner: String, now: Date) async throws

    /// How many webhooks wait for work; asked often, so it must be quick however many are done.
    ///
    /// - Throws: Any error.
    func backlog() async throws -> Int

    /// How many webhooks are in each state.
    ///
    /// - Throws: Any error.
    func counts() async throws -> RingWebhookCounts

    /// What is quarantined, oldest first.
    ///
    /// - Parameter limit: How many at most.
    /// - Returns: The webhooks with the reason each is there.
    /// - Throws: Any error.
    func quarantined(limit: Int) async throws -> [RingStoredWebhook]

    /// Lets a quarantined webhook wait for work again, with its attempts at zero.
    ///
    /// - Parameters:
    ///   - key: The webhook.
    ///   - now: The present moment; it is due at once.
    /// - Returns: False when it is not quarantined.
    /// - Throws: Any error.
    func release(_ key: RingWebhookKey, now: Date) async throws -> Bool

    /// Forgets what was received long ago; what waits or runs stays, however old.
    ///
    /// - Parameters:
    ///   - doneBefore: Forget what is done and was received before this moment.
    ///   - quarantinedBefore: Forget what is quarantined and was received before this moment.
    /// - Returns: How many were forgotten.
    /// - Throws: Any error.
    func purge(doneBefore: Date, quarantinedBefore: Date) async throws -> Int
}
