import RingPartner

/// Says when nobody watches any more: when its last reference is gone.
final class Watching: Sendable {
    private let end: @Sendable () async -> Void
    init(_ end: @escaping @Sendable () async -> Void) { self.end = end }
    deinit {
        let end = self.end
        Task { await end() }
    }
}

/// The bytes of the stream of a live view.
struct LiveUpdates: AsyncSequence, Sendable {
    let updates: AsyncStream<WHEPSessionUpdate>
    /// Lasts as long as the stream.
    let watching: Watching

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var updates: AsyncStream<WHEPSessionUpdate>.Iterator
        fileprivate let watching: Watching
        fileprivate var hasBegun = false

        mutating func next() async throws -> [UInt8]? {
            guard self.hasBegun else {
                self.hasBegun = true
                return ServerSentEvent.start
            }
            guard let update = await self.updates.next() else { return nil }
            guard let reason = update.endReason else {
                let seconds = String(update.remaining.components.seconds)
                return ServerSentEvent(name: "left", data: seconds).bytes
            }
            return ServerSentEvent(name: "ended", data: LiveUpdates.words(reason)).bytes
        }

    }

    /// Why a session has ended, for a person.
    static func words(_ reason: WHEPEndReason) -> String {
        switch reason {
        case .deadline: "Ended: Ring allows 30 seconds on a battery, 60 on mains"
        case .closed: "Closed"
        case .shutdown: "Ended: the service stops"
        default: "The live view ended"
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(updates: self.updates.makeAsyncIterator(), watching: self.watching)
    }
}
