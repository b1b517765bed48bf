@_spi(RingModels) public import RingJSONAPI

/// Whether a sensor found what it looks for.
public struct RingDetection: Hashable, Sendable {
    /// Whether it is found now: the contact open, water there, the case opened.
    ///
    /// Wire: `faulted` or `detected`. `nil` when the answer has neither.
    public var isTriggered: Bool?
    /// The block as received; `nil` when the value was made by hand.
    public var raw: JSONAPIValue?

    /// Creates a detection by hand, for tests and previews.
    public init(isTriggered: Bool? = nil, raw: JSONAPIValue? = nil) {
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
