/// A body: bytes in memory, or chunks that arrive while they are read.
///
/// Chunks arrive with back-pressure: the next chunk is requested only when the reader wants it. A streamed body is read
/// once; releasing it unread ends the transfer.
public struct RingHTTPBody: AsyncSequence, Sendable {
    /// One chunk, as it arrived.
    public typealias Element = [UInt8]

    /// The number of bytes, when it is known before reading.
    public let length: Int64?
    private let storage: Storage

    private enum Storage: Sendable {
        case bytes([UInt8])
        case stream(@Sendable () -> Iterator)
    }

    /// No bytes at all.
    public static let empty = RingHTTPBody([])

    /// A body in memory. It can be read any number of times.
    public init(_ bytes: [UInt8]) {
        self.length = Int64(bytes.count)
        self.storage = .bytes(bytes)
    }

    /// A body in memory, of a text's UTF-8 bytes.
    public init(_ text: String) { self.init(Array(text.utf8)) }

    /// A body that arrives in chunks.
    ///
    /// - Parameters:
    ///   - chunks: The chunks, in order. They are requested one at a time.
    ///   - length: The number of bytes when known; `nil` sends them chunked.
    public init<Chunks: AsyncSequence & Sendable>(streaming chunks: Chunks, length: Int64? = nil)
    where Chunks.Element == [UInt8] {
        self.length = length
        self.storage = .stream {
            var iterator = chunks.makeAsyncIterator()
            return Iterator { try await iterator.next(isolation: #isolation) }
        }
    }

    /// The bytes when the body is in memory; `nil` when it streams.
    public var bytes: [UInt8]? {
        guard case .bytes(let bytes) = self.storage else { return nil }
        return bytes
    }

    /// Reads the whole body into memory.
    ///
    /// - Parameter limit: The maximum number of bytes to accept.
    /// - Throws: ``RingHTTPError`` with ``RingHTTPError/Code/bodyTooLarge`` when there are more; what the transport throws.
    public func collect(upTo limit: Int) async throws -> [UInt8] {
        if let bytes {
            guard bytes.count <= limit else { throw Self.tooLarge(limit) }
            return bytes
        }
        if let length, length > Int64(limit) { throw Self.tooLarge(limit) }
        var all: [UInt8] = []
        if let length { all.reserveCapacity(Int(clamping: length)) }
        for try await chunk in self {
            guard all.count + chunk.count <= limit else { throw Self.tooLarge(limit) }
            // A body in one chunk needs no copy.
            if all.isEmpty, self.length ?? Int64(chunk.count) == chunk.count {
                all = chunk
            } else {
                all.append(contentsOf: chunk)
            }
        }
        return all
    }

    /// The error of a body with more bytes than a reader accepts.
    package static func tooLarge(_ limit: Int) -> RingHTTPError {
        RingHTTPError(
            code: .bodyTooLarge,
            message: "the body is larger than the \(limit) bytes allowed; raise the limit if such a body is expected")
    }

    /// Starts reading.
    public func makeAsyncIterator() -> Iterator {
        switch self.storage {
        case .bytes(let bytes):
            var rest: [UInt8]? = bytes.isEmpty ? nil : bytes
            return Iterator {
                defer { rest = nil }
                return rest
            }
        case .stream(let make): return make()
        }
    }

    /// Reads a body chunk by chunk.
    public struct Iterator: AsyncIteratorProtocol {
        private let pull: () async throws -> [UInt8]?

        init(_ pull: @escaping () async throws -> [UInt8]?) { self.pull = pull }

        /// The next chunk, never empty; `nil` at the end.
        ///
        /// - Throws: What the transport throws; `CancellationError` when the task is cancelled.
        public mutating func next() async throws -> [UInt8]? { try await self.pull() }

        /// The next chunk, read where the caller runs.
        ///
        /// - Throws: As ``next()``.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(any Error) -> [UInt8]? {
            try await self.pull()
        }
    }
}

@available(*, unavailable)
extension RingHTTPBody.Iterator: Sendable {}
