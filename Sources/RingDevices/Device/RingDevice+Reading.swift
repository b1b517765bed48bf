internal import RingCore
@_spi(RingModels) internal import RingJSONAPI

extension RingDevice {
    private enum Member: String, CaseIterable { case type, id, attributes, relationships, links, meta }
    private enum Attribute: String, CaseIterable {
        case name
        case imageAddress = "image_url"
    }
    private enum Relationship: String, CaseIterable { case status, capabilities, configurations, location }

    private static let members = JSONAPINames<Member>()
    private static let attributeNames = JSONAPINames<Attribute>()
    private static let relationshipNames = JSONAPINames<Relationship>()

    /// The first value of every device of a list. A device is read into its place in the list: a new large value would be
    /// copied there, and each copy counts some sixty references.
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
        resource.raw.forEachMember(of: Self.members) { member, value in
            switch member {
            case .attributes: self.readAttributes(value, &reader)
            case .relationships: self.readRelationships(value, document, &parts, &reader)
            case .type, .id, .links, .meta: break
            case nil: reader.unknownMember(value, in: "devices")
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
        attributes.forEachMember(of: Self.attributeNames) { attribute, value in
            switch attribute {
            case .name: self.name = reader.text(value, "devices.name")
            case .imageAddress: self.imageAddress = reader.text(value, "devices.image_url")
            case nil: reader.unknownMember(value, in: "devices")
            }
        }
    }

    private mutating func readRelationships(
        _ relationships: JSONAPICursor, _ document: JSONAPIDocument, _ parts: inout Parts, _ reader: inout DeviceReader
    ) {
        guard !document.allIncluded.isEmpty else { return }
        relationships.forEachMember(of: Self.relationshipNames) { relationship, value in
            guard let relationship else {
                reader.unknownMember(value, in: "devices.relationships")
                return
            }
            guard let found = document.includedPosition(value, expected: reader.nextIncluded) else { return }
            // Locations are shared by devices and stand at the end.
            if relationship != .location { reader.nextIncluded = found + 1 }
            let raw = document.allIncluded[found].raw
            switch relationship {
            case .status:
                // Of two members with one name the last counts, alone.
                if !parts.insert(.status).inserted { self.status = RingDeviceStatus() }
                value.at(raw) { self.status?.read($0, &reader) }
                self.status?.raw = raw
            case .capabilities:
                // Of two members with one name the last counts, alone.
                if !parts.insert(.capabilities).inserted { self.capabilities = RingDeviceCapabilities() }
                value.at(raw) { self.capabilities?.read($0, &reader) }
                self.capabilities?.raw = raw
            case .configurations:
                // Of two members with one name the last counts, alone.
                if !parts.insert(.configurations).inserted { self.configurations = RingDeviceConfigurations() }
                value.at(raw) { self.configurations?.read($0, &reader) }
                self.configurations?.raw = raw
            case .location:
                let id = RingLocationID(rawValue: document.allIncluded[found].id)
                self.location = RingLocation(id: id, raw: raw)
                value.at(raw) { self.location?.read($0, &reader) }
            }
        }
    }
}
