@_spi(RingModels) package import RingJSONAPI

/// Whether a sensor found what it looks for.
public struct RingDetection: Hashable, Sendable, Codable {
    /// Whether it is found now: the contact open, water there, the case opened.
    ///
    /// Wire: `faulted` or `detected`. `nil` when the response has neither.
    public var isTriggered: Bool?
    /// The block as received; `nil` when the value was made by hand.
    package var raw: JSONAPIValue?

    private enum CodingKeys: String, CodingKey {
        case isTriggered
    }

    package init(isTriggered: Bool? = nil, raw: JSONAPIValue? = nil) {
        self.isTriggered = isTriggered
        self.raw = raw
    }
}

extension RingDetection {
    private enum Member: String, CaseIterable { case faulted, detected }
    private static let members = JSONAPINames<Member>()

    internal init?(_ value: JSONAPICursor, _ path: String, _ reader: inout DeviceReader) {
        guard !value.isNull else { return nil }
        self.init(raw: value.kept)
        guard value.isObject else {
            self.isTriggered = value.bool
            reader.changedForm(value, path)
            return
        }
        value.forEachMember(of: Self.members) { member, value in
            switch member {
            case .faulted, .detected: self.isTriggered = reader.bool(value, path) ?? self.isTriggered
            case nil: reader.unknownMember(value, in: path)
            }
        }
    }
}
