internal import RingCore
internal import RingCrypto
@_spi(RingModels) internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a webhook's document holds, gathered in one pass over its members.
///
/// Not copyable: a copy would count some fifteen references, and none is needed.
struct WebhookFields: ~Copyable {
    var version: String?
    var sentAt: Date?
    var requestID: String?
    var accountID: String?
    var hasData = false
    var eventID: String?
    var kind: RingEventKind?
    /// The position of the kind in the catalogue; -1 for an unknown one.
    var catalogued = -1
    var attributes: JSONAPIValue?
    var relationships: JSONAPIValue?
    var source: String?
    var sourceType: String?
    var occurredAt: Date?
    var components: [RingComponentID] = []
    var subscription: String?
    var planID: String?
    var expiresAt: Date?
    /// In the order of preference: the attribute, then the two forms beside it.
    private var subTypes: (attribute: String?, camelCase: String?, data: String?)
    private var attributeCount = 0

    var subType: RingEventSubType? {
        (self.subTypes.attribute ?? self.subTypes.camelCase ?? self.subTypes.data).map(
            RingEventSubType.init(rawValue:))
    }

    init(_ document: JSONAPIValue) {
        document.withCursor { self.read($0) }
    }

    private mutating func read(_ document: JSONAPICursor) {
        // Of several members with one name the last counts.
        var (meta, data): (JSONAPICursor?, JSONAPICursor?)
        document.forEachMember(of: Self.members) { member, value in
            switch member {
            case .meta: meta = value
            case .data: data = value
            case nil: break
            }
        }
        if let meta { self.read(meta: meta) }
        if let data, data.kind == .object { self.read(data: data) }
    }

    private enum Member: String, CaseIterable { case meta, data }
    private enum MetaMember: String, CaseIterable {
        case version, time
        case requestID = "request_id"
        case accountID = "account_id"
    }
    private enum DataMember: String, CaseIterable {
        case id, type, attributes, relationships, subType
        case snakeCaseSubType = "sub_type"
    }
    private enum Attribute: String, CaseIterable {
        case source
        case sourceType = "source_type"
        case timestamp
        case readableTimestamp = "timestamp_readable"
        case subType = "sub_type"
        case componentIDs = "component_ids"
        case sourceID = "source_id"
        case planID = "plan_id"
        case expiresAt = "expires_at"
    }

    private static let members = JSONAPINames<Member>()
    private static let metaMembers = JSONAPINames<MetaMember>()
    private static let dataMembers = JSONAPINames<DataMember>()
    private static let attributeNames = JSONAPINames<Attribute>()

    private mutating func read(meta: JSONAPICursor) {
        meta.forEachMember(of: Self.metaMembers) { member, value in
            switch member {
            case .version: self.version = value.text
            case .time: self.sentAt = value.date ?? value.epoch
            case .requestID: self.requestID = value.text
            case .accountID: self.accountID = value.text
            case nil: break
            }
        }
    }

    private mutating func read(data: JSONAPICursor) {
        self.hasData = true
        var attributes: JSONAPICursor?
        data.forEachMember(of: Self.dataMembers) { member, value in
            switch member {
            case .id: self.eventID = value.text
            case .type:
                // A kind of the catalogue needs no new string.
                self.catalogued = value.position(among: WebhookCatalogue.names)
                self.kind =
                    self.catalogued >= 0
                    ? WebhookCatalogue.kinds[self.catalogued]
                    : value.nonEmptyString.map(RingEventKind.init(rawValue:))
            case .attributes: attributes = value.isNull ? nil : value
            case .relationships: self.relationships = value.kept
            case .subType: self.subTypes.camelCase = value.text
            case .snakeCaseSubType: self.subTypes.data = value.text
            case nil: break
            }
        }
        if let attributes {
            self.attributes = attributes.kept
            self.read(attributes: attributes)
        }
    }

    private mutating func read(attributes: JSONAPICursor) {
        attributes.forEachMember(of: Self.attributeNames) { attribute, value in
            switch attribute {
            case .source: self.source = value.text
            case .sourceType: self.sourceType = value.string
            case .timestamp: self.occurredAt = value.moment
            case .readableTimestamp: break
            case .subType: self.subTypes.attribute = value.text
            case .componentIDs: self.components = Self.components(value)
            case .sourceID: self.subscription = value.text
            case .planID: self.planID = value.text
            case .expiresAt: self.expiresAt = value.date ?? value.epoch
            case nil: self.attributeCount += 1
            }
        }
    }

    /// Strings, numbers, or objects with an `id`: all three forms have been seen.
    private static func components(_ list: JSONAPICursor) -> [RingComponentID] {
        if let single = list.text { return [RingComponentID(rawValue: single)] }
        var components: [RingComponentID] = []
        list.forEachElement { element in
            let text = element.text ?? element["id"]?.text ?? element["component_id"]?.text
            if let text { components.append(RingComponentID(rawValue: text)) }
            return true
        }
        return components
    }

    /// Every number among the attributes that belongs to no other event.
    var readings: [String: Double] {
        guard self.attributeCount > 0, let attributes else { return [:] }
        var readings = [String: Double]()
        attributes.forEachMember(of: Self.attributeNames) { attribute, value in
            if attribute == nil, let number = value.number { readings[value.memberName] = number }
        }
        return readings
    }
}

extension JSONAPICursor {
    /// A string that says something.
    fileprivate var nonEmptyString: String? { self.string.flatMap { $0.isEmpty ? nil : $0 } }

    /// Epoch milliseconds as a number or as digits, or an ISO 8601 string; `nil` beyond the year 9999, which is no plausible time.
    fileprivate var moment: Date? {
        guard let milliseconds = self.integer else { return self.date }
        guard abs(Double(milliseconds)) < 253_402_300_800_000 else { return nil }
        return Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
    }

    /// Epoch milliseconds or seconds, as a number or a string that holds one: what is below 10¹¹ is seconds.
    fileprivate var epoch: Date? {
        guard let number = self.number, abs(number) < 1e15 else { return nil }
        return Date(timeIntervalSince1970: abs(number) < 1e11 ? number : number / 1_000)
    }

    /// A string that says something, or a number in its own digits.
    fileprivate var text: String? { self.nonEmptyString ?? self.numberText }
}
