/// Pieces of a body on their way to its reader, gathered into few large chunks.
///
/// A transport gathers without a lock, and passes on at once what it has received in one go, see ``RingHTTPChunkQueue``.
package struct RingHTTPChunks: Sendable {
    fileprivate var filled: [[UInt8]] = []
    /// How many bytes have been gathered.
    package private(set) var byteCount = 0
    /// Chunks that have been read and may be filled again.
    fileprivate var spare: [[UInt8]] = []

    /// The size of a chunk when the body arrives fast enough.
    package static let size = 64 * 1024
    /// The least that is worth a chunk of its own.
    fileprivate static let small = 8 * 1024

    package init() {}

    /// Adds a piece.
    ///
    /// - Parameter announced: The length of the whole body, if its head has one.
    package mutating func append(_ piece: UnsafeRawBufferPointer, announced: Int64?) {
        self.byteCount += piece.count
        if let last = self.filled.indices.last, self.filled[last].count + piece.count <= Self.size {
            return unsafe self.filled[last].append(contentsOf: piece)
        }
        var chunk = self.spare.popLast() ?? []
        chunk.removeAll(keepingCapacity: true)
        // Space for what is announced, so that the chunk is not copied while it grows; but none for small pieces, of which
        // many chunks may be kept.
        let length = piece.count < Self.small ? 0 : Int(clamping: announced ?? 0)
        chunk.reserveCapacity(max(piece.count, min(Self.size, length)))
        unsafe chunk.append(contentsOf: piece)
        self.filled.append(chunk)
    }

    fileprivate mutating func clear() {
        self.filled.removeAll(keepingCapacity: true)
        self.byteCount = 0
    }
}

/// Chunks of a body that wait for its reader.
///
/// A long body uses the same few chunks of memory repeatedly: fresh memory is mapped page by page, which costs more than the
/// copying. So a chunk is kept when it is read, and filled again later, when its reader has released it. If the reader has
/// not, emptying the chunk makes a new one, as with every array that is shared.
package struct RingHTTPChunkQueue: Sendable {
    private var waiting: [[UInt8]] = []
    /// Chunks that were read, the oldest first.
    private var lent: [[UInt8]] = []
    /// How many bytes wait to be read.
    package private(set) var byteCount = 0

    /// How many chunks a reader may keep before new ones are made for it.
    private static let grace = 2
    private static let maximumLentCount = 16

    package init() {}

    /// Takes what was gathered, and gives chunks back to be filled.
    package mutating func append(_ chunks: inout RingHTTPChunks) {
        guard chunks.byteCount > 0 else { return }
        self.byteCount += chunks.byteCount
        if self.waiting.isEmpty, self.lent.isEmpty {
            self.waiting = chunks.filled
            return chunks = RingHTTPChunks()
        }
        for chunk in chunks.filled {
            // Small pieces become few chunks as well, however slow their reader is.
            if chunk.count < RingHTTPChunks.small, let last = self.waiting.indices.last,
                self.waiting[last].count + chunk.count <= RingHTTPChunks.size
            {
                self.waiting[last].append(contentsOf: chunk)
            } else {
                self.waiting.append(chunk)
            }
        }
        chunks.clear()
        while self.lent.count > Self.grace { chunks.spare.append(self.lent.removeFirst()) }
    }

    /// The oldest chunk.
    package mutating func removeFirst() -> [UInt8]? {
        guard !self.waiting.isEmpty else { return nil }
        let chunk = self.waiting.removeFirst()
        self.byteCount -= chunk.count
        if chunk.capacity >= RingHTTPChunks.size, self.lent.count < Self.maximumLentCount { self.lent.append(chunk) }
        return chunk
    }

    /// Everything, in one chunk.
    package mutating func removeAll() -> [UInt8] {
        defer { self = RingHTTPChunkQueue() }
        return self.waiting.count == 1 ? self.waiting[0] : Array(self.waiting.joined())
    }
}
