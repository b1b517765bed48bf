@_spi(RingModels) internal import RingJSONAPI

extension RingDeviceCapabilities {
    private enum Member: Int {
        case video, audio, motion, image
        case contact, flood, freeze, tamper, smoke, carbonMonoxide, glassBreak
        case battery, components
    }

    private static let names = JSONAPINames([
        "video", "audio", "motion_detection", "image_enhancements", "contact_detection", "flood_detection",
        "freeze_detection", "tamper_detection", "smoke_detection", "co_detection_listener", "glass_break_detection",
        "battery_status", "components",
    ])
    private static let audioNames = JSONAPINames(["customizable_slots", "supported_actions"])
    private static let listNames = JSONAPINames(["configurations"])
    private static let batteryNames = JSONAPINames(["supported"])

    internal init(_ raw: JSONAPIValue, _ reader: inout DeviceReader) {
        self.init(raw: raw)
        raw.withCursor { self.read($0, &reader) }
    }

    /// Reads where the value stands; see `RingDevice.read`.
    internal mutating func read(_ raw: JSONAPICursor, _ reader: inout DeviceReader) {
        guard let attributes = raw.attributes else { return }
        if !attributes.isObject { reader.changedForm(attributes, "device-capabilities") }
        attributes.forEachMember(of: Self.names) { position, member in
            let value = member.value
            guard !value.isNull else { return }
            switch Member(rawValue: position) {
            case .video: self.video = RingVideoCapabilities(value, "device-capabilities.video", &reader)
            case .audio: self.readAudio(value, &reader)
            case .motion:
                self.motionFeatures = Self.list(
                    value, RingMotionFeature.known, "device-capabilities.motion_detection", &reader)
            case .image:
                self.imageFeatures = Self.list(
                    value, RingImageFeature.known, "device-capabilities.image_enhancements", &reader)
            case .contact: self.detect(.contact, value)
            case .flood: self.detect(.flood, value)
            case .freeze: self.detect(.freeze, value)
            case .tamper: self.detect(.tamper, value)
            case .smoke: self.detect(.smoke, value)
            case .carbonMonoxide: self.detect(.carbonMonoxideAlarm, value)
            case .glassBreak: self.detect(.glassBreak, value)
            case .battery: self.readBattery(value, &reader)
            case .components: self.components = RingDeviceComponent.list(value, &reader)
            case nil:
                let name = member.name
                if name.hasSuffix("_detection") { self.detect(RingDetectionKind(wireName: name), value) }
                reader.unknownMember(member, in: "device-capabilities")
            }
        }
    }

    /// Present means supported, unless the block says otherwise.
    private mutating func detect(_ kind: RingDetectionKind, _ value: JSONAPICursor) {
        if value.bool != false, value["supported"]?.bool != false { self.detections.insert(kind) }
    }

    private mutating func readBattery(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        self.hasBattery = value.bool ?? true
        value.forEachMember(of: Self.batteryNames) { position, member in
            if position == 0 {
                self.hasBattery = reader.bool(member.value, "device-capabilities.battery_status.supported")
            } else {
                reader.unknownMember(member, in: "device-capabilities.battery_status")
            }
        }
    }

    private mutating func readAudio(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        value.forEachMember(of: Self.audioNames) { position, member in
            switch position {
            case 0:
                self.chimeSlotCount = reader.integer(member.value, "device-capabilities.audio.customizable_slots")
            case 1:
                self.audioActions = reader.words(
                    member.value, RingAudioAction.known, "device-capabilities.audio.supported_actions")
            default: reader.unknownMember(member, in: "device-capabilities.audio")
            }
        }
    }

    private static func list<Word>(
        _ value: JSONAPICursor, _ known: Vocabulary<Word>, _ path: String, _ reader: inout DeviceReader
    ) -> [Word] {
        var words: [Word] = []
        value.forEachMember(of: Self.listNames) { position, member in
            if position == 0 {
                words = reader.words(member.value, known, path)
            } else {
                reader.unknownMember(member, in: path)
            }
        }
        return words
    }
}
