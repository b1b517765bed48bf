public import RingCore
public import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// A camera, doorbell, chime or sensor that a Ring user shares with the app.
///
/// Wire: a `devices` resource with what was included. Ring sends no model, firmware, power source or address;
/// ``likelyKind``, ``reachability`` and the like are conclusions from its parts.
public struct RingDevice: Sendable, Identifiable {
    /// Names the device in every request about it. Opaque.
    ///
    /// Wire: `data.id`.
    public var id: RingDeviceID
    /// What the user calls it. Show this, never the identifier.
    ///
    /// Wire: `name`. `nil` when the response has none.
    public var name: String?
    package var imageAddress: String?
    /// How it is now. `nil` when it was not included.
    public var status: RingDeviceStatus?
    /// What it can do. `nil` when it was not included.
    public var capabilities: RingDeviceCapabilities?
    /// How the user has set it up. `nil` when it was not included.
    public var configurations: RingDeviceConfigurations?
    /// Where it is. `nil` when it was not included, and for devices without a location.
    public var location: RingLocation?
    /// The resource as received; `nil` when the value was made by hand.
    package var raw: JSONAPIValue?

    package init(
        id: RingDeviceID, name: String? = nil, imageAddress: String? = nil, status: RingDeviceStatus? = nil,
        capabilities: RingDeviceCapabilities? = nil, configurations: RingDeviceConfigurations? = nil,
        location: RingLocation? = nil, raw: JSONAPIValue? = nil
    ) {
        self.id = id
        self.name = name
        self.imageAddress = imageAddress
        self.status = status
        self.capabilities = capabilities
        self.configurations = configurations
        self.location = location
        self.raw = raw
    }

    /// Every attribute of the device itself as received, known or not. Wire: `attributes`.
    public var attributes: JSONAPIValue? { self.raw?["attributes"] }

    /// Where Ring has a small picture of the model. Do not conclude a model from the path.
    ///
    /// Wire: `image_url`. Sent live, not documented; `nil` when the response has none, or no URL.
    public var imageURL: URL? { self.imageAddress.flatMap { RingURL.reference($0) } }

    /// Where the device is, also when the location was not included.
    ///
    /// Wire: `relationships.location.data.id`.
    public var locationID: RingLocationID? {
        if let id = self.location?.id { return id }
        let relationship = self.raw.flatMap { JSONAPIResource($0) }?.relationship("location")
        return relationship?.identifier.map { RingLocationID(rawValue: $0.id) }
    }
}

extension RingDevice {
    /// What powers the device, as far as status and capabilities contain it.
    public var powerSource: RingPowerSource {
        if let battery = self.status?.battery {
            if battery.isOnMains { return .mains }
            if battery.percentage != nil { return .battery }
        }
        return self.capabilities?.hasBattery == true ? .battery : .unknown
    }

    /// Whether media of this device is encrypted: requests may succeed and their content still be unreadable.
    ///
    /// `nil` when the configurations were not included or do not say.
    public var isEncrypted: Bool? { self.configurations?.isEncrypted }
}

extension RingDevice: Hashable {
    /// Feeds the identifier alone into a hasher: two devices with one identifier are rarely in one set.
    public func hash(into hasher: inout Hasher) { hasher.combine(self.id) }
}

/// A device as JSON, for a web page or a cache. The members have the names of the properties, and keep them; `kind` is
/// ``RingDevice/likelyKind``. Attributes that this version does not know are not part of it.
extension RingDevice: Codable {
    private enum CodingKeys: String, CodingKey {
        case id, name
        case imageAddress = "imageURL"
        case status, capabilities, configurations, location
    }

    private enum ConclusionKeys: String, CodingKey { case kind }

    /// Writes the device, and what it most probably is.
    ///
    /// - Throws: What the encoder throws.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(self.id, forKey: .id)
        try container.encodeIfPresent(self.name, forKey: .name)
        try container.encodeIfPresent(self.imageAddress, forKey: .imageAddress)
        try container.encodeIfPresent(self.status, forKey: .status)
        try container.encodeIfPresent(self.capabilities, forKey: .capabilities)
        try container.encodeIfPresent(self.configurations, forKey: .configurations)
        try container.encodeIfPresent(self.location, forKey: .location)
        var conclusions = encoder.container(keyedBy: ConclusionKeys.self)
        try conclusions.encode(self.likelyKind, forKey: .kind)
    }
}
