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
    private static let names = JSONAPINames(["faulted", "detected"])

    internal init?(_ value: JSONAPICursor, _ path: String, _ reader: inout DeviceReader) {
        guard !value.isNull else { return nil }
        self.init(raw: value.kept)
        guard value.isObject else {
            self.isTriggered = value.bool
            reader.changedForm(value, path)
            return
        }
        value.forEachMember(of: Self.names) { position, member in
            if position >= 0 {
                self.isTriggered = reader.bool(member.value, path) ?? self.isTriggered
            } else {
                reader.unknownMember(member, in: path)
            }
        }
    }
}
