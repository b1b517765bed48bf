public import RingCore
@_spi(RingModels) internal import RingJSONAPI

/// Something that a device can do or that its user can configure, as its capabilities spell it.
///
/// Wire: the words of `video.configurations`, `motion_detection.configurations`, `image_enhancements.configurations` and
/// `audio.supported_actions`.
public struct RingDeviceFeature: RingOpenString {
    /// The spelling on the wire.
    public let rawValue: String
    /// Wraps any spelling, known or not.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Video: the size of the picture.
    public static let resolutionMode = Self(rawValue: "resolution_mode")
    /// Motion: whether motion is detected at all.
    public static let motionDetection = Self(rawValue: "enabled")
    /// Motion: where motion is detected.
    public static let motionZones = Self(rawValue: "motion_zones")
    /// Image: colour in the dark.
    public static let colorNightVision = Self(rawValue: "color_night_vision")
    /// Image: high dynamic range.
    public static let hdr = Self(rawValue: "hdr")
    /// Image: infrared light in the dark.
    public static let infraredNightVision = Self(rawValue: "ir_led_night_vision")
    /// Image: the picture follows what moves.
    public static let autoZoomTrack = Self(rawValue: "auto_zoom_track")
    /// Image: parts of the picture that nobody may see.
    public static let privacyZones = Self(rawValue: "privacy_zones")
    /// Image: stills between events. Seen live, not documented.
    public static let snapshot = Self(rawValue: "snapshot")
    /// Audio: plays a sound on request. What makes a device a chime.
    public static let chimePlay = Self(rawValue: "chime.play")

    internal static let knownForVideo = JSONAPINames<Self>([.resolutionMode])
    internal static let knownForMotion = JSONAPINames<Self>([.motionDetection, .motionZones])
    internal static let knownForImage = JSONAPINames<Self>([
        .colorNightVision, .hdr, .infraredNightVision, .autoZoomTrack, .privacyZones, .snapshot,
    ])
    internal static let knownForAudio = JSONAPINames<Self>([.chimePlay])
}
