/// Chunks of a body that wait for its reader.
///
/// A long body goes through the same few stretches of memory again and again: fresh memory comes from the system page by
/// page, and that costs more than the copying. So a chunk is kept when it is read; by the time its turn comes its reader
/// has let go of it. If not, emptying it makes a new one, as it does with every array that is shared.
struct CurlQueue {
    private var waiting: [[UInt8]] = []
    /// Chunks that were read, the oldest first.
    private var lent: [[UInt8]] = []
    /// How many bytes wait to be read.
    private(set) var bytes = 0

    /// How many chunks a reader may hold on to before new ones are made for it.
    private static let grace = 2
    private static let lentLimit = 16

    var isEmpty: Bool { self.waiting.isEmpty }

    /// Takes over what was gathered, and gives chunks back to be filled.
    mutating func take(_ chunks: inout CurlChunks) {
        guard chunks.bytes > 0 else { return }
        self.bytes += chunks.bytes
        if self.waiting.isEmpty, self.lent.isEmpty {
            self.waiting = chunks.filled
            return chunks = CurlChunks()
        }
        for chunk in chunks.filled {
            // A trickle becomes few chunks too, however slow its reader.
            if chunk.count < CurlChunks.small, let last = self.waiting.indices.last,
                self.waiting[last].count + chunk.count <= CurlChunks.size
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
    mutating func removeFirst() -> [UInt8]? {
        guard !self.waiting.isEmpty else { return nil }
        let chunk = self.waiting.removeFirst()
        self.bytes -= chunk.count
        if chunk.capacity >= CurlChunks.size, self.lent.count < Self.lentLimit { self.lent.append(chunk) }
        return chunk
    }

    /// Everything, in one.
    mutating func removeAll() -> [UInt8] {
        defer { self = CurlQueue() }
        return self.waiting.count == 1 ? self.waiting[0] : Array(self.waiting.joined())
    }
}
