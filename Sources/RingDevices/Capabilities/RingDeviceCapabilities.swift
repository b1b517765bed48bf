public import RingJSONAPI

/// What a device can do. The API only reports capabilities; it cannot change them. A firmware update can, so cache them for hours.
///
/// Wire: a `device-capabilities` resource.
public struct RingDeviceCapabilities: Hashable, Sendable, Codable {
    /// What the camera records.
    ///
    /// Wire: `video`. `nil` on devices without a camera; some sensors and chimes have the block with `null` members.
    public var video: RingVideoCapabilities?
    /// What can be configured about motion.
    ///
    /// Wire: `motion_detection.configurations`. Empty on devices that see no motion.
    public var motionFeatures: [RingDeviceFeature]
    /// What the picture can be improved or masked with.
    ///
    /// Wire: `image_enhancements.configurations`. Empty on devices without a camera.
    public var imageFeatures: [RingDeviceFeature]
    /// What the device can play.
    ///
    /// Wire: `audio.supported_actions`. Empty on everything but chimes.
    public var audioActions: [RingDeviceFeature]
    /// How many sounds an app can put on a chime.
    ///
    /// Wire: `audio.customizable_slots`. `nil` on everything but chimes; a Chime Pro has 2.
    public var chimeSlotCount: Int?
    /// What the device can detect.
    ///
    /// Wire: the blocks `contact_detection`, `flood_detection` … that are not `null`; what is inside them is unknown.
    public var detections: Set<RingDetectionKind>
    /// Whether the device reports a battery.
    ///
    /// Wire: `battery_status.supported`, or the block's presence. `nil` when it is absent: on cameras it is unknown.
    public var hasBattery: Bool?
    /// The lenses of a multi-camera device.
    ///
    /// Wire: `components.items`. Empty on every other device, which then takes no component id.
    public var components: [RingDeviceComponent]
    /// The resource as received; `nil` when the value was made by hand.
    package var raw: JSONAPIValue?

    private enum CodingKeys: String, CodingKey {
        case video, motionFeatures, imageFeatures, audioActions, chimeSlotCount, detections, hasBattery, components
    }

    package init(
        video: RingVideoCapabilities? = nil, motionFeatures: [RingDeviceFeature] = [],
        imageFeatures: [RingDeviceFeature] = [], audioActions: [RingDeviceFeature] = [], chimeSlotCount: Int? = nil,
        detections: Set<RingDetectionKind> = [], hasBattery: Bool? = nil, components: [RingDeviceComponent] = [],
        raw: JSONAPIValue? = nil
    ) {
        self.video = video
        self.motionFeatures = motionFeatures
        self.imageFeatures = imageFeatures
        self.audioActions = audioActions
        self.chimeSlotCount = chimeSlotCount
        self.detections = detections
        self.hasBattery = hasBattery
        self.components = components
        self.raw = raw
    }

    /// Writes the members; detections in the order of their names, so that equal values are equal bytes.
    public func encode(to encoder: any Encoder) throws {
        var members = encoder.container(keyedBy: CodingKeys.self)
        try members.encodeIfPresent(self.video, forKey: .video)
        try members.encode(self.motionFeatures, forKey: .motionFeatures)
        try members.encode(self.imageFeatures, forKey: .imageFeatures)
        try members.encode(self.audioActions, forKey: .audioActions)
        try members.encodeIfPresent(self.chimeSlotCount, forKey: .chimeSlotCount)
        try members.encode(self.detections.sorted { $0.rawValue < $1.rawValue }, forKey: .detections)
        try members.encodeIfPresent(self.hasBattery, forKey: .hasBattery)
        try members.encode(self.components, forKey: .components)
    }

    /// Every attribute as received, known or not. Wire: `attributes`.
    public var attributes: JSONAPIValue? { self.raw?["attributes"] }
    /// Whether there is a camera: the video block names a codec, or a lens does.
    public var hasCamera: Bool {
        self.video?.codecs.isEmpty == false || self.components.contains { $0.video?.codecs.isEmpty == false }
    }
}
