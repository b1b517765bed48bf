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
    /// How many parts could not be read, ``problems`` beyond the first thousand included.
    package let problemCount: Int
    /// Whether `data` is an array.
    package let isCollection: Bool
    private let metaIndex: Int
    private let index: JSONAPIIndex

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - bytes: The text, as received.
    ///   - limits: How large the text may be.
    /// - Throws: ``JSONAPIReadError`` when the text is not JSON, is beyond a limit, or its top level is not an object.
    public init(parsing bytes: [UInt8], limits: JSONAPILimits = .standard) throws(JSONAPIReadError) {
        let root = try JSONAPIValue(parsing: bytes, limits: limits)
        guard root.kind == .object else { throw JSONAPIReadError(offset: 0, path: "", reason: .notADocument) }
        self.init(root)
    }

    private enum Member: String, CaseIterable { case meta, data, included, errors }
    private static let members = JSONAPINames<Member>()

    /// Takes a value that was read before. A value that is not an object is a document without members.
    package init(_ root: JSONAPIValue) {
        var report = JSONAPIProblemReport()
        var (resources, allIncluded): ([JSONAPIResource], [JSONAPIResource]) = ([], [])
        var (isCollection, metaIndex) = (false, -1)
        var index = JSONAPIIndex()
        root.withCursor { root in
            var (data, included, errors): (JSONAPICursor?, JSONAPICursor?, JSONAPICursor?) = (nil, nil, nil)
            root.forEachMember(of: Self.members) { member, value -> Void in
                let value = value.isNull ? nil : value
                switch member {
                case .meta: metaIndex = value?.index ?? -1
                case .data: data = value
                case .included: included = value
                case .errors: errors = value
                case nil: break
                }
            }
            if let data {
                isCollection = data.isArray
                resources = isCollection ? Self.list(data, "/data", root, &report) : Self.one(data, root, &report)
            }
            if let included {
                allIncluded = Self.list(included, "/included", root, &report)
                index = JSONAPIIndex(of: allIncluded, in: root)
            }
            if let errors { Self.check(errors, root, &report) }
        }
        if !root.source.undecodable.isEmpty { Self.checkStrings(root, &report) }
        self.root = root
        self.resources = resources
        self.allIncluded = allIncluded
        self.isCollection = isCollection
        self.metaIndex = metaIndex
        self.index = index
        self.problems = report.problems
        self.problemCount = report.count
    }

    private static func one(
        _ value: JSONAPICursor, _ root: JSONAPICursor, _ report: inout JSONAPIProblemReport
    ) -> [JSONAPIResource] {
        switch JSONAPIResource.read(value) {
        case .success(let resource): return [resource]
        case .failure(let reason):
            report.add(reason, path: root.kept.path + "/data", raw: value)
            return []
        }
    }

    private static func list(
        _ array: JSONAPICursor, _ name: String, _ root: JSONAPICursor, _ report: inout JSONAPIProblemReport
    ) -> [JSONAPIResource] {
        guard array.isArray else {
            report.add(JSONAPIProblem.notAnArray, path: root.kept.path + name, raw: array)
            return []
        }
        var resources: [JSONAPIResource] = []
        resources.reserveCapacity(array.elementCount)
        // Paths are made of positions here: the path of a value takes a search from the start of the list.
        var position = 0
        array.forEachElement { value in
            switch JSONAPIResource.read(value) {
            case .success(let resource): resources.append(resource)
            case .failure(let reason):
                report.add(reason, path: "\(root.kept.path)\(name)/\(position)", raw: value)
            }
            position += 1
            return true
        }
        return resources
    }

    /// Reports the strings that cannot be decoded, and the values with such a name.
    @inline(never) private static func checkStrings(_ root: JSONAPIValue, _ report: inout JSONAPIProblemReport) {
        let inside = root.index..<root.source.after(root.index)
        for index in root.source.undecodable where inside.contains(index) {
            let value = JSONAPIValue(source: root.source, index: index)
            value.withCursor { report.add(JSONAPIProblem.undecodable, path: value.path, raw: $0) }
        }
    }

    /// Reports what of `errors` is not an error object.
    private static func check(
        _ errors: JSONAPICursor, _ root: JSONAPICursor, _ report: inout JSONAPIProblemReport
    ) {
        guard errors.isArray else {
            return report.add(JSONAPIProblem.notAnArray, path: root.kept.path + "/errors", raw: errors)
        }
        var position = 0
        errors.forEachElement { value in
            if !value.entry.isObject {
                report.add(JSONAPIProblem.notAnObject, path: "\(root.kept.path)/errors/\(position)", raw: value)
            }
            position += 1
            return true
        }
    }

    /// The primary resource of a document about one; `nil` when `data` is an array, `null`, absent or unreadable.
    public var resource: JSONAPIResource? { self.isCollection ? nil : self.resources.first }

    /// The included resource of this type and id; the first when there are several.
    public func included(type: String, id: String) -> JSONAPIResource? {
        self.index.find(type: type, id: id, in: self.allIncluded)
    }

    /// The first included resource that a relationship leads to, found without making strings of its identifier.
    public func included(_ relationship: JSONAPIRelationship?) -> JSONAPIResource? {
        guard let raw = relationship?.raw else { return nil }
        return raw.source.withCursor(at: raw.index) { self.includedPosition($0) }.map { self.allIncluded[$0] }
    }

    /// The same as a position in ``allIncluded``, for a member of `relationships` that is being visited.
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
        return self.index.position(
            type: identifier.at(type), id: identifier.at(id), of: self.allIncluded, in: root, expected: expected)
    }

    /// The positions in ``allIncluded`` of the resources whose type is none of these.
    package func includedPositions<Name>(otherThan types: JSONAPINames<Name>) -> [Int] {
        var positions: [Int] = []
        self.root.withCursor { root in
            // Types that are listed in their usual order are each found at once.
            var next = 0
            for position in self.allIncluded.indices {
                let type = root.at(self.allIncluded[position].typeIndex)
                let known = type.position(among: types.keys, expected: next)
                if known < 0 { positions.append(position) }
                next = known + 1
            }
        }
        return positions
    }

    /// Wire: `links` of the document.
    public var links: JSONAPILinks { JSONAPILinks(self.root["links"]) }
    /// Wire: `meta` of the document.
    public var meta: JSONAPIValue? {
        self.metaIndex < 0 ? nil : JSONAPIValue(source: self.root.source, index: self.metaIndex)
    }
    /// Wire: `errors`; empty when there are none.
    public var errors: [JSONAPIErrorObject] { (self.root["errors"]?.elements ?? []).map { JSONAPIErrorObject($0) } }
    /// The paths of members that repeat an earlier name of their object: the first 64 of them. The last one counts.
    package var duplicateNames: [String] { self.root.duplicateNames }
}

