/// A relationship of a resource to others.
public struct JSONAPIRelationship: Hashable, Sendable {
    /// The relationship object as received, with its `links` and `meta`.
    public let raw: JSONAPIValue

    /// - Parameter raw: A member of `relationships`.
    package init(_ raw: JSONAPIValue) { self.raw = raw }

    /// Every identifier in `data`, whether it is an object or an array. Unreadable entries are left out.
    public var identifiers: [JSONAPIIdentifier] { self.linked.compactMap { JSONAPIResource($0)?.identifier } }

    /// The first identifier in `data`, whether it is an object or an array.
    public var identifier: JSONAPIIdentifier? { self.linked.lazy.compactMap { JSONAPIResource($0)?.identifier }.first }

    /// The values in `data`, read or not.
    private var linked: [JSONAPIValue] {
        guard let data = self.raw["data"] else { return [] }
        return data.kind == .array ? data.elements : [data]
    }
}
