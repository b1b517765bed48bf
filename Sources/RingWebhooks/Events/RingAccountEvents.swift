public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The app was linked to an account, or removed from it.
///
/// Wire: `app_integration_added`, `app_integration_removed`.
public struct RingIntegrationEvent: Hashable, Sendable {
    /// The account. Wire: `meta.account_id`, else `attributes.source`.
    public var account: RingAccountID
    /// True for a completed link; false when the user removed the app and its tokens are revoked.
    public var isAdded: Bool
    /// When it happened.
    public var occurredAt: Date?

    /// Creates a value by hand, for tests.
    package init(account: RingAccountID, isAdded: Bool, occurredAt: Date?) {
        self.account = account
        self.isAdded = isAdded
        self.occurredAt = occurredAt
    }
}

/// A paid plan or trial of the app began, was renewed, or ended.
///
/// A trigger, not the truth: another subscription may still cover the device, so read the account's subscriptions before
/// revoking. Wire: `subscription_activated`, `subscription_deactivated`.
public struct RingSubscriptionEvent: Hashable, Sendable {
    /// True for a beginning or renewal, false for an end.
    public var isActive: Bool
    /// The subscription. Wire: `attributes.source_id`.
    public var subscription: RingSubscriptionID?
    /// `paid` or `trial`. Wire: `attributes.sub_type`.
    public var subType: RingEventSubType?
    /// The plan; `nil` for a trial. Wire: `attributes.plan_id`.
    public var planID: String?
    /// The end of what was paid for; never with an end. Wire: `attributes.expires_at`.
    public var expiresAt: Date?
    /// The devices it covers. Wire: `relationships.devices.data`, of type `device` or `devices`.
    public var devices: [RingDeviceID]

    /// Creates a value by hand, for tests.
    package init(
        isActive: Bool, subscription: RingSubscriptionID?, subType: RingEventSubType?, planID: String? = nil,
        expiresAt: Date? = nil, devices: [RingDeviceID]
    ) {
        self.isActive = isActive
        self.subscription = subscription
        self.subType = subType
        self.planID = planID
        self.expiresAt = expiresAt
        self.devices = devices
    }
}
