public import RingCore

/// A clip or still that arrives while it is read, with back-pressure: more is fetched only when the reader continues.
///
/// Its beginning has been checked, so an error page is never a stream. The rest is checked while it is read: when the last
/// chunk has been read without an error, the media is complete. Chunks that were returned cannot be withdrawn, so write to a
/// temporary place until the end is reached. Read it once; releasing it ends the transfer.
public struct RingMediaStream: AsyncSequence, Sendable, CustomReflectable {
    /// The description of the media in the response.
    public let info: RingMediaInfo
    private let source: MediaSource

    init(_ reader: sending MediaReader) {
        self.info = reader.info
        self.source = MediaSource(reader)
    }

    /// Shows ``info`` only, because the URL of the media is a secret.
    public var customMirror: Mirror { Mirror(self, children: ["info": self.info]) }

    /// The same chunks as a body, to forward in a response or a request.
    public var body: RingHTTPBody { RingHTTPBody(streaming: self, length: self.info.length) }

    /// Starts reading, or continues where an earlier reader stopped.
    public func makeAsyncIterator() -> Iterator { Iterator(source: self.source) }

    /// Reads a stream chunk by chunk.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        fileprivate let source: MediaSource

        /// The next chunk, never empty; `nil` when the media is complete.
        ///
        /// - Throws: `RingError`: `mediaTruncated` when it is truncated, `mediaUnreadable` when it is damaged, the
        ///   transport's codes when the transfer was interrupted and could not be continued; `CancellationError` when the
        ///   task is cancelled.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> [UInt8]? {
            try await self.source.next()
        }
    }
}

/// A transfer that any task may read.
private actor MediaSource {
    private let reader: MediaReader

    init(_ reader: sending MediaReader) { self.reader = reader }

    /// The next chunk; `nil` when the media is complete.
    func next() async throws -> [UInt8]? { try await self.reader.next() }
}
