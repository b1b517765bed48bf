/// A resource object, or a resource identifier: something with a type and an id.
///
/// A view into the document: names and texts become Swift strings when they are read.
public struct JSONAPIResource: Hashable, Sendable {
    /// The object as received, with its `links` and `meta`.
    public let raw: JSONAPIValue
    internal let typeIndex: Int
    internal let idIndex: Int

    /// Reads a resource; `nil` when the value is not an object with a `type` and an `id`.
    package init?(_ raw: JSONAPIValue) {
        guard case .success(let resource) = Self.read(raw) else { return nil }
        self = resource
    }

    private init(raw: JSONAPIValue, typeIndex: Int, idIndex: Int) {
        self.raw = raw
        self.typeIndex = typeIndex
        self.idIndex = idIndex
    }

    internal enum Reading {
        case success(JSONAPIResource)
        case failure(String)
    }

    internal static func read(_ raw: JSONAPIValue) -> Reading {
        raw.source.withCursor(at: raw.index) { self.read($0) }
    }

    internal static func read(_ raw: JSONAPICursor) -> Reading {
        guard raw.entry.isObject else { return .failure(JSONAPIProblem.notAnObject) }
        let (type, id) = raw.typeAndID
        guard type >= 0 else { return .failure(JSONAPIProblem.missingType) }
        guard id >= 0 else { return .failure(JSONAPIProblem.missingID) }
        return .success(JSONAPIResource(raw: raw.kept, typeIndex: type, idIndex: id))
    }

    /// Wire: `type`.
    public var type: String { self.raw.source.string(self.raw.source.entry(self.typeIndex)) }

    /// Wire: `id`, opaque. A number becomes its text.
    public var id: String {
        let entry = self.raw.source.entry(self.idIndex)
        guard entry.isString else { return JSONAPIValue(source: self.raw.source, index: self.idIndex).description }
        return self.raw.source.string(entry)
    }

    /// Type and id.
    public var identifier: JSONAPIIdentifier { JSONAPIIdentifier(type: self.type, id: self.id) }

    /// Whether the resource is of this type; cheaper than comparing ``type``.
    public func isType(_ name: String) -> Bool { self.raw.source.equals(self.typeIndex, name) }

    /// Whether the resource's type is one of these.
    package func isType<Name>(among types: JSONAPINames<Name>) -> Bool {
        self.raw.source.withCursor(at: self.typeIndex) { $0.position(among: types.keys) } >= 0
    }

    /// Wire: `attributes`; `nil` when absent, `null` or no object.
    public var attributes: JSONAPIValue? {
        guard let attributes = self.raw["attributes"], attributes.kind == .object else { return nil }
        return attributes
    }

    /// The relationship of this name.
    public func relationship(_ name: String) -> JSONAPIRelationship? {
        self.raw["relationships"]?[name].map { JSONAPIRelationship($0) }
    }

    /// Reads the attributes as a type of your own; absent attributes are read as an empty object.
    ///
    /// - Throws: What `JSONDecoder` throws, as a rule `DecodingError`.
    public func decodeAttributes<T: Decodable>(_ type: T.Type = T.self) throws -> T {
        if let attributes = self.attributes { return try attributes.decode(type) }
        return try JSONAPIValue(parsing: Array("{}".utf8)).decode(type)
    }
}

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

/// The type and the id of a resource, which together name it.
public struct JSONAPIIdentifier: Hashable, Sendable {
    /// Wire: `type`.
    public let type: String
    /// Wire: `id`. Opaque; unique within its type only.
    public let id: String

    package init(type: String, id: String) {
        self.type = type
        self.id = id
    }
}

extension JSONAPICursor {
    private enum IdentifierMember: String, CaseIterable { case type, id }
    private static let identifierMembers = JSONAPINames<IdentifierMember>()

    /// Where an object has a readable `type` and `id`, found in one pass; negative for what it does not have.
    internal var typeAndID: (type: Int, id: Int) {
        var (type, id) = (-1, -1)
        let isUnique = self.entry.is(.object)
        self.forEachMember(of: Self.identifierMembers) { member, value -> Bool in
            guard let member else { return !isUnique || type < 0 || id < 0 }
            let entry = value.entry
            switch member {
            case .type: type = entry.number > 0 && entry.isString ? value.index : -1
            case .id: id = entry.number > 0 && (entry.isString || entry.isNumber) ? value.index : -1
            }
            return !isUnique || type < 0 || id < 0
        }
        return (type, id)
    }
}
