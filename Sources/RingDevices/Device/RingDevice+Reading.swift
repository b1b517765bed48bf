internal import RingCore
@_spi(RingModels) internal import RingJSONAPI

extension RingDevice {
    private static let memberNames = JSONAPINames([
        "type", "id", "attributes", "relationships", "links", "meta",
    ])
    private static let attributeNames = JSONAPINames(["name", "image_url"])
    private static let relationshipNames = JSONAPINames(["status", "capabilities", "configurations", "location"])

    /// What every device of a list starts as, and is read into where it stands: a large value that is made anew is
    /// copied on its way there, and counts some sixty references each time.
    internal static let blank = RingDevice(
        id: RingDeviceID(rawValue: ""), status: RingDeviceStatus(), capabilities: RingDeviceCapabilities(),
        configurations: RingDeviceConfigurations())

    /// Reads what a device's resource says into a blank one.
    internal mutating func read(
        _ resource: JSONAPIResource, in document: JSONAPIDocument, _ reader: inout DeviceReader
    ) {
        self.id = RingDeviceID(rawValue: resource.id)
        self.raw = resource.raw
        var parts = Parts()
        resource.raw.forEachMember(of: Self.memberNames) { position, member in
            switch position {
            case 2: self.readAttributes(member.value, &reader)
            case 3: self.readRelationships(member.value, document, &parts, &reader)
            case 0, 1, 4, 5: break
            default: reader.unknownMember(member, in: "devices")
            }
        }
        if parts != [.status, .capabilities, .configurations] { self.drop(otherThan: parts) }
    }

    /// The parts of a blank device that were included.
    private struct Parts: OptionSet {
        var rawValue: UInt8 = 0
        static let status = Self(rawValue: 1)
        static let capabilities = Self(rawValue: 2)
        static let configurations = Self(rawValue: 4)
    }

    @inline(never) private mutating func drop(otherThan parts: Parts) {
        if !parts.contains(.status) { self.status = nil }
        if !parts.contains(.capabilities) { self.capabilities = nil }
        if !parts.contains(.configurations) { self.configurations = nil }
    }

    private mutating func readAttributes(_ attributes: JSONAPICursor, _ reader: inout DeviceReader) {
        if !attributes.isObject, !attributes.isNull { reader.changedForm(attributes, "devices.attributes") }
        attributes.forEachMember(of: Self.attributeNames) { position, member in
            switch position {
            case 0: self.name = reader.text(member.value, "devices.name")
            case 1: self.imageAddress = reader.text(member.value, "devices.image_url")
            default: reader.unknownMember(member, in: "devices")
            }
        }
    }

    private mutating func readRelationships(
        _ relationships: JSONAPICursor, _ document: JSONAPIDocument, _ parts: inout Parts, _ reader: inout DeviceReader
    ) {
        guard !document.allIncluded.isEmpty else { return }
        relationships.forEachMember(of: Self.relationshipNames) { position, member in
            guard position >= 0 else {
                reader.unknownMember(member, in: "devices.relationships")
                return
            }
            guard let found = document.includedPosition(member.value, expected: reader.nextIncluded) else { return }
            // Locations are shared by devices and stand at the end.
            if position < 3 { reader.nextIncluded = found + 1 }
            let raw = document.allIncluded[found].raw
            switch position {
            case 0:
                // Of two members with one name the last counts, alone.
                if !parts.insert(.status).inserted { self.status = RingDeviceStatus() }
                member.value.at(raw) { self.status?.read($0, &reader) }
                self.status?.raw = raw
            case 1:
                // Of two members with one name the last counts, alone.
                if !parts.insert(.capabilities).inserted { self.capabilities = RingDeviceCapabilities() }
                member.value.at(raw) { self.capabilities?.read($0, &reader) }
                self.capabilities?.raw = raw
            case 2:
                // Of two members with one name the last counts, alone.
                if !parts.insert(.configurations).inserted { self.configurations = RingDeviceConfigurations() }
                member.value.at(raw) { self.configurations?.read($0, &reader) }
                self.configurations?.raw = raw
            default:
                let id = RingLocationID(rawValue: document.allIncluded[found].id)
                self.location = RingLocation(id: id, raw: raw)
                member.value.at(raw) { self.location?.read($0, &reader) }
            }
        }
    }
}
