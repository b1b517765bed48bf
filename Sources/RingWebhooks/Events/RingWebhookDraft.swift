public import RingCore
public import RingCrypto
internal import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A webhook to be sent as Ring sends them: for tests, simulators and `ringctl webhook send`.
public struct RingWebhookDraft: Hashable, Sendable {
    /// Where the sub type is written; Ring has used all three.
    package enum SubTypePlace: Hashable, Sendable, CaseIterable {
        /// `data.attributes.sub_type`, the documented one.
        case attributes
        /// `data.subType`, the older one.
        case camelCase
        /// `data.sub_type`.
        case data
    }

    /// What happened. Wire: `data.type`.
    public var kind: RingEventKind
    /// The account. Wire: `meta.account_id`.
    public var account: RingAccountID?
    /// The device, for the kinds that have one. A subscription covers it.
    public var device: RingDeviceID?
    /// What it is about, more closely.
    public var subType: RingEventSubType?
    /// Where the sub type is written.
    package var subTypePlace = SubTypePlace.attributes
    /// When it happened. Wire: `data.attributes.timestamp`.
    public var occurredAt: Date
    /// When it is sent. Wire: `meta.time`, with nanoseconds.
    public var sentAt: Date
    /// The version of the envelope; `1.0` leaves out the account and the relationships.
    package var version = "1.1"
    /// Ring's name for the delivery; a new UUID by default.
    public var requestID: RingRequestID
    /// Ring's name for the event; `<device>_<what>_<time>` by default.
    public var eventID: RingEventID
    /// The lenses that saw it.
    public var componentIDs: [RingComponentID] = []
    /// The subscription, its plan and its end, for the two kinds of subscription.
    public var subscription: RingSubscriptionID?
    /// The plan of a paid subscription.
    public var planID: String?
    /// The end of what was paid for.
    public var expiresAt: Date?

    /// Makes a draft.
    ///
    /// - Parameters:
    ///   - kind: What happened.
    ///   - account: The account.
    ///   - device: The device, for the kinds that have one.
    ///   - subType: What it is about, more closely.
    ///   - occurredAt: When it happened.
    ///   - sentAt: When it is sent; by default when it happened.
    public init(
        kind: RingEventKind, account: RingAccountID?, device: RingDeviceID?, subType: RingEventSubType? = nil,
        occurredAt: Date, sentAt: Date? = nil
    ) {
        self.kind = kind
        self.account = account
        self.device = device
        self.subType = subType
        self.occurredAt = occurredAt
        self.sentAt = sentAt ?? occurredAt
        self.requestID = RingRequestID(rawValue: UUID().uuidString.lowercased())
        let what = kind == .motionDetected ? subType?.rawValue ?? "motion" : kind.rawValue
        let subject = device?.rawValue ?? account?.rawValue ?? "ava1.ring"
        self.eventID = RingEventID(rawValue: "\(subject)_\(what)_\(occurredAt.epochMilliseconds)")
    }

    /// The body, byte for byte as it has to be sent, since the signature covers it.
    public var body: [UInt8] {
        var data: [(String, JSONAPILiteral)] = [
            ("id", .string(self.eventID.rawValue)), ("type", .string(self.kind.rawValue)),
        ]
        if let subType, self.subTypePlace != .attributes {
            data.append((self.subTypePlace == .data ? "sub_type" : "subType", .string(subType.rawValue)))
        }
        data.append(("attributes", .object(self.attributes)))
        if let relationships = self.relationships { data.append(("relationships", relationships)) }
        return JSONAPILiteral.object([("meta", .object(self.meta)), ("data", .object(data))]).bytes
    }

    /// The header fields that go with the body.
    ///
    /// - Parameter key: The prepared HMAC key.
    /// - Returns: Content type and signature.
    public func headers(signedWith key: RingHMACKey) -> RingHTTPFields {
        [
            "Content-Type": "application/json",
            "X-Signature": RingWebhookSignature(signing: self.body, key: key).headerValue,
        ]
    }

    private var meta: [(String, JSONAPILiteral)] {
        var meta: [(String, JSONAPILiteral)] = [
            ("version", .string(self.version)),
            ("time", .string(JSONAPITime.format(self.sentAt, fractionDigits: 9))),
            ("request_id", .string(self.requestID.rawValue)),
        ]
        if let account, self.version != "1.0" { meta.append(("account_id", .string(account.rawValue))) }
        return meta
    }

    private var attributes: [(String, JSONAPILiteral)] {
        var attributes: [(String, JSONAPILiteral)]
        switch self.kind {
        case .subscriptionActivated, .subscriptionDeactivated:
            attributes = [
                ("source", "subscriptions"), ("source_id", .string(self.subscription?.rawValue ?? "sub-test")),
                ("sub_type", .string((self.subType ?? .paid).rawValue)),
                ("plan_id", self.planID.map(JSONAPILiteral.string) ?? .null),
            ]
            if let expiresAt { attributes.append(("expires_at", .string(JSONAPITime.format(expiresAt)))) }
            return attributes
        case .appIntegrationAdded, .appIntegrationRemoved:
            attributes = [("source", .string(self.account?.rawValue ?? "")), ("source_type", "users")]
        default:
            attributes = [("source", .string(self.device?.rawValue ?? "")), ("source_type", "devices")]
        }
        attributes.append(("timestamp", .int(self.occurredAt.epochMilliseconds)))
        if let subType, self.subTypePlace == .attributes { attributes.append(("sub_type", .string(subType.rawValue))) }
        if !self.componentIDs.isEmpty {
            attributes.append(("component_ids", .array(self.componentIDs.map { .string($0.rawValue) })))
        }
        return attributes
    }

    private var relationships: JSONAPILiteral? {
        switch self.kind {
        case .appIntegrationAdded, .appIntegrationRemoved: return nil
        case .subscriptionActivated, .subscriptionDeactivated:
            let devices: [JSONAPILiteral] =
                self.device.map { ["type": "device", "id": .string($0.rawValue)] }.map { [$0] } ?? []
            return [
                "devices": ["data": .array(devices)],
                "subscriptions": ["links": ["self": "/v1/accounts/me/subscriptions"]],
            ]
        default:
            guard let device, self.version != "1.0" else { return nil }
            return ["devices": ["links": ["self": .string("/v1/devices/\(device.rawValue)")]]]
        }
    }
}
