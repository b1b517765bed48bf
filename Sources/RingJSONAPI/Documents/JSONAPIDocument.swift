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

    private static let memberNames = JSONAPINames(["data", "included", "errors"])

    /// Takes a value that was read before. A value that is no object is a document without members.
    public init(_ root: JSONAPIValue) {
        var report = JSONAPIProblemReport()
        let path = root.path
        var (data, included, errors): (JSONAPIValue?, JSONAPIValue?, JSONAPIValue?) = (nil, nil, nil)
        root.forEachMember(of: Self.memberNames) { position, member in
            let value = member.value.isNull ? nil : member.value.kept
            switch position {
            case 0: data = value
            case 1: included = value
            case 2: errors = value
            default: break
            }
        }
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
            self.resources = data.map { Self.read($0, path + "/data", &report) { _ in } } ?? []
        }
        var index = JSONAPIIndex(capacity: included?.elements.count ?? 0)
        self.allIncluded =
            included.map { Self.read($0, path + "/included", &report) { index.append($0) } } ?? []
        root.withCursor { index.finish($0) }
        self.index = index
        if let errors, errors.kind != .array {
            report.add(.notAnArray, path: path + "/errors", raw: errors)
        }
        self.problems = report.problems
        self.problemCount = report.count
    }

    @inline(__always) private static func read(
        _ array: JSONAPIValue, _ path: String, _ report: inout JSONAPIProblemReport,
        _ note: (borrowing JSONAPIResource) -> Void
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
                case .success(let resource):
                    note(resource)
                    resources.append(resource)
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
        return raw.source.withCursor(at: raw.index) { self.includedPosition($0) }.map { self.allIncluded[$0] }
    }

    /// The same as a position in ``allIncluded``, for a member of `relationships` that a walk has come to.
    ///
    /// - Parameter expected: Where it probably is, which saves most of the search.
    package func includedPosition(_ relationship: JSONAPICursor, expected: Int = -1) -> Int? {
        guard !self.allIncluded.isEmpty, let data = relationship.data else { return nil }
        var found: Int?
        relationship.at(self.root) { root in
            if data.entry.is(.array) {
                data.forEachElement { value in
                    found = self.position(value, root, expected)
                    return found == nil
                }
            } else {
                found = self.position(data, root, expected)
            }
        }
        return found
    }

    private func position(_ identifier: JSONAPICursor, _ root: JSONAPICursor, _ expected: Int) -> Int? {
        let (type, id) = identifier.typeAndID
        guard type >= 0, id >= 0 else { return nil }
        return self.index.position(type: identifier.at(type), id: identifier.at(id), of: root, expected: expected)
    }

    /// The positions in ``allIncluded`` of the resources whose type is none of these.
    package func includedPositions(otherThan types: JSONAPINames) -> [Int] {
        var positions: [Int] = []
        self.root.withCursor { root in
            self.index.forEachType(of: root) { position, type in
                if (type.position(among: types) ?? -1) < 0 { positions.append(position) }
            }
        }
        return positions
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
