internal import RingCore
internal import RingListener

/// Server-sent events: one each time that something on a page may have changed.
extension Page {
    /// The most streams that are open at one time; a browser opens one for each visible page.
    static let maximumStreams = 32

    func changes() -> Response {
        guard let place = self.engine.streams.take(limit: Self.maximumStreams) else { return .empty(503) }
        var response = Response(
            status: 200, headers: ["Content-Type": "text/event-stream", "Cache-Control": "no-store"],
            body: .stream(length: nil, ChangeEvents(changes: self.engine.changes, place: place)))
        response.protect()
        return response
    }
}

/// The bytes of a stream of events. It ends when the client has gone, and when the simulator stops.
private struct ChangeEvents: AsyncSequence, Sendable {
    let changes: SimulatorChanges
    let place: StreamPlaces.Place

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let changes: SimulatorChanges
        fileprivate let place: StreamPlaces.Place
        fileprivate var version: UInt64?

        mutating func next() async throws -> [UInt8]? {
            guard let version else {
                // What changed between the page and this stream is told at once.
                self.version = self.changes.version
                return Array("retry: 1000\ndata: open\n\n".utf8)
            }
            guard let change = await self.changes.next(after: version) else { return nil }
            // Under load, a page is told a few times a second.
            try await RingSystemClock().sleep(for: .milliseconds(150))
            self.version = Swift.max(change.version, self.changes.version)
            return Array("data: \(change.topics.names.joined(separator: " "))\n\n".utf8)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(changes: self.changes, place: self.place) }
}
