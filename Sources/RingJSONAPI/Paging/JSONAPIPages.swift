/// A list that comes in pages, as a sequence of its elements.
///
/// It ends by four rules: a page without a link to the next one, an empty page, a link that was followed before, or the
/// caller's limit. ``collect()`` and ``Iterator/end`` give the reason.
public struct JSONAPIPages<Element: Sendable>: AsyncSequence, Sendable {
    /// Fetches one page: the first for `nil`, else the one a link leads to.
    package typealias Fetch = @Sendable (_ link: String?) async throws -> JSONAPIPage<Element>

    private let start: String?
    private let limit: Int?
    private let name: (@Sendable (Element) -> String)?
    private let onEnd: @Sendable (JSONAPIPagesEnd) -> Void
    private let fetch: Fetch

    /// Creates a list that has fetched nothing yet.
    ///
    /// - Parameters:
    ///   - start: A link to start from, such as one kept from an earlier run; `nil` is the first page.
    ///   - limit: How many elements at most.
    ///   - name: What two elements have in common that are the same: the second one is left out. `nil` compares none.
    ///   - onEnd: Called once with the reason of the end; not called when fetching fails or is left early.
    ///   - fetch: Fetches one page.
    package init(
        start: String? = nil, limit: Int? = nil, name: (@Sendable (Element) -> String)? = nil,
        onEnd: @escaping @Sendable (JSONAPIPagesEnd) -> Void = { _ in }, fetch: @escaping Fetch
    ) {
        self.start = start
        self.limit = limit
        self.name = name
        self.onEnd = onEnd
        self.fetch = fetch
    }

    /// Starts at the first page; nothing is fetched yet.
    public func makeAsyncIterator() -> Iterator { Iterator(pages: self.pages.makeAsyncIterator()) }

    /// The list page by page.
    package var pages: Pages {
        Pages(start: self.start, limit: self.limit, name: self.name, onEnd: self.onEnd, fetch: self.fetch)
    }

    /// Fetches all pages.
    ///
    /// - Throws: What fetching a page throws; what was fetched before is lost then.
    public func collect() async throws -> (elements: [Element], end: JSONAPIPagesEnd) {
        var elements: [Element] = []
        var iterator = self.pages.makeAsyncIterator()
        while let page = try await iterator.next() {
            if elements.isEmpty { elements = page.elements } else { elements.append(contentsOf: page.elements) }
        }
        return (elements, iterator.end ?? .lastPage)
    }

    /// Gives the elements, fetching a page when the one before is used up.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate var pages: Pages.Iterator
        private var buffer: ArraySlice<Element> = []

        fileprivate init(pages: Pages.Iterator) { self.pages = pages }

        /// Why the list ended; `nil` before.
        public var end: JSONAPIPagesEnd? { self.pages.end }

        /// The next element.
        ///
        /// - Throws: What fetching a page throws; the list is over then.
        public mutating func next() async throws -> Element? {
            while self.buffer.isEmpty {
                guard let page = try await self.pages.next() else { return nil }
                self.buffer = page.elements[...]
            }
            return self.buffer.popFirst()
        }
    }

    /// A list page by page.
    package struct Pages: AsyncSequence, Sendable {
        /// What the sequence yields.
        package typealias Element = JSONAPIPage<JSONAPIPages.Element>

        fileprivate let start: String?
        fileprivate let limit: Int?
        fileprivate let name: (@Sendable (JSONAPIPages.Element) -> String)?
        fileprivate let onEnd: @Sendable (JSONAPIPagesEnd) -> Void
        fileprivate let fetch: Fetch

        /// Starts at the first page; nothing is fetched yet.
        package func makeAsyncIterator() -> Iterator { Iterator(self) }

        /// Gives the pages.
        package struct Iterator: AsyncIteratorProtocol, Sendable {
            private let pages: Pages
            private var link: String?
            private var seen: Set<String> = []
            private var left: Int?
            private var overlap: JSONAPIPageOverlap<JSONAPIPages.Element>?
            private var failure: (any Error)?
            private var isOver = false
            /// Why the list ended; `nil` before, and when it failed.
            package private(set) var end: JSONAPIPagesEnd?

            fileprivate init(_ pages: Pages) {
                self.pages = pages
                self.link = pages.start
                self.left = pages.limit
                self.overlap = pages.name.map { JSONAPIPageOverlap(name: $0) }
                if let start = pages.start { self.seen.insert(start) }
            }

            /// The next page.
            ///
            /// - Throws: What fetching it throws; the list is over then.
            package mutating func next() async throws -> JSONAPIPage<JSONAPIPages.Element>? {
                guard !self.isOver else { return nil }
                if let left = self.left, left <= 0 { return self.finish(.limit) }
                self.isOver = true
                if let failure { throw failure }
                var page = try await self.pages.fetch(self.link)
                if let elements = self.overlap?.newElements(of: page.elements) { page.elements = elements }
                if let left = self.left {
                    if page.elements.count > left {
                        page.elements.removeLast(page.elements.count - left)
                        self.finish(.limit)
                        return page
                    }
                    self.left = left - page.elements.count
                }
                if let failure = page.failure {
                    self.failure = failure
                    self.isOver = false
                    return page
                }
                guard let next = page.next else { return self.finish(.lastPage, page) }
                guard !page.isEmpty else { return self.finish(.emptyPage, page) }
                guard self.seen.insert(next).inserted else { return self.finish(.repeatedLink, page) }
                self.link = next
                self.isOver = false
                return page
            }

            @discardableResult private mutating func finish(
                _ end: JSONAPIPagesEnd, _ page: JSONAPIPage<JSONAPIPages.Element>? = nil
            ) -> JSONAPIPage<JSONAPIPages.Element>? {
                self.isOver = true
                self.end = end
                self.pages.onEnd(end)
                return page
            }
        }
    }
}
