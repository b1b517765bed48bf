public import RingCore
public import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Something that happened at a camera or doorbell, as event history keeps it. Sensors' events are never here.
///
/// Wire: a `history-events` resource.
public struct RingHistoryEvent: Hashable, Sendable, Codable, Identifiable {
    /// Names the entry. The webhook of the same event has another identifier: see ``key``.
    ///
    /// Wire: `data.id`.
    public var id: RingEventID
    /// What happened, in the words of webhooks.
    ///
    /// Wire: `event_type`: `motion`, `ding`, `on_demand`.
    public var kind: RingEventKind
    /// When it began, to the millisecond.
    ///
    /// Wire: `start`, epoch milliseconds as a number or a string of digits.
    public var start: Date
    /// When it ended, to the millisecond.
    ///
    /// Wire: `end`, like `start`. `nil` when the response has none.
    public var end: Date?
    /// Who or what moved.
    ///
    /// Wire: `sub_type`. `nil` as a rule: history can be filtered by it but rarely contains it.
    public var subType: RingEventSubType?
    /// Whether *this* app has fetched media of the event before.
    ///
    /// Wire: `is_third_party_reviewed`. `nil` when the response has none.
    public var isThirdPartyReviewed: Bool?
    /// Where it happened.
    ///
    /// Wire: `relationships.source.data.id`; the device of the request when the response has none.
    public var device: RingDeviceID
    /// The resource as received, with what no source explains (`cv_detections`, `meta.riid`); `nil` when made by hand.
    package var raw: JSONAPIValue?

    private enum CodingKeys: String, CodingKey {
        case id, kind, start, end, subType, isThirdPartyReviewed, device
    }

    package init(
        id: RingEventID, kind: RingEventKind, start: Date, end: Date? = nil, subType: RingEventSubType? = nil,
        isThirdPartyReviewed: Bool? = nil, device: RingDeviceID, raw: JSONAPIValue? = nil
    ) {
        self.id = id
        self.kind = kind
        self.start = start
        self.end = end
        self.subType = subType
        self.isThirdPartyReviewed = isThirdPartyReviewed
        self.device = device
        self.raw = raw
    }

    /// Device, kind and start: what the webhook of the same event has in common with it.
    public var key: RingEventKey { RingEventKey(device: self.device, kind: self.kind, start: self.start) }
    /// How long it lasted; `nil` without an end, or when that comes before the start.
    public var length: Duration? {
        guard let end, end >= self.start else { return nil }
        return .milliseconds(Int64((end.timeIntervalSince(self.start) * 1000).rounded()))
    }
    /// Every attribute as received, known or not. Wire: `attributes`.
    public var attributes: JSONAPIValue? { self.raw?["attributes"] }
}
