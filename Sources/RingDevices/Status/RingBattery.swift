@_spi(RingModels) internal import RingJSONAPI

/// A device's battery, or that it runs on mains.
///
/// Wire: `battery_status` of a `device-status` resource.
public struct RingBattery: Hashable, Sendable, Codable {
    /// How full it is, 0 to 100 percent.
    ///
    /// Wire: `percentage`. `nil` when the response has none, and on mains.
    public var percentage: Int?
    /// Whether the device runs on mains: Ring says 255 percent then.
    public var isOnMains: Bool

    package init(percentage: Int? = nil, isOnMains: Bool = false) {
        self.percentage = percentage
        self.isOnMains = isOnMains
    }
}

extension RingBattery {
    private enum Member: String, CaseIterable { case percentage }
    private static let members = JSONAPINames<Member>()

    internal init?(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        guard !value.isNull else { return nil }
        self.init()
        if value.isObject {
            value.forEachMember(of: Self.members) { member, value in
                switch member {
                case .percentage: self.read(value, &reader)
                case nil: reader.unknownMember(value, in: "device-status.battery_status")
                }
            }
        } else {
            reader.changedForm(value, "device-status.battery_status")
            self.read(value, &reader)
        }
    }

    private mutating func read(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        guard let percentage = reader.integer(value, "device-status.battery_status.percentage") else { return }
        switch percentage {
        case 0...100: self.percentage = percentage
        case 255: self.isOnMains = true
        default: reader.unknownValue(value, "device-status.battery_status.percentage")
        }
    }
}
