@_spi(RingModels) internal import RingJSONAPI

/// How loud a device is, and what a chime plays.
///
/// Wire: `audio` of a `device-configurations` resource.
public struct RingAudioConfiguration: Hashable, Sendable, Codable {
    /// The volume in steps; 11 has been seen on a doorbell. The range is not documented.
    ///
    /// Wire: `volume`. `nil` when the response has none.
    public var volume: Int?
    /// The sounds apps have put on a chime.
    ///
    /// Wire: `customizable_slots`. Empty on everything but chimes.
    public var slots: [RingChimeSlot]

    package init(volume: Int? = nil, slots: [RingChimeSlot] = []) {
        self.volume = volume
        self.slots = slots
    }
}

extension RingAudioConfiguration {
    private enum Member: String, CaseIterable {
        case volume
        case slots = "customizable_slots"
    }
    private static let members = JSONAPINames<Member>()
    private static let path = "device-configurations.audio"

    internal init?(_ value: JSONAPICursor, _ reader: inout DeviceReader) {
        guard value.isObject else {
            reader.changedForm(value, Self.path)
            return nil
        }
        self.init()
        value.forEachMember(of: Self.members) { member, value in
            switch member {
            case .volume: self.volume = reader.integer(value, "device-configurations.audio.volume")
            case .slots:
                if !value.isArray, !value.isNull {
                    reader.changedForm(value, "device-configurations.audio.customizable_slots")
                }
                value.forEachElement { element in
                    if element.isObject {
                        self.slots.append(RingChimeSlot(element, &reader))
                    } else {
                        reader.problem(element, "not an object")
                    }
                    return true
                }
            case nil: reader.unknownMember(value, in: Self.path)
            }
        }
    }
}
