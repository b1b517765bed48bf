/// One link: a string, or an object with `href` and `meta`.
public struct JSONAPILink: Hashable, Sendable {
    /// The target as received, often a path only.
    public var href: String
    /// Wire: `meta` of a link object.
    public var meta: JSONAPIValue?

    /// Creates a link by hand, for tests.
    public init(href: String, meta: JSONAPIValue? = nil) {
        self.href = href
        self.meta = meta
    }

    internal init?(_ value: JSONAPIValue) {
        guard let href = value.string ?? value["href"]?.string else { return nil }
        self.init(href: href, meta: value["meta"])
    }
}

/// The links of a document, a resource, a relationship or an error.
public struct JSONAPILinks: Hashable, Sendable {
    /// The object as received; `nil` when there was none.
    public var raw: JSONAPIValue?

    /// Reads from a value.
    ///
    /// - Parameter raw: A `links` object.
    public init(_ raw: JSONAPIValue? = nil) { self.raw = raw }

    /// The link of this name; `nil` when it is absent, `null` or unreadable.
    public subscript(_ name: String) -> JSONAPILink? { self.raw?[name].flatMap { JSONAPILink($0) } }

    /// The next page.
    public var next: JSONAPILink? { self["next"] }
    /// The page before.
    public var previous: JSONAPILink? { self["prev"] }
    /// The first page.
    public var first: JSONAPILink? { self["first"] }
    /// The last page.
    public var last: JSONAPILink? { self["last"] }
    /// The document or resource itself. (`links.self` in Swift is the links.)
    public var selfLink: JSONAPILink? { self["self"] }
    /// The resource that a relationship leads to.
    public var related: JSONAPILink? { self["related"] }
    /// Details about an error.
    public var about: JSONAPILink? { self["about"] }
    /// The kind of an error.
    public var type: JSONAPILink? { self["type"] }

    /// The names of all links, in order.
    public var names: [String] { self.raw?.members.map(\.name) ?? [] }
}
