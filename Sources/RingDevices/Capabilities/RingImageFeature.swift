public import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// Something that improves or masks the picture.
///
/// Wire: `image_enhancements.configurations`.
public struct RingImageFeature: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Colour in the dark.
    public static let colorNightVision = Self(rawValue: "color_night_vision")
    /// High dynamic range.
    public static let hdr = Self(rawValue: "hdr")
    /// Infrared light in the dark.
    public static let infraredNightVision = Self(rawValue: "ir_led_night_vision")
    /// The picture follows what moves.
    public static let autoZoomTrack = Self(rawValue: "auto_zoom_track")
    /// Parts of the picture nobody may see.
    public static let privacyZones = Self(rawValue: "privacy_zones")
    /// Stills between events. Seen live, not documented.
    public static let snapshot = Self(rawValue: "snapshot")

    internal static let known = JSONAPINames<Self>([
        .colorNightVision, .hdr, .infraredNightVision, .autoZoomTrack, .privacyZones, .snapshot,
    ])
}
