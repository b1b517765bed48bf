/// The pieces of a body on their way to its reader, gathered into few large chunks.
///
/// The loop gathers without a lock, and hands over what one turn of it brought, see ``CurlQueue``.
struct CurlChunks {
    private(set) var filled: [[UInt8]] = []
    /// How many bytes those are.
    private(set) var bytes = 0
    /// Chunks that were read already, to be filled again.
    var spare: [[UInt8]] = []

    /// The size of a chunk when the body comes fast enough.
    static let size = 64 * 1024
    /// What is worth a chunk of its own.
    static let small = 8 * 1024

    /// - Parameter announced: The length of the whole body, when its head names one.
    mutating func append(_ piece: UnsafeRawBufferPointer, announced: Int64?) {
        self.bytes += piece.count
        if let last = self.filled.indices.last, self.filled[last].count + piece.count <= Self.size {
            return unsafe self.filled[last].append(contentsOf: piece)
        }
        var chunk = self.spare.popLast() ?? []
        chunk.removeAll(keepingCapacity: true)
        // Room for what is announced, so that the chunk is not copied while it grows; but none for a trickle, of which
        // many chunks may be kept.
        let length = piece.count < Self.small ? 0 : Int(clamping: announced ?? 0)
        chunk.reserveCapacity(max(piece.count, min(Self.size, length)))
        unsafe chunk.append(contentsOf: piece)
        self.filled.append(chunk)
    }

    /// Forgets what was handed over.
    mutating func clear() {
        self.filled.removeAll(keepingCapacity: true)
        self.bytes = 0
    }
}