/// The links of a document.
public struct JSONAPILinks: Hashable, Sendable {
    /// The object as received; `nil` when there was none.
    public let raw: JSONAPIValue?

    package init(_ raw: JSONAPIValue? = nil) { self.raw = raw }

    /// The target of the link of this name, such as `self` or `prev`, as received: often a path only.
    ///
    /// `nil` when the link is absent, `null`, empty or unreadable. A link is a string, or an object with `href`.
    public subscript(_ name: String) -> String? {
        let target = self.raw?[name].flatMap { $0.string ?? $0["href"]?.string }
        return target.flatMap { $0.contains { !$0.isWhitespace } ? $0 : nil }
    }

    /// The target of the link to the next page.
    public var next: String? { self["next"] }

    /// Whether there is something in place of the link to the next page that is neither a link nor empty: the list goes on,
    /// and nobody can tell where.
    package var hasUnreadableNext: Bool {
        guard let raw else { return false }
        guard raw.kind == .object else { return raw.kind != .array || raw.count > 0 }
        guard let next = raw["next"] else { return false }
        if next.kind == .object, let target = next.member("href") { return !Self.isTarget(target) }
        return !Self.isTarget(next)
    }

    /// Whether a value is a link, or says that there is none.
    private static func isTarget(_ value: JSONAPIValue) -> Bool {
        switch value.kind {
        case .null: true
        case .string: value.string != nil
        case .bool: value.bool == false
        case .number: false
        case .array, .object: value.count == 0
        }
    }
}

/// Collects problems, and only counts them once there are too many to be of use.
internal struct JSONAPIProblemReport {
    internal private(set) var problems: [JSONAPIProblem] = []
    internal private(set) var count = 0

    internal mutating func add(_ reason: String, path: @autoclosure () -> String, raw: JSONAPICursor) {
        self.count += 1
        if self.problems.count < 1000 {
            self.problems.append(JSONAPIProblem(path: path(), reason: reason, raw: raw.kept))
        }
    }
}
