/// A JSON:API 1.1 document that was received.
///
/// One bad element does not lose the others: what could not be read is in ``problems``.
public struct JSONAPIDocument: Sendable {
    /// The whole document as received.
    public let root: JSONAPIValue
    /// The primary resources that could be read, whether `data` is an object or an array.
    public let resources: [JSONAPIResource]
    /// Every included resource that could be read, in order.
    public let allIncluded: [JSONAPIResource]
    /// The parts that could not be read.
    public let problems: [JSONAPIProblem]
    /// Whether `data` is an array.
    public let isCollection: Bool
    private let index: JSONAPIIndex

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - bytes: The text, as received.
    ///   - limits: How much the text may ask of the reader.
    /// - Throws: ``JSONAPIReadError`` when the text is not JSON, is beyond a limit, or its top level is no object.
    public init(parsing bytes: [UInt8], limits: JSONAPILimits = .standard) throws(JSONAPIReadError) {
        let root = try JSONAPIValue(parsing: bytes, limits: limits)
        guard root.kind == .object else { throw JSONAPIReadError(offset: 0, path: "", reason: .notADocument) }
        self.init(root)
    }

    /// Takes a value that was read before. A value that is no object is a document without members.
    public init(_ root: JSONAPIValue) {
        var problems: [JSONAPIProblem] = []
        let data = root["data"]
        self.root = root
        self.isCollection = data?.kind == .array
        if let data, !self.isCollection {
            self.resources = Self.read([data], &problems)
        } else {
            self.resources = data.map { Self.read($0.elements, &problems) } ?? []
        }
        let included = root["included"]
        if let included, included.kind != .array {
            problems.append(JSONAPIProblem(path: included.path, reason: .notAnArray, raw: included))
        }
        self.allIncluded = included.map { Self.read($0.elements, &problems) } ?? []
        if let errors = root["errors"], errors.kind != .array {
            problems.append(JSONAPIProblem(path: errors.path, reason: .notAnArray, raw: errors))
        }
        self.problems = problems
        self.index = JSONAPIIndex(self.allIncluded)
    }

    private static func read(
        _ values: some Sequence<JSONAPIValue>, _ problems: inout [JSONAPIProblem]
    ) -> [JSONAPIResource] {
        var resources: [JSONAPIResource] = []
        resources.reserveCapacity(values.underestimatedCount)
        for value in values {
            switch JSONAPIResource.read(value) {
            case .success(let resource): resources.append(resource)
            case .failure(let reason):
                problems.append(JSONAPIProblem(path: value.path, reason: reason, raw: value))
            }
        }
        return resources
    }

    /// The primary resource of a document about one; `nil` when `data` is an array, `null`, absent or unreadable.
    public var resource: JSONAPIResource? { self.isCollection ? nil : self.resources.first }

    /// The included resource of this type and id; the first when there are several.
    public func included(type: String, id: String) -> JSONAPIResource? {
        self.index.find(type: type, id: id, in: self.allIncluded)
    }

    /// The included resource of this identifier; the first when there are several.
    public func included(_ identifier: JSONAPIIdentifier) -> JSONAPIResource? {
        self.included(type: identifier.type, id: identifier.id)
    }

    /// The first included resource that a relationship leads to, found without making strings of its identifier.
    public func included(_ relationship: JSONAPIRelationship?) -> JSONAPIResource? {
        guard let data = relationship?.raw["data"] else { return nil }
        guard data.kind == .array else { return self.included(at: data) }
        for value in data.elements {
            if let found = self.included(at: value) { return found }
        }
        return nil
    }

    private func included(at value: JSONAPIValue) -> JSONAPIResource? {
        JSONAPIResource(value).flatMap { self.index.find($0, in: self.allIncluded) }
    }

    /// Wire: `links` of the document.
    public var links: JSONAPILinks { JSONAPILinks(self.root["links"]) }
    /// Wire: `meta` of the document.
    public var meta: JSONAPIValue? { self.root["meta"] }
    /// Wire: `errors`; empty when there are none.
    public var errors: [JSONAPIErrorObject] { self.root["errors"]?.elements.map { JSONAPIErrorObject($0) } ?? [] }
    /// The paths of members that repeat an earlier name of their object: the first 64 of them. The last one counts.
    public var duplicateNames: [String] { self.root.duplicateNames }
}
