public import RingCore
internal import RingJSONAPI

extension RingDevicesClient {
    /// A device's history, newest first. Nothing is fetched before the first event is read.
    ///
    /// `GET /v1/history/devices/{id}/events`, page after page, without a bound but the query's own. It stops at a page
    /// without a link, at an empty one, at a link that was followed before, at the limit, and at the first page older
    /// than `since`.
    ///
    /// - Parameters:
    ///   - id: The device.
    ///   - query: What is wanted.
    public func history(of id: RingDeviceID, _ query: RingHistoryQuery = RingHistoryQuery()) -> RingHistoryEvents {
        let api = self.api
        let types = query.queryValue
        let pages = JSONAPIPages<RingHistoryEvents.Page> { link in
            let link = link.map { Self.keepingFilter(types, in: $0) }
            return try await api.page(following: link, for: .history) {
                try api.request(
                    path: ["v1", "history", "devices", id.rawValue, "events"], query: [("event_types", types)])
            } read: { document in
                var reader = DeviceReader(problems: document.problems)
                var events: [RingHistoryEvent] = []
                events.reserveCapacity(document.resources.count)
                for resource in document.resources {
                    if let event = RingHistoryEvent(resource, of: id, &reader) { events.append(event) }
                }
                reader.report(to: api.environment.observer, during: .history)
                // A page counts as empty when nothing was sent, not when nothing could be read or is wanted.
                if document.resources.isEmpty, document.problems.isEmpty { return [] }
                return [RingHistoryEvents.Page(events: events, problems: reader.problems)]
            }
        }
        return RingHistoryEvents(query: query, pages: pages)
    }

    /// Some servers lose the filter in the link to the next page: it is added again.
    internal static func keepingFilter(_ types: String?, in link: String) -> String {
        guard let types else { return link }
        var query = link.firstIndex(of: "?").map { link[link.index(after: $0)...] } ?? ""
        if let fragment = query.firstIndex(of: "#") { query = query[..<fragment] }
        let names = query.split(separator: "&").map { $0.prefix { $0 != "=" } }
        guard !names.contains("event_types") else { return link }
        let separator = query.isEmpty ? (link.hasSuffix("?") ? "" : "?") : "&"
        let end = link.firstIndex(of: "#") ?? link.endIndex
        return "\(link[..<end])\(separator)event_types=\(RingPercentCoding.encode(types))"
    }
}
