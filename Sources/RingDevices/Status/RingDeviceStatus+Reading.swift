@_spi(RingModels) internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingDeviceStatus {
    private enum Member: String, CaseIterable {
        case online
        case reportedAt = "reported_at"
        case state, audio
        case contact = "contact_detection"
        case flood = "flood_detection"
        case freeze = "freeze_detection"
        case tamper = "tamper_detection"
        case reporting = "sensor_reporting_state"
        case battery = "battery_status"
        case signal = "signal_strength"
    }
    private enum AudioMember: String, CaseIterable { case snooze }

    private static let members = JSONAPINames<Member>()
    private static let reportingStates = JSONAPINames<DeviceWord>([DeviceWord(rawValue: "active")])
    private static let audioMembers = JSONAPINames<AudioMember>()

    internal init(_ raw: JSONAPIValue, _ reader: inout DeviceReader) {
        self.init(raw: raw)
        raw.withCursor { self.read($0, &reader) }
    }

    /// Reads where the value stands; see `RingDevice.read`.
    internal mutating func read(_ raw: JSONAPICursor, _ reader: inout DeviceReader) {
        guard let attributes = raw.attributes else { return }
        if !attributes.isObject { reader.changedForm(attributes, "device-status") }
        attributes.forEachMember(of: Self.members) { member, value in
            switch member {
            case .online: self.isOnline = reader.bool(value, "device-status.online")
            case .reportedAt: self.readReport(value, &reader)
            // Its purpose is unknown, and it was `null` in every response; it stays among the attributes.
            case .state: break
            case .audio: self.readAudio(value, &reader)
            case .contact: self.contact = RingDetection(value, "device-status.contact_detection", &reader)
            case .flood: self.flood = RingDetection(value, "device-status.flood_detection", &reader)
            case .freeze: self.freeze = RingDetection(value, "device-status.freeze_detection", &reader)
            case .tamper: self.tamper = RingDetection(value, "device-status.tamper_detection", &reader)
            case .reporting:
                self.reportingState =
                    reader.word(
                        Self.inner(value), Self.reportingStates, "device-status.sensor_reporting_state.value")?.rawValue
            case .battery: self.battery = RingBattery(value, &reader)
            case .signal:
                self.signalStrength = reader.word(
                    Self.inner(value), RingSignalStrength.known, "device-status.signal_strength.value")
            case nil: self.readOther(value, &reader)
            }
        }
    }

    private mutating func readReport(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        let date = reader.date(value, "device-status.reported_at")
        self.hasNeverReported = date?.timeIntervalSince1970 == 0
        self.reportedAt = self.hasNeverReported ? nil : date
    }

    private mutating func readAudio(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        value.forEachMember(of: Self.audioMembers) { member, value in
            switch member {
            case .snooze: self.snooze = RingSnooze(value, &reader)
            case nil: reader.unknownMember(value, in: "device-status.audio")
            }
        }
        if !value.isObject, !value.isNull { reader.changedForm(value, "device-status.audio") }
    }

    /// A member that this version does not know by name: a detection, a reading, or something unknown.
    @inline(never) private mutating func readOther(_ member: JSONAPICursor, _ reader: inout DeviceReader) {
        let value = member.kept
        let name = member.memberName
        if value.kind == .object, let detected = value["faulted"] ?? value["detected"], detected.kind == .bool {
            let kind = RingDetectionKind(wireName: name)
            self.otherDetections[kind] = RingDetection(isTriggered: detected.bool, raw: value)
            if !RingDetectionKind.documented.contains(kind) { reader.unknownMember(member, in: "device-status") }
            return
        }
        if let reading = RingReading(name: name, value) {
            self.readings.append(reading)
            if RingReadingKind.anticipated.contains(reading.kind) { return }
        }
        reader.unknownMember(member, in: "device-status")
    }

    /// `{value}`, or the value alone.
    private static func inner(_ value: JSONAPICursor) -> JSONAPICursor {
        value.isObject ? value.member("value") ?? value : value
    }
}
