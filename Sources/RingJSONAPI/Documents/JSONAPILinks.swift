/// The links of a document.
public struct JSONAPILinks: Hashable, Sendable {
    /// The object as received; `nil` when there was none.
    public let raw: JSONAPIValue?

    package init(_ raw: JSONAPIValue? = nil) { self.raw = raw }

    /// The target of the link of this name, such as `self` or `prev`, as received: often a path only.
    ///
    /// `nil` when the link is absent, `null` or unreadable. A link is a string, or an object with `href`.
    public subscript(_ name: String) -> String? { self.raw?[name].flatMap { $0.string ?? $0["href"]?.string } }

    /// The target of the link to the next page.
    public var next: String? { self["next"] }
}
