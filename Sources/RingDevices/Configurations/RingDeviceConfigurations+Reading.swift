@_spi(RingModels) internal import RingJSONAPI

extension RingDeviceConfigurations {
    private enum Member: Int { case motion, image, audio, encryption, thresholds }

    private static let names = JSONAPINames([
        "motion_detection", "image_enhancements", "audio", "e2e_encryption", "thresholds",
    ])
    private static let encryptionNames = JSONAPINames(["enabled"])

    internal init(_ raw: JSONAPIValue, _ reader: inout DeviceReader) {
        self.init(raw: raw)
        raw.withCursor { self.read($0, &reader) }
    }

    /// Reads where the value stands; see `RingDevice.read`.
    internal mutating func read(_ raw: JSONAPICursor, _ reader: inout DeviceReader) {
        guard let attributes = raw.attributes else { return }
        if !attributes.isObject { reader.changedForm(attributes, "device-configurations") }
        attributes.forEachMember(of: Self.names) { position, member in
            let value = member.value
            guard !value.isNull else { return }
            switch Member(rawValue: position) {
            case .motion: self.motion = RingMotionConfiguration(value, &reader)
            case .image: self.image = RingImageConfiguration(value, &reader)
            case .audio: self.audio = RingAudioConfiguration(value, &reader)
            case .encryption: self.readEncryption(value, &reader)
            case .thresholds: self.thresholds = value.kept
            case nil: reader.unknownMember(member, in: "device-configurations")
            }
        }
    }

    private mutating func readEncryption(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        guard value.isObject else {
            self.isEncrypted = value.bool
            reader.changedForm(value, "device-configurations.e2e_encryption")
            return
        }
        value.forEachMember(of: Self.encryptionNames) { position, member in
            if position == 0 {
                self.isEncrypted = reader.bool(member.value, "device-configurations.e2e_encryption.enabled")
            } else {
                reader.unknownMember(member, in: "device-configurations.e2e_encryption")
            }
        }
    }
}
