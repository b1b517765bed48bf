internal import RingCore
@_spi(RingModels) internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingHistoryEvent {
    private enum Member: String, CaseIterable {
        case type = "event_type"
        case isThirdPartyReviewed = "is_third_party_reviewed"
        case start, end
        case subType = "sub_type"
    }
    private static let members = JSONAPINames<Member>()
    private static let kinds = JSONAPINames<HistoryType>([.motion, .ding, .onDemand])

    /// Reads an event; `nil`, with a problem noted, without a type or a start.
    internal init?(_ resource: JSONAPIResource, of device: RingDeviceID, _ reader: inout DeviceReader) {
        var type: HistoryType?
        var start: Date?
        self.init(
            id: RingEventID(rawValue: resource.id), kind: .motionDetected, start: .distantPast, device: device,
            raw: resource.raw)
        resource.attributes?.forEachMember(of: Self.members) { member, value in
            switch member {
            case .type: type = reader.word(value, Self.kinds, "history-events.event_type")
            case .isThirdPartyReviewed:
                self.isThirdPartyReviewed = reader.bool(value, "history-events.is_third_party_reviewed")
            case .start: start = reader.moment(value, "history-events.start")
            case .end: self.end = reader.moment(value, "history-events.end")
            case .subType: self.subType = value.string.map { RingEventSubType(rawValue: $0) }
            case nil: reader.unknownMember(value, in: "history-events")
            }
        }
        guard let type, let start else {
            reader.problem(resource.raw, type == nil ? "event without a type" : "event without a start")
            return nil
        }
        self.kind = RingEventKind(historyType: type.rawValue)
        self.start = start
        if let source = resource.relationship("source")?.identifier { self.device = RingDeviceID(rawValue: source.id) }
    }
}

/// The spellings of `event_type`.
private struct HistoryType: RingOpenString {
    let rawValue: String
    init(rawValue: String) { self.rawValue = rawValue }

    static let motion = Self(rawValue: "motion")
    static let ding = Self(rawValue: "ding")
    static let onDemand = Self(rawValue: "on_demand")
}
