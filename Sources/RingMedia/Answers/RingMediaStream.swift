public import RingCore

/// A clip or still that arrives while it is read, with back-pressure: Ring is asked for more only when the reader asks.
///
/// Its beginning was looked at already, so an error page never gets here. The rest is checked as it passes: when the
/// last chunk has been read without an error, the media is whole. A chunk that was handed out is never taken back, so
/// write to a temporary place until the end is reached. Read it once; letting go of it ends the transfer.
public struct RingMediaStream: AsyncSequence, Sendable, CustomStringConvertible, CustomReflectable {
    /// One chunk, as it arrived.
    public typealias Element = [UInt8]

    /// What the answer says of the media.
    public let info: RingMediaInfo
    private let source: MediaSource

    init(_ reader: sending MediaReader) {
        self.info = reader.info
        self.source = MediaSource(reader)
    }

    /// The media type and its length.
    public var description: String {
        "\(self.info.contentType), \(self.info.length.map { "\($0) bytes" } ?? "unknown length")"
    }

    /// A mirror that shows ``info`` alone: the way to the rest is a secret.
    public var customMirror: Mirror { Mirror(self, children: ["info": self.info]) }

    /// The same chunks as a body, to hand on in an answer or a request.
    public var body: RingHTTPBody { RingHTTPBody(streaming: self, length: self.info.length) }

    /// Starts reading, or goes on where an earlier reader stopped.
    public func makeAsyncIterator() -> Iterator { Iterator(source: self.source) }

    /// Reads a stream chunk by chunk.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        let source: MediaSource

        /// The next chunk, never empty; `nil` when the media is whole.
        ///
        /// - Throws: `RingError`: `mediaTruncated` when it is cut, `mediaUnreadable` when it is damaged, the
        ///   transport's codes when the transfer broke and could not be continued; `CancellationError` when the task is
        ///   cancelled.
        public mutating func next() async throws -> [UInt8]? { try await self.source.next() }

        /// The next chunk, read where the caller runs.
        ///
        /// - Throws: As ``next()``.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> [UInt8]? {
            try await self.source.next()
        }
    }
}
