@_spi(RingModels) internal import RingJSONAPI

extension RingDeviceConfigurations {
    private enum Member: String, CaseIterable {
        case motion = "motion_detection"
        case image = "image_enhancements"
        case audio
        case encryption = "e2e_encryption"
        case thresholds
    }
    private enum EncryptionMember: String, CaseIterable { case enabled }

    private static let members = JSONAPINames<Member>()
    private static let encryptionMembers = JSONAPINames<EncryptionMember>()

    internal init(_ raw: JSONAPIValue, _ reader: inout DeviceReader) {
        self.init(raw: raw)
        raw.withCursor { self.read($0, &reader) }
    }

    /// Reads where the value stands; see `RingDevice.read`.
    internal mutating func read(_ raw: JSONAPICursor, _ reader: inout DeviceReader) {
        guard let attributes = raw.attributes else { return }
        if !attributes.isObject { reader.changedForm(attributes, "device-configurations") }
        attributes.forEachMember(of: Self.members) { member, value in
            guard !value.isNull else { return }
            switch member {
            case .motion: self.motion = RingMotionConfiguration(value, &reader)
            case .image: self.image = RingImageConfiguration(value, &reader)
            case .audio: self.audio = RingAudioConfiguration(value, &reader)
            case .encryption: self.readEncryption(value, &reader)
            case .thresholds: self.thresholds = value.kept
            case nil: reader.unknownMember(value, in: "device-configurations")
            }
        }
    }

    private mutating func readEncryption(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        guard value.isObject else {
            self.isEncrypted = value.bool
            reader.changedForm(value, "device-configurations.e2e_encryption")
            return
        }
        value.forEachMember(of: Self.encryptionMembers) { member, value in
            switch member {
            case .enabled: self.isEncrypted = reader.bool(value, "device-configurations.e2e_encryption.enabled")
            case nil: reader.unknownMember(value, in: "device-configurations.e2e_encryption")
            }
        }
    }
}
