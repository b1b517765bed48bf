@_spi(RingModels) internal import RingJSONAPI

/// Whether and where a camera looks for motion.
///
/// Wire: `motion_detection` of a `device-configurations` resource.
public struct RingMotionConfiguration: Hashable, Sendable {
    /// Whether motion is looked for.
    ///
    /// Wire: `enabled`, `"on"` or `"off"`. `nil` on devices without the feature.
    public var isEnabled: Bool?
    /// Where motion is looked for; motion outside makes no event. Empty: no zone is drawn.
    ///
    /// Wire: `motion_zones`.
    public var zones: [RingZone]

    /// Creates a configuration by hand, for tests and previews.
    public init(isEnabled: Bool? = nil, zones: [RingZone] = []) {
        self.isEnabled = isEnabled
        self.zones = zones
    }
}

extension RingMotionConfiguration {
    private static let names = JSONAPINames(["enabled", "motion_zones"])
    private static let path = "device-configurations.motion_detection"

    internal init?(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        guard value.isObject else {
            reader.changedForm(value, Self.path)
            return nil
        }
        self.init()
        value.forEachMember(of: Self.names) { position, member in
            switch position {
            case 0:
                self.isEnabled = reader.switch(member.value, "device-configurations.motion_detection.enabled")
            case 1: self.zones = RingZone.list(member.value, Self.path, &reader).zones
            default: reader.unknownMember(member, in: Self.path)
            }
        }
    }
}
