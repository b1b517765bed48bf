internal import RingCore
@_spi(RingModels) internal import RingJSONAPI

extension RingDeviceCapabilities {
    private enum Member: String, CaseIterable {
        case video, audio
        case motion = "motion_detection"
        case image = "image_enhancements"
        case contact = "contact_detection"
        case flood = "flood_detection"
        case freeze = "freeze_detection"
        case tamper = "tamper_detection"
        case smoke = "smoke_detection"
        case carbonMonoxide = "co_detection_listener"
        case glassBreak = "glass_break_detection"
        case battery = "battery_status"
        case components
    }
    private enum AudioMember: String, CaseIterable {
        case slotCount = "customizable_slots"
        case actions = "supported_actions"
    }
    private enum ListMember: String, CaseIterable { case configurations }
    private enum BatteryMember: String, CaseIterable { case supported }

    private static let members = JSONAPINames<Member>()
    private static let audioMembers = JSONAPINames<AudioMember>()
    private static let listMembers = JSONAPINames<ListMember>()
    private static let batteryMembers = JSONAPINames<BatteryMember>()

    internal init(_ raw: JSONAPIValue, _ reader: inout DeviceReader) {
        self.init(raw: raw)
        raw.withCursor { self.read($0, &reader) }
    }

    /// Reads where the value stands; see `RingDevice.read`.
    internal mutating func read(_ raw: JSONAPICursor, _ reader: inout DeviceReader) {
        guard let attributes = raw.attributes else { return }
        if !attributes.isObject { reader.changedForm(attributes, "device-capabilities") }
        attributes.forEachMember(of: Self.members) { member, value in
            guard !value.isNull else { return }
            switch member {
            case .video: self.video = RingVideoCapabilities(value, "device-capabilities.video", &reader)
            case .audio: self.readAudio(value, &reader)
            case .motion:
                self.motionFeatures = Self.list(
                    value, RingDeviceFeature.knownForMotion, "device-capabilities.motion_detection", &reader)
            case .image:
                self.imageFeatures = Self.list(
                    value, RingDeviceFeature.knownForImage, "device-capabilities.image_enhancements", &reader)
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
                let name = value.memberName
                if name.hasSuffix("_detection") { self.detect(RingDetectionKind(wireName: name), value) }
                reader.unknownMember(value, in: "device-capabilities")
            }
        }
    }

    /// Present means supported, unless the block says otherwise.
    private mutating func detect(_ kind: RingDetectionKind, _ value: JSONAPICursor) {
        if value.bool != false, value["supported"]?.bool != false { self.detections.insert(kind) }
    }

    private mutating func readBattery(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        self.hasBattery = value.bool ?? true
        value.forEachMember(of: Self.batteryMembers) { member, value in
            switch member {
            case .supported: self.hasBattery = reader.bool(value, "device-capabilities.battery_status.supported")
            case nil: reader.unknownMember(value, in: "device-capabilities.battery_status")
            }
        }
    }

    private mutating func readAudio(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        value.forEachMember(of: Self.audioMembers) { member, value in
            switch member {
            case .slotCount:
                self.chimeSlotCount = reader.integer(value, "device-capabilities.audio.customizable_slots")
            case .actions:
                self.audioActions = reader.words(
                    value, RingDeviceFeature.knownForAudio, "device-capabilities.audio.supported_actions")
            case nil: reader.unknownMember(value, in: "device-capabilities.audio")
            }
        }
    }

    private static func list<Word: RingOpenString>(
        _ value: JSONAPICursor, _ known: JSONAPINames<Word>, _ path: String, _ reader: inout DeviceReader
    ) -> [Word] {
        var words: [Word] = []
        value.forEachMember(of: Self.listMembers) { member, value in
            switch member {
            case .configurations: words = reader.words(value, known, path)
            case nil: reader.unknownMember(value, in: path)
            }
        }
        return words
    }
}
