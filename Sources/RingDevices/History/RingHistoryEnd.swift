/// Why a walk through history came to its end.
public struct RingHistoryEnd: Hashable, Sendable, CustomStringConvertible {
    private enum Value: String { case complete, reachedSince, limit, emptyPage, repeatedLink }
    private let value: Value
    private init(_ value: Value) { self.value = value }
    /// The reason in one word.
    public var description: String { self.value.rawValue }

    /// The last page had no link to a next one.
    public static let complete = Self(.complete)
    /// A page was older than the query's `since`.
    public static let reachedSince = Self(.reachedSince)
    /// The query's limit was reached.
    public static let limit = Self(.limit)
    /// A page was empty although it had a link; Ring documents that for the last page.
    public static let emptyPage = Self(.emptyPage)
    /// A link led to a page that had been there before: the server goes in circles, and there may be more.
    public static let repeatedLink = Self(.repeatedLink)
}
