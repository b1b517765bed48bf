public import RingCore
public import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One event that Ring reported by webhook.
///
/// Ring gives no order and may send an event twice: ``key`` names it, for the effect that must happen once.
public struct RingWebhookEvent: Hashable, Sendable {
    /// The version of the envelope, `1.1` or the older `1.0`. Wire: `meta.version`.
    package var version: String?
    /// When Ring sent it, which is later than ``occurredAt``. Wire: `meta.time`.
    public var sentAt: Date?
    /// Ring's name for the delivery; often, not always, a UUID. Wire: `meta.request_id`.
    public var requestID: RingRequestID
    /// The account it is about; missing in version 1.0. Wire: `meta.account_id`.
    public var accountID: RingAccountID?
    /// Ring's name for the event; its patterns do not hold live. Wire: `data.id`.
    public var id: RingEventID
    /// What happened. Wire: `data.type`.
    public var kind: RingEventKind
    /// What it is about, more closely. Wire: `attributes.sub_type`, else `data.subType`, else `data.sub_type`.
    public var subType: RingEventSubType?
    /// The device it happened at; `nil` for events of accounts and subscriptions. Wire: `attributes.source`.
    public var deviceID: RingDeviceID?
    /// When it happened; missing in subscription events. Wire: `attributes.timestamp`, epoch milliseconds.
    public var occurredAt: Date?
    /// The lenses that saw it, of a multi-camera device. Wire: `attributes.component_ids`.
    public var componentIDs: [RingComponentID]
    /// The event as a value of its shape.
    public var content: RingWebhookContent
    /// The whole document as received, for what this library does not know.
    public var document: JSONAPIValue

    /// The two names by which a repeated delivery is recognised.
    public var key: RingWebhookKey { RingWebhookKey(requestID: self.requestID, eventID: self.id) }

    /// When it happened, by Ring's clock, else when it was sent; `nil` when it says neither.
    var ringTime: Date? { self.occurredAt ?? self.sentAt }

    /// What the event has in common with its entry in event history; `nil` without a device or a time.
    public var historyKey: RingEventKey? {
        guard let deviceID, let occurredAt else { return nil }
        return RingEventKey(device: deviceID, kind: self.kind, start: occurredAt)
    }

    /// The attributes as received. Wire: `data.attributes`.
    public var attributes: JSONAPIValue? { self.document["data"]?["attributes"] }
}

/// An event as a value of its shape.
///
/// What Ring adds arrives as ``unknown`` until a release knows it. A minor release may add cases, so a `switch`
/// needs a `default`.
public enum RingWebhookContent: Hashable, Sendable {
    /// A camera saw movement.
    case motion(RingMotionEvent)
    /// Somebody pressed the doorbell.
    case buttonPress(RingButtonPressEvent)
    /// A device was added, was removed, went online or went offline.
    case device(RingDeviceChangeEvent)
    /// A sensor raised or cleared an alarm (Early Access).
    case sensor(RingSensorEvent)
    /// The app was linked or removed.
    case integration(RingIntegrationEvent)
    /// A paid plan or trial of the app began or ended.
    case subscription(RingSubscriptionEvent)
    /// A kind this library does not know, or a known one without what it needs: see ``RingWebhookEvent/attributes``.
    case unknown
}
