public import RingCore
@_spi(RingModels) public import RingJSONAPI

/// Where a device is, never finer than a state.
///
/// Wire: a `locations` resource.
public struct RingLocation: Hashable, Sendable, Codable {
    /// Names the location; `nil` only for values made by hand.
    ///
    /// Wire: `data.id`, often a plain UUID.
    public var id: RingLocationID?
    /// The country, an ISO 3166 code: `US`.
    ///
    /// Wire: `country`. There whenever the location is; `nil` when the response breaks that promise.
    public var country: String?
    /// The state, for places in the United States as a rule: `WA`.
    ///
    /// Wire: `state`. `nil` when the response has none.
    public var state: String?
    /// The resource as received; `nil` when the value was made by hand.
    package var raw: JSONAPIValue?

    private enum CodingKeys: String, CodingKey {
        case id, country, state
    }

    package init(
        id: RingLocationID? = nil, country: String? = nil, state: String? = nil, raw: JSONAPIValue? = nil
    ) {
        self.id = id
        self.country = country
        self.state = state
        self.raw = raw
    }

    /// Every attribute as received, known or not. Wire: `attributes`.
    public var attributes: JSONAPIValue? { self.raw?["attributes"] }
}

extension RingLocation {
    private enum Member: String, CaseIterable { case country, state }
    private static let members = JSONAPINames<Member>()

    internal init(_ raw: JSONAPIValue, _ reader: inout DeviceReader) {
        self.init(id: JSONAPIResource(raw).map { RingLocationID(rawValue: $0.id) }, raw: raw)
        raw.withCursor { self.read($0, &reader) }
    }

    /// Reads where the value stands; see `RingDevice.read`.
    internal mutating func read(_ raw: JSONAPICursor, _ reader: inout DeviceReader) {
        guard let attributes = raw.attributes else { return }
        if !attributes.isObject { reader.changedForm(attributes, "locations") }
        attributes.forEachMember(of: Self.members) { member, value in
            switch member {
            case .country: self.country = reader.text(value, "locations.country")
            case .state: self.state = reader.text(value, "locations.state")
            case nil: reader.unknownMember(value, in: "locations")
            }
        }
    }
}
