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
    /// The parts that could not be read: the first thousand of them.
    public let problems: [JSONAPIProblem]
    /// How many parts could not be read.
    public let problemCount: Int
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
        var report = JSONAPIProblemReport()
        let path = root.path
        let data = root["data"]
        self.root = root
        self.isCollection = data?.kind == .array
        if let data, !self.isCollection {
            switch JSONAPIResource.read(data) {
            case .success(let resource): self.resources = [resource]
            case .failure(let reason):
                self.resources = []
                report.add(reason, path: path + "/data", raw: data)
            }
        } else {
            self.resources = data.map { Self.read($0, path + "/data", &report) } ?? []
        }
        self.allIncluded = root["included"].map { Self.read($0, path + "/included", &report) } ?? []
        if let errors = root["errors"], errors.kind != .array {
            report.add(.notAnArray, path: path + "/errors", raw: errors)
        }
        self.problems = report.problems
        self.problemCount = report.count
        self.index = JSONAPIIndex(self.allIncluded)
    }

    private static func read(
        _ array: JSONAPIValue, _ path: String, _ report: inout JSONAPIProblemReport
    ) -> [JSONAPIResource] {
        guard array.kind == .array else {
            report.add(.notAnArray, path: path, raw: array)
            return []
        }
        var resources: [JSONAPIResource] = []
        resources.reserveCapacity(array.count)
        // Paths are made of positions here: asking each value for its path would walk the list every time.
        var position = 0
        array.withCursor {
            $0.forEachElement { value in
                switch JSONAPIResource.read(value) {
                case .success(let resource): resources.append(resource)
                case .failure(let reason): report.add(reason, path: "\(path)/\(position)", raw: value.kept)
                }
                position += 1
                return true
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
        guard let raw = relationship?.raw else { return nil }
        return raw.source.withCursor(at: raw.index) { self.included($0) }
    }

    /// The same, for a member of `relationships` that a walk has come to.
    package func included(_ relationship: JSONAPICursor) -> JSONAPIResource? {
        guard !self.allIncluded.isEmpty, let data = relationship["data"] else { return nil }
        var found: JSONAPIResource?
        relationship.at(self.root) { root in
            if data.entry.is(.array) {
                data.forEachElement { value in
                    found = self.included(value, root)
                    return found == nil
                }
            } else {
                found = self.included(data, root)
            }
        }
        return found
    }

    private func included(_ identifier: JSONAPICursor, _ root: JSONAPICursor) -> JSONAPIResource? {
        let (type, id) = identifier.typeAndID
        guard type >= 0, id >= 0 else { return nil }
        return self.index.find(type: identifier.at(type), id: identifier.at(id), in: self.allIncluded, of: root)
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

/// Collects problems, and only counts them once there are too many to be of use.
internal struct JSONAPIProblemReport {
    internal private(set) var problems: [JSONAPIProblem] = []
    internal private(set) var count = 0

    internal mutating func add(_ reason: JSONAPIProblem.Reason, path: @autoclosure () -> String, raw: JSONAPIValue) {
        self.count += 1
        if self.problems.count < 1000 {
            self.problems.append(JSONAPIProblem(path: path(), reason: reason, raw: raw))
        }
    }
}
