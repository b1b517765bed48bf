/// The pictures of a session as they arrive, and its sound on request.
///
/// One reader: several readers share the units. A reader that is too slow misses pictures up to the next key frame, and is told by
/// ``RingLiveStatistics/droppedFrameCount``. The sequence finishes when the session was closed or its time is over, and throws
/// ``RingLiveError`` when the media failed. It also finishes when the task is cancelled.
public struct RingLiveAccessUnits: AsyncSequence, Sendable {
    /// What the sequence throws.
    public typealias Failure = RingLiveError

    /// A session lives as long as somebody reads it.
    private let session: RingLiveSession

    init(_ session: RingLiveSession) { self.session = session }

    /// Makes an iterator.
    public func makeAsyncIterator() -> Iterator { Iterator(session: self.session) }

    /// Gives one unit after the other.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        let session: RingLiveSession

        /// The next unit; `nil` at the end.
        ///
        /// - Throws: ``RingLiveError`` when the media failed.
        public mutating func next() async throws -> RingLiveAccessUnit? { try await self.session.feed.next() }

        /// The next unit; `nil` at the end.
        ///
        /// - Throws: ``RingLiveError`` when the media failed.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(RingLiveError) -> RingLiveAccessUnit? { try await self.session.feed.next() }
    }
}

extension RingLiveSession {
    /// The pictures, and the sound on request. The sequence keeps the session alive.
    public var accessUnits: RingLiveAccessUnits { RingLiveAccessUnits(self) }
}
