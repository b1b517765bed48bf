internal import RingCore
public import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A device's history, newest first, over as many pages as it takes.
///
/// <!-- given: devices: RingDevicesClient, id: RingDeviceID -->
/// ```swift
/// for try await event in devices.history(of: id, RingHistoryQuery(types: [.human], limit: 20)) {
///     print(event.start)
/// }
/// ```
///
/// An event that comes on two pages is delivered once. It is not known to be complete: users saw events in the Ring app that this API did not have. Combine it with
/// webhooks in a ``RingTimeline``.
public struct RingHistoryEvents: AsyncSequence, Sendable {
    /// What the sequence contains.
    public typealias Element = RingHistoryEvent

    /// One page: its events in the order Ring sent them, and what could not be read.
    internal struct Page: Sendable {
        internal var events: [RingHistoryEvent]
        internal var problems: [JSONAPIProblem]
    }

    internal let query: RingHistoryQuery
    internal let pages: JSONAPIPages<Page>

    /// Starts at the newest event; nothing is fetched yet.
    public func makeAsyncIterator() -> Iterator {
        Iterator(query: self.query, pages: self.pages.pages.makeAsyncIterator())
    }

    /// Fetches everything the query wants.
    ///
    /// - Returns: The events, what could not be read, and why the history ended.
    /// - Throws: As ``Iterator/next()``; what was fetched before is lost then.
    public func collect() async throws -> (
        events: [RingHistoryEvent], problems: [JSONAPIProblem], end: RingHistoryEnd
    ) {
        var events: [RingHistoryEvent] = []
        var iterator = self.makeAsyncIterator()
        while let event = try await iterator.next() { events.append(event) }
        return (events, iterator.problems, iterator.end ?? .complete)
    }

    /// Gives the events, fetching a page when the one before is used up.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        private let query: RingHistoryQuery
        private var pages: JSONAPIPages<Page>.Pages.Iterator
        private var buffer: ArraySlice<RingHistoryEvent> = []
        private var left: Int?
        private var overlap = JSONAPIPageOverlap<RingHistoryEvent> { $0.id.rawValue }
        /// What could not be read so far. It is also reported to the observer.
        public private(set) var problems: [JSONAPIProblem] = []
        /// Why the history ended; `nil` before, and when it failed.
        public private(set) var end: RingHistoryEnd?

        fileprivate init(query: RingHistoryQuery, pages: JSONAPIPages<Page>.Pages.Iterator) {
            self.query = query
            self.pages = pages
            self.left = query.limit
        }

        /// The next event.
        ///
        /// - Throws: `RingError`: `deviceNotFound`, `forbidden`, `badRequest` for a filter Ring does not know,
        ///   `rateLimited`, `redirectRefused` when a link leaves the API, `malformedResponse` when a page contains no list or
        ///   an unreadable link; `CancellationError` when the task is cancelled.
        public mutating func next() async throws -> RingHistoryEvent? {
            while true {
                guard self.end == nil || !self.buffer.isEmpty else { return nil }
                if let left = self.left, left <= 0 {
                    self.end = .limit
                    self.buffer = []
                    return nil
                }
                if let event = self.buffer.popFirst() {
                    guard self.query.matches(event) else { continue }
                    self.left = self.left.map { $0 - 1 }
                    return event
                }
                try await self.fetch()
            }
        }

        private mutating func fetch() async throws {
            guard let page = try await self.pages.next()?.elements.first else {
                self.end = self.end ?? Self.reason(self.pages.end)
                return
            }
            self.problems += page.problems
            self.buffer = self.overlap.newElements(of: page.events)[...]
            if let since = self.query.since, Self.isPast(page.events, since) { self.end = .reachedSince }
        }

        /// Whether nothing after this page can be recent enough. A page out of order must be older as a whole.
        private static func isPast(_ events: [RingHistoryEvent], _ since: Date) -> Bool {
            guard let last = events.last, last.start < since else { return false }
            let isInOrder = zip(events, events.dropFirst()).allSatisfy { $0.start >= $1.start }
            return isInOrder || events.allSatisfy { $0.start < since }
        }

        private static func reason(_ end: JSONAPIPagesEnd?) -> RingHistoryEnd {
            switch end {
            case .emptyPage?: .emptyPage
            case .repeatedLink?: .repeatedLink
            default: .complete
            }
        }
    }
}

/// Why the history ended.
public enum RingHistoryEnd: String, Hashable, Sendable {
    /// The last page had no link to a next one.
    case complete
    /// A page was older than the query's `since`.
    case reachedSince
    /// The query's limit was reached.
    case limit
    /// A page was empty although it had a link; Ring documents that for the last page.
    case emptyPage
    /// A link led to a page that had been there before: the server repeats itself, and there may be more.
    case repeatedLink
}
