/// How a resource stands to others.
public struct JSONAPIRelationship: Hashable, Sendable {
    /// The relationship object as received.
    public var raw: JSONAPIValue

    /// Reads from a value.
    ///
    /// - Parameter raw: A member of `relationships`.
    public init(_ raw: JSONAPIValue) { self.raw = raw }

    /// The three forms of `data`, and its absence. The list is closed by JSON:API.
    public enum Linkage: Hashable, Sendable {
        /// There is no `data`, only links or meta.
        case absent
        /// `null`: an empty to-one relationship.
        case null
        /// An object: a to-one relationship.
        case one(JSONAPIIdentifier)
        /// An array: a to-many relationship. Unreadable entries are left out.
        case many([JSONAPIIdentifier])
    }

    /// Wire: `data`. An object that is no identifier counts as absent.
    public var linkage: Linkage {
        guard let data = self.raw.member("data") else { return .absent }
        switch data.kind {
        case .null: return .null
        case .array: return .many(self.identifiers)
        default: return self.identifier.map { .one($0) } ?? .absent
        }
    }

    /// Every identifier in `data`, whether it is an object or an array.
    public var identifiers: [JSONAPIIdentifier] { self.linked.compactMap { JSONAPIResource($0)?.identifier } }

    /// The first identifier in `data`, whether it is an object or an array.
    public var identifier: JSONAPIIdentifier? { self.linked.lazy.compactMap { JSONAPIResource($0)?.identifier }.first }

    /// The entries of `data` that are no identifiers, and so are left out above.
    public var problems: [JSONAPIProblem] {
        self.linked.compactMap { value in
            guard case .failure(let reason) = JSONAPIResource.read(value) else { return nil }
            return JSONAPIProblem(path: value.path, reason: reason, raw: value)
        }
    }

    /// Wire: `links`.
    public var links: JSONAPILinks { JSONAPILinks(self.raw["links"]) }
    /// Wire: `meta`.
    public var meta: JSONAPIValue? { self.raw["meta"] }

    /// The values in `data`, read or not.
    internal var linked: [JSONAPIValue] {
        guard let data = self.raw["data"] else { return [] }
        return data.kind == .array ? Array(data.elements) : [data]
    }
}
