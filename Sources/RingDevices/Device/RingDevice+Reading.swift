internal import RingCore
@_spi(RingModels) internal import RingJSONAPI

extension RingDevice {
    private static let memberNames = JSONAPINames([
        "type", "id", "attributes", "relationships", "links", "meta",
    ])
    private static let attributeNames = JSONAPINames(["name", "image_url"])
    private static let relationshipNames = JSONAPINames(["status", "capabilities", "configurations", "location"])

    /// Reads what a device's resource says into this one. In a list the device is read where it stands: a large value
    /// that is copied once counts some sixty references.
    internal mutating func read(
        _ resource: JSONAPIResource, in document: JSONAPIDocument, _ reader: inout DeviceReader
    ) {
        resource.raw.forEachMember(of: Self.memberNames) { position, member in
            switch position {
            case 2: self.readAttributes(member.value, &reader)
            case 3: self.readRelationships(member.value, document, &reader)
            case 0, 1, 4, 5: break
            default: reader.unknownMember(member, in: "devices")
            }
        }
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
        _ relationships: JSONAPICursor, _ document: JSONAPIDocument, _ reader: inout DeviceReader
    ) {
        guard !document.allIncluded.isEmpty else { return }
        relationships.forEachMember(of: Self.relationshipNames) { position, member in
            guard position >= 0 else {
                reader.unknownMember(member, in: "devices.relationships")
                return
            }
            guard let included = document.included(member.value) else { return }
            switch position {
            case 0:
                self.status = RingDeviceStatus(raw: included.raw)
                member.value.at(included.raw) { self.status?.read($0, &reader) }
            case 1:
                self.capabilities = RingDeviceCapabilities(raw: included.raw)
                member.value.at(included.raw) { self.capabilities?.read($0, &reader) }
            case 2:
                self.configurations = RingDeviceConfigurations(raw: included.raw)
                member.value.at(included.raw) { self.configurations?.read($0, &reader) }
            default:
                self.location = RingLocation(id: RingLocationID(rawValue: included.id), raw: included.raw)
                member.value.at(included.raw) { self.location?.read($0, &reader) }
            }
        }
    }
}
