#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A change of what an app may access, reported by a webhook.
public struct RingLifecycleEvent: Hashable, Sendable {
    /// What changed.
    public enum Change: Hashable, Sendable {
        /// A device was shared, or shared again: fetch it.
        case deviceAdded(RingDeviceID)
        /// Access to a device was lost: close its sessions, drop what is cached of it.
        case deviceRemoved(RingDeviceID)
        /// The account's link is complete.
        case integrationAdded
        /// The user removed the app: purge the tokens, close the sessions, send no more requests for this account.
        case integrationRemoved
        /// A paid plan or trial began, was renewed or ended: read the subscriptions again before granting or revoking.
        case subscriptionsChanged([RingDeviceID])
    }

    /// The account it is about; missing in webhooks of version 1.0.
    public var account: RingAccountID?
    /// What changed.
    public var change: Change
    /// When it happened, by Ring's clock; compare it with other times of Ring's. `nil` when the webhook has no time.
    public var occurredAt: Date?

    /// Creates an event.
    ///
    /// - Parameters:
    ///   - account: The account it is about.
    ///   - change: What changed.
    ///   - occurredAt: When it happened, by Ring's clock.
    package init(account: RingAccountID?, change: Change, occurredAt: Date? = nil) {
        self.account = account
        self.change = change
        self.occurredAt = occurredAt
    }
}

/// When a responder is called, compared with the application's handlers of the same event.
public enum RingLifecyclePhase: Hashable, Sendable {
    /// Before the handlers.
    case beforeHandlers
    /// After all handlers have succeeded.
    case afterHandlers
}

/// A part of this package, or of an application, that has to clean up when access changes.
///
/// It may get the same change more than once, and must accept that.
public protocol RingLifecycleResponder: Sendable {
    /// When the responder is called for a change: before the handlers, unless it says otherwise.
    func phase(of change: RingLifecycleEvent.Change) -> RingLifecyclePhase

    /// Reacts to a change.
    ///
    /// - Parameter event: What changed, and for whom.
    /// - Throws: Any error; the change is then reported again later.
    func respond(to event: RingLifecycleEvent) async throws
}

extension RingLifecycleResponder {
    /// Before the handlers, for every change.
    public func phase(of change: RingLifecycleEvent.Change) -> RingLifecyclePhase { .beforeHandlers }
}
