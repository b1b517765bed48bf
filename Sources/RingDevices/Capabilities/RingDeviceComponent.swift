public import RingCore
@_spi(RingModels) package import RingJSONAPI

/// One lens of a multi-camera device.
///
/// Wire: an entry of `components.items` of a `device-capabilities` resource.
public struct RingDeviceComponent: Hashable, Sendable, Codable, Identifiable {
    /// Names the lens in requests for its media and settings.
    ///
    /// Wire: `component_id`, a string; numbers have been seen.
    public var id: RingComponentID
    /// What it is.
    ///
    /// Wire: `component_type`; only `lens` has been seen. `nil` when the response has none.
    package var type: String?
    /// Its name for people: “View 1”.
    ///
    /// Wire: `component_name`. `nil` when the response has none.
    public var name: String?
    /// What it can record.
    ///
    /// Wire: `video`. `nil` when the response has none.
    public var video: RingVideoCapabilities?
    /// The entry as received; `nil` when the value was made by hand.
    package var raw: JSONAPIValue?

    private enum CodingKeys: String, CodingKey {
        case id, type, name, video
    }

    package init(
        id: RingComponentID, type: String? = nil, name: String? = nil, video: RingVideoCapabilities? = nil,
        raw: JSONAPIValue? = nil
    ) {
        self.id = id
        self.type = type
        self.name = name
        self.video = video
        self.raw = raw
    }
}

extension RingDeviceComponent {
    private enum Member: String, CaseIterable {
        case id = "component_id"
        case type = "component_type"
        case name = "component_name"
        case video
    }
    private static let members = JSONAPINames<Member>()
    private static let types = JSONAPINames<DeviceWord>([DeviceWord(rawValue: "lens")])
    private static let path = "device-capabilities.components.items"

    /// The components of `{"items": […]}`, or of an array alone; objects, or bare identifiers.
    internal static func list(_ value: JSONAPICursor, _ reader: inout DeviceReader) -> [RingDeviceComponent] {
        let items = value.isArray ? value : value["items"]
        if !value.isObject { reader.changedForm(value, "device-capabilities.components") }
        guard let items else { return [] }
        if !items.isArray { reader.changedForm(items, Self.path) }
        var components: [RingDeviceComponent] = []
        items.forEachElement { item in
            if let component = Self.read(item, &reader) {
                components.append(component)
            } else {
                reader.problem(item, "component without an id")
            }
            return true
        }
        return components
    }

    private static func read(_ item: JSONAPICursor, _ reader: inout DeviceReader) -> RingDeviceComponent? {
        guard item.isObject else {
            reader.changedForm(item, Self.path)
            return RingComponentID(item).map { RingDeviceComponent(id: $0, raw: item.kept) }
        }
        guard let id = item["component_id"].flatMap({ RingComponentID($0) }) else { return nil }
        var component = RingDeviceComponent(id: id, raw: item.kept)
        item.forEachMember(of: Self.members) { member, value in
            switch member {
            case .id: break
            case .type:
                component.type =
                    reader.word(
                        value, Self.types, "device-capabilities.components.items.component_type")?.rawValue
            case .name: component.name = reader.text(value, "device-capabilities.components.items.component_name")
            case .video:
                component.video = RingVideoCapabilities(
                    value, "device-capabilities.components.items.video", &reader)
            case nil: reader.unknownMember(value, in: Self.path)
            }
        }
        return component
    }
}
