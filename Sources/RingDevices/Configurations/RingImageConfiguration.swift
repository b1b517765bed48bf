@_spi(RingModels) internal import RingJSONAPI

/// How a camera's picture is improved and masked.
///
/// Wire: `image_enhancements` of a `device-configurations` resource. The switches are `"on"` or `"off"`, and `nil` on
/// devices without the feature.
public struct RingImageConfiguration: Hashable, Sendable, Codable {
    /// Colour in the dark. Wire: `color_night_vision`.
    public var colorNightVision: Bool?
    /// High dynamic range. Wire: `hdr`.
    public var hdr: Bool?
    /// Infrared light in the dark. Wire: `ir_led_night_vision`.
    public var infraredNightVision: Bool?
    /// The picture follows what moves. Wire: `auto_zoom_track`.
    public var autoZoomTrack: Bool?
    /// The parts of the picture that must never be shown, analysed or stored unmasked.
    ///
    /// Wire: `privacy_zones`. Empty: none is drawn, if ``privacyZonesAreComplete``.
    public var privacyZones: [RingZone]
    /// Whether every privacy zone could be read. When not, treat the whole picture as private, as
    /// ``privacyMask(in:)`` does.
    public var privacyZonesAreComplete: Bool

    package init(
        colorNightVision: Bool? = nil, hdr: Bool? = nil, infraredNightVision: Bool? = nil,
        autoZoomTrack: Bool? = nil, privacyZones: [RingZone] = [], privacyZonesAreComplete: Bool = true
    ) {
        self.colorNightVision = colorNightVision
        self.hdr = hdr
        self.infraredNightVision = infraredNightVision
        self.autoZoomTrack = autoZoomTrack
        self.privacyZones = privacyZones
        self.privacyZonesAreComplete = privacyZonesAreComplete
    }

    /// Which pixels of a frame are private: every one that a privacy zone touches, or all when a zone is unreadable.
    public func privacyMask(in frame: RingFrameSize) -> RingZoneMask {
        self.privacyZonesAreComplete
            ? RingZoneMask(zones: self.privacyZones, in: frame) : RingZoneMask(coveringAllOf: frame)
    }
}

extension RingImageConfiguration {
    private enum Member: String, CaseIterable {
        case colorNightVision = "color_night_vision"
        case hdr
        case infraredNightVision = "ir_led_night_vision"
        case autoZoomTrack = "auto_zoom_track"
        case privacyZones = "privacy_zones"
    }
    private static let members = JSONAPINames<Member>()
    private static let path = "device-configurations.image_enhancements"

    internal init?(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        guard value.isObject else {
            reader.changedForm(value, Self.path)
            // What could not be read may have held a zone.
            self.init(privacyZonesAreComplete: false)
            return
        }
        self.init()
        value.forEachMember(of: Self.members) { member, value in
            switch member {
            case .colorNightVision:
                self.colorNightVision = reader.switch(
                    value, "device-configurations.image_enhancements.color_night_vision")
            case .hdr: self.hdr = reader.switch(value, "device-configurations.image_enhancements.hdr")
            case .infraredNightVision:
                self.infraredNightVision = reader.switch(
                    value, "device-configurations.image_enhancements.ir_led_night_vision")
            case .autoZoomTrack:
                self.autoZoomTrack = reader.switch(
                    value, "device-configurations.image_enhancements.auto_zoom_track")
            case .privacyZones:
                (self.privacyZones, self.privacyZonesAreComplete) = RingZone.list(value, Self.path, &reader)
            case nil: reader.unknownMember(value, in: Self.path)
            }
        }
    }
}
