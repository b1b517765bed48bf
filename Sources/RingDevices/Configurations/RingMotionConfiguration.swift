@_spi(RingModels) internal import RingJSONAPI

/// Whether and where a camera looks for motion.
///
/// Wire: `motion_detection` of a `device-configurations` resource.
public struct RingMotionConfiguration: Hashable, Sendable, Codable {
    /// Whether motion is looked for.
    ///
    /// Wire: `enabled`, `"on"` or `"off"`. `nil` on devices without the feature.
    public var isEnabled: Bool?
    /// Where motion is looked for; motion outside makes no event. Empty: no zone is drawn.
    ///
    /// Wire: `motion_zones`.
    public var zones: [RingZone]

    package init(isEnabled: Bool? = nil, zones: [RingZone] = []) {
        self.isEnabled = isEnabled
        self.zones = zones
    }
}

extension RingMotionConfiguration {
    private enum Member: String, CaseIterable {
        case enabled
        case zones = "motion_zones"
    }
    private static let members = JSONAPINames<Member>()
    private static let path = "device-configurations.motion_detection"

    internal init?(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        guard value.isObject else {
            reader.changedForm(value, Self.path)
            return nil
        }
        self.init()
        value.forEachMember(of: Self.members) { member, value in
            switch member {
            case .enabled: self.isEnabled = reader.switch(value, "device-configurations.motion_detection.enabled")
            case .zones: self.zones = RingZone.list(value, Self.path, &reader).zones
            case nil: reader.unknownMember(value, in: Self.path)
            }
        }
    }
}
