#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Which part of a device's history is wanted.
public struct RingHistoryQuery: Hashable, Sendable {
    /// The types to request, any of them. Empty: every type. Sent to Ring, and applied once more to the response.
    public var types: [RingHistoryFilter]
    /// The earliest start, inclusive. Pages are fetched until one is older; events from before the user's consent never
    /// appear.
    public var since: Date?
    /// The latest start, inclusive. Ring has no such filter: newer pages are fetched and skipped.
    public var until: Date?
    /// How many events at most.
    public var limit: Int?

    /// Creates a query; without arguments it wants everything.
    public init(types: [RingHistoryFilter] = [], since: Date? = nil, until: Date? = nil, limit: Int? = nil) {
        self.types = types
        self.since = since
        self.until = until
        self.limit = limit
    }

    /// Whether an event is wanted.
    package func matches(_ event: RingHistoryEvent) -> Bool {
        if let since, event.start < since { return false }
        if let until, event.start > until { return false }
        return self.types.isEmpty || self.types.contains { $0.matches(event) }
    }

    /// The value of `event_types`; `nil` when every type is wanted.
    internal var queryValue: String? {
        self.types.isEmpty ? nil : self.types.map(\.rawValue).joined(separator: ",")
    }
}
