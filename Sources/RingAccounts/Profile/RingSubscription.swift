public import RingCore
public import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A paid plan or a trial of the partner's app (not of Ring) that a user has.
///
/// Wire: a `subscriptions` resource.
public struct RingSubscription: Hashable, Sendable, Identifiable {
    /// Its id. Wire: `data.id`.
    public var id: RingSubscriptionID
    /// Paid or trial. Wire: `sub_type`. `nil` when Ring leaves it out.
    public var kind: Kind?
    /// Active or not. Wire: `status`. `nil` when Ring leaves it out.
    public var status: Status?
    /// The plan. Wire: `plan_id`. `nil` for trials.
    public var planID: String?
    /// When it expires. Wire: `expires_at`.
    public var expiresAt: Date?
    /// When it started. Wire: `created_at`.
    public var createdAt: Date?
    /// The devices it is for. Wire: `relationships.devices`, of type `devices` or `device`.
    public var deviceIDs: [RingDeviceID]
    /// Every attribute as Ring sent it; `nil` for a value that was not read from a response.
    public var attributes: JSONAPIValue?

    /// Whether a subscription is paid for. Wire: `sub_type`.
    public struct Kind: RingOpenString {
        /// The spelling on the wire.
        public let rawValue: String
        /// Wraps any spelling, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// Paid for.
        public static let paid = Self(rawValue: "paid")
        /// A trial; one for each customer and app.
        public static let trial = Self(rawValue: "trial")
    }

    /// Whether a subscription is active. Wire: `status`.
    public struct Status: RingOpenString {
        /// The spelling on the wire.
        public let rawValue: String
        /// Wraps any spelling, known or not.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// Active.
        public static let active = Self(rawValue: "active")
        /// Ended or cancelled.
        public static let inactive = Self(rawValue: "inactive")
    }

    package init(
        id: RingSubscriptionID, kind: Kind? = nil, status: Status? = nil, planID: String? = nil, expiresAt: Date? = nil,
        createdAt: Date? = nil, deviceIDs: [RingDeviceID] = []
    ) {
        self.id = id
        self.kind = kind
        self.status = status
        self.planID = planID
        self.expiresAt = expiresAt
        self.createdAt = createdAt
        self.deviceIDs = deviceIDs
    }

    /// Reads a `subscriptions` resource.
    package init(_ resource: JSONAPIResource) {
        let attributes = resource.attributes
        let devices = resource.relationship("devices") ?? resource.relationship("device")
        self.init(
            id: RingSubscriptionID(rawValue: resource.id),
            kind: attributes?["sub_type"]?.string.map(Kind.init(rawValue:)),
            status: attributes?["status"]?.string.map(Status.init(rawValue:)),
            planID: attributes?["plan_id"]?.string, expiresAt: attributes?["expires_at"]?.date,
            createdAt: attributes?["created_at"]?.date,
            deviceIDs: (devices?.identifiers ?? []).map { RingDeviceID(rawValue: $0.id) })
        self.attributes = attributes
    }
}
