public import RingJSONAPI

/// How the user has set a device up. Read-only; it changes at any time, without a webhook.
///
/// Wire: a `device-configurations` resource.
public struct RingDeviceConfigurations: Hashable, Sendable, Codable {
    /// Whether and where motion is looked for.
    ///
    /// Wire: `motion_detection`. `nil` on devices that see no motion.
    public var motion: RingMotionConfiguration?
    /// How the picture is improved and masked.
    ///
    /// Wire: `image_enhancements`. `nil` on devices without a camera.
    public var image: RingImageConfiguration?
    /// How loud the device is, and what a chime plays.
    ///
    /// Wire: `audio`. `nil` when the response has none.
    public var audio: RingAudioConfiguration?
    /// Whether the user has encrypted the media so that only their own devices can read it.
    ///
    /// Wire: `e2e_encryption.enabled`, a boolean. `nil` when the response has none.
    public var isEncrypted: Bool?
    /// The limits at which a sensor raises an event, as received. Seen in an emulator only.
    ///
    /// Wire: `thresholds`.
    public var thresholds: JSONAPIValue?
    /// The resource as received; `nil` when the value was made by hand.
    package var raw: JSONAPIValue?

    private enum CodingKeys: String, CodingKey {
        case motion, image, audio, isEncrypted
    }

    package init(
        motion: RingMotionConfiguration? = nil, image: RingImageConfiguration? = nil,
        audio: RingAudioConfiguration? = nil, isEncrypted: Bool? = nil, thresholds: JSONAPIValue? = nil,
        raw: JSONAPIValue? = nil
    ) {
        self.motion = motion
        self.image = image
        self.audio = audio
        self.isEncrypted = isEncrypted
        self.thresholds = thresholds
        self.raw = raw
    }

    /// Every attribute as received, known or not. Wire: `attributes`.
    public var attributes: JSONAPIValue? { self.raw?["attributes"] }
}
