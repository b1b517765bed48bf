/// One page of a list: what it holds, and the link to the next one.
package struct JSONAPIPage<Element: Sendable>: Sendable {
    /// What the page holds.
    package var elements: [Element]
    /// The link to the next page, as received; `nil` on the last page.
    package var next: String?
    /// Whether the server sent nothing. A page of elements that none could be read of is not empty: the list goes on.
    package var isEmpty: Bool

    /// Creates a page.
    ///
    /// - Parameters:
    ///   - elements: What the page holds.
    ///   - next: The link to the next page, as received.
    ///   - isEmpty: Whether the server sent nothing; `nil` when that is so exactly if there are no elements.
    package init(elements: [Element], next: String? = nil, isEmpty: Bool? = nil) {
        self.elements = elements
        self.next = next
        self.isEmpty = isEmpty ?? elements.isEmpty
    }
}

/// Why a list of pages came to its end.
public struct JSONAPIPagesEnd: Hashable, Sendable, CustomStringConvertible {
    private enum Value: String { case lastPage, emptyPage, repeatedLink, limit }
    private let value: Value
    private init(_ value: Value) { self.value = value }
    /// The reason in one word.
    public var description: String { self.value.rawValue }

    /// The last page had no link to a next one: the list is complete.
    public static let lastPage = Self(.lastPage)
    /// A page was empty although it had a link; what the link leads to was not requested.
    public static let emptyPage = Self(.emptyPage)
    /// A page's link had been followed before.
    public static let repeatedLink = Self(.repeatedLink)
    /// The caller's limit was reached while there was more.
    public static let limit = Self(.limit)

    /// Whether the list ended before the server said so.
    public var isEarly: Bool { self != .lastPage }
}
