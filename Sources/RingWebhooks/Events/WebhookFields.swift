internal import RingCore
internal import RingCrypto
@_spi(RingModels) internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// What a webhook's document holds, gathered in one walk over its members.
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
        document.forEachMember(of: Self.topNames) { position, member in
            switch position {
            case 0: meta = member.value
            case 1: data = member.value
            default: break
            }
        }
        if let meta { self.read(meta: meta) }
        if let data, data.kind == .object { self.read(data: data) }
    }

    private static let topNames = JSONAPINames(["meta", "data"])
    private static let metaNames = JSONAPINames(["version", "time", "request_id", "account_id"])
    private static let dataNames = JSONAPINames(["id", "type", "attributes", "relationships", "subType", "sub_type"])
    private static let attributeNames = JSONAPINames([
        "source", "source_type", "timestamp", "timestamp_readable", "sub_type", "component_ids", "source_id", "plan_id",
        "expires_at",
    ])

    private mutating func read(meta: JSONAPICursor) {
        meta.forEachMember(of: Self.metaNames) { position, member in
            switch position {
            case 0: self.version = member.value.string
            case 1: self.sentAt = member.value.date
            case 2: self.requestID = member.value.nonEmptyString
            case 3: self.accountID = member.value.nonEmptyString
            default: break
            }
        }
    }

    private mutating func read(data: JSONAPICursor) {
        self.hasData = true
        var attributes: JSONAPICursor?
        data.forEachMember(of: Self.dataNames) { position, member in
            switch position {
            case 0: self.eventID = member.value.string
            case 1:
                // A kind of the catalogue is not made into a string anew.
                self.catalogued = member.value.position(among: WebhookCatalogue.names) ?? -1
                self.kind =
                    self.catalogued >= 0
                    ? WebhookCatalogue.kinds[self.catalogued]
                    : member.value.nonEmptyString.map(RingEventKind.init(rawValue:))
            case 2: attributes = member.value.isNull ? nil : member.value
            case 3: self.relationships = member.value.kept
            case 4: self.subTypes.camelCase = member.value.string
            case 5: self.subTypes.data = member.value.string
            default: break
            }
        }
        if let attributes {
            self.attributes = attributes.kept
            self.read(attributes: attributes)
        }
    }

    private mutating func read(attributes: JSONAPICursor) {
        attributes.forEachMember(of: Self.attributeNames) { position, member in
            switch position {
            case 0: self.source = member.value.nonEmptyString
            case 1: self.sourceType = member.value.string
            case 2: self.occurredAt = member.value.moment
            case 4: self.subTypes.attribute = member.value.string
            case 5: self.components = Self.components(member.value)
            case 6: self.subscription = member.value.nonEmptyString
            case 7: self.planID = member.value.string
            case 8: self.expiresAt = member.value.moment
            case -1: self.attributeCount += 1
            default: break
            }
        }
    }

    /// Strings, numbers, or objects with an `id`: all three forms have been seen.
    private static func components(_ list: JSONAPICursor) -> [RingComponentID] {
        if let single = list.identifierText { return [RingComponentID(rawValue: single)] }
        var components: [RingComponentID] = []
        list.forEachElement { element in
            let text =
                element.identifierText ?? element["id"]?.identifierText ?? element["component_id"]?.identifierText
            if let text { components.append(RingComponentID(rawValue: text)) }
            return true
        }
        return components
    }

    /// Every number among the attributes that belongs to no other event.
    var readings: [String: Double] {
        guard self.attributeCount > 0, let attributes else { return [:] }
        var readings = [String: Double]()
        attributes.forEachMember(of: Self.attributeNames) { position, member in
            if position < 0, let number = member.value.number { readings[member.name] = number }
        }
        return readings
    }
}

extension JSONAPICursor {
    /// A string that says something.
    fileprivate var nonEmptyString: String? { self.string.flatMap { $0.isEmpty ? nil : $0 } }

    /// Epoch milliseconds as a number or as digits, or an ISO 8601 string.
    fileprivate var moment: Date? {
        if let milliseconds = self.integer { return Date(timeIntervalSince1970: Double(milliseconds) / 1_000) }
        return self.date
    }

    /// A string, or a whole number in its own digits.
    fileprivate var identifierText: String? { self.nonEmptyString ?? self.int64.map { String($0) } }
}
