/// One page of a list: what it holds, and the link to the next one.
package struct JSONAPIPage<Element: Sendable>: Sendable {
    /// What the page holds.
    package var elements: [Element]
    /// The link to the next page, as received; `nil` on the last page.
    package var next: String?
    /// Whether the server sent nothing. A page of elements that none could be read of is not empty: the list goes on.
    package var isEmpty: Bool
    /// Why there is no way to the next page although the list goes on; thrown once the elements were delivered.
    package var failure: (any Error)?

    /// Creates a page.
    ///
    /// - Parameters:
    ///   - elements: What the page holds.
    ///   - next: The link to the next page, as received.
    ///   - isEmpty: Whether the server sent nothing; `nil` when that is so exactly if there are no elements.
    ///   - failure: Why there is no way to the next page although the list goes on.
    package init(elements: [Element], next: String? = nil, isEmpty: Bool? = nil, failure: (any Error)? = nil) {
        self.elements = elements
        self.next = next
        self.isEmpty = isEmpty ?? elements.isEmpty
        self.failure = failure
    }
}

/// Leaves out of each page what an earlier one had. When something new comes in while a list is read, everything moves on, and
/// the last elements of a page are the first ones of the next.
///
/// Nothing is noted before there is a second page. The memory is bounded: the page before, and the names of the last one to two
/// thousand elements.
package struct JSONAPIPageOverlap<Element: Sendable>: Sendable {
    private static var maximumCount: Int { 1_000 }

    private let name: @Sendable (Element) -> String
    private var last: [Element] = []
    private var recent: Set<String> = []
    private var older: Set<String> = []

    /// - Parameter name: What two elements have in common that are the same.
    package init(name: @escaping @Sendable (Element) -> String) { self.name = name }

    /// The elements of the next page that no earlier page had.
    package mutating func newElements(of page: [Element]) -> [Element] {
        for element in self.last {
            if self.recent.count >= Self.maximumCount { (self.older, self.recent) = (self.recent, []) }
            self.recent.insert(self.name(element))
        }
        self.last = page
        guard !self.recent.isEmpty else { return page }
        return page.filter { element in
            let name = self.name(element)
            return !self.recent.contains(name) && !self.older.contains(name)
        }
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
    package var isEarly: Bool { self != .lastPage }
}
