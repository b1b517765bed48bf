internal import RingCore
@_spi(RingModels) internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingHistoryEvent {
    private static let names = JSONAPINames([
        "event_type", "is_third_party_reviewed", "start", "end", "sub_type",
    ])
    private static let kinds = Vocabulary<HistoryType>([.motion, .ding, .onDemand])

    /// Reads an event; `nil`, with a problem noted, without a type or a start.
    internal init?(_ resource: JSONAPIResource, of device: RingDeviceID, _ reader: inout DeviceReader) {
        var type: HistoryType?
        var start: Date?
        self.init(
            id: RingEventID(rawValue: resource.id), kind: .motionDetected, start: .distantPast, device: device,
            raw: resource.raw)
        resource.attributes?.forEachMember(of: Self.names) { position, member in
            let value = member.value
            switch position {
            case 0: type = reader.word(value, Self.kinds, "history-events.event_type")
            case 1: self.isThirdPartyReviewed = reader.bool(value, "history-events.is_third_party_reviewed")
            case 2: start = reader.moment(value, "history-events.start")
            case 3: self.end = reader.moment(value, "history-events.end")
            case 4: self.subType = value.string.map { RingEventSubType(rawValue: $0) }
            default: reader.unknownMember(member, in: "history-events")
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
