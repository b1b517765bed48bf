import RingHTTP
import Testing

@Suite struct RingHTTPChunksTests {
    private func append(_ count: Int, _ value: UInt8 = 1, to chunks: inout RingHTTPChunks, announced: Int64? = nil) {
        let piece = [UInt8](repeating: value, count: count)
        unsafe piece.withUnsafeBytes { unsafe chunks.append($0, announced: announced) }
    }

    @Test func gathersPiecesIntoLargeChunks() {
        var chunks = RingHTTPChunks()
        for value in 0..<10 { self.append(16 * 1024, UInt8(value), to: &chunks, announced: 160 * 1024) }
        #expect(chunks.byteCount == 160 * 1024)
        var queue = RingHTTPChunkQueue()
        queue.append(&chunks)
        #expect(chunks.byteCount == 0)
        #expect(queue.byteCount == 160 * 1024)
        var counts: [Int] = []
        var bytes: [UInt8] = []
        while let chunk = queue.removeFirst() {
            counts.append(chunk.count)
            bytes += chunk
        }
        #expect(counts == [64, 64, 32].map { $0 * 1024 })
        #expect(bytes == (0..<10).flatMap { [UInt8](repeating: UInt8($0), count: 16 * 1024) })
        #expect(queue.byteCount == 0)
    }

    /// Reports of a few bytes each do not become as many chunks.
    @Test func joinsSmallPieces() {
        var queue = RingHTTPChunkQueue()
        for value in 0..<100 {
            var chunks = RingHTTPChunks()
            self.append(100, UInt8(value), to: &chunks)
            queue.append(&chunks)
        }
        let (chunk, next) = (queue.removeFirst(), queue.removeFirst())
        #expect(chunk == (0..<100).flatMap { [UInt8](repeating: UInt8($0), count: 100) })
        #expect(next == nil)
    }

    /// A long body is received into the same few chunks.
    @Test func usesMemoryOfChunksThatWereRead() throws {
        var chunks = RingHTTPChunks()
        var queue = RingHTTPChunkQueue()
        var addresses: Set<Int> = []
        var previous: [[UInt8]] = []
        for value in 0..<40 {
            self.append(RingHTTPChunks.size, UInt8(value), to: &chunks, announced: .max)
            queue.append(&chunks)
            let read = queue.removeFirst()
            let chunk = try #require(read)
            #expect(chunk == [UInt8](repeating: UInt8(value), count: RingHTTPChunks.size))
            unsafe chunk.withUnsafeBytes { _ = addresses.insert(Int(bitPattern: $0.baseAddress)) }
            // The reader keeps a chunk for a while.
            previous = previous.suffix(1) + [chunk]
        }
        #expect(addresses.count <= 6)
    }

    @Test func leavesChunksThatAReaderKeeps() throws {
        var chunks = RingHTTPChunks()
        var queue = RingHTTPChunkQueue()
        var kept: [[UInt8]] = []
        for value in 0..<20 {
            self.append(RingHTTPChunks.size, UInt8(value), to: &chunks, announced: .max)
            queue.append(&chunks)
            let read = queue.removeFirst()
            kept.append(try #require(read))
        }
        #expect(kept.enumerated().allSatisfy { index, chunk in chunk.allSatisfy { $0 == UInt8(index) } })
    }

    @Test func givesEverythingInOneChunk() {
        var queue = RingHTTPChunkQueue()
        let nothing = queue.removeAll()
        #expect(nothing == [])
        var chunks = RingHTTPChunks()
        for value in 1...3 { self.append(40 * 1024, UInt8(value), to: &chunks) }
        queue.append(&chunks)
        let everything = queue.removeAll()
        #expect(everything == (1...3).flatMap { [UInt8](repeating: UInt8($0), count: 40 * 1024) })
        #expect(queue.byteCount == 0)
    }
}

@Suite struct RingHTTPResponseHeadTests {
    private func head(
        _ status: Int, _ fields: RingHTTPFields = ["Content-Length": "9", "X-A": "b"], isHead: Bool = false,
        inflates: Bool = true
    ) -> RingHTTPResponseHead {
        RingHTTPResponseHead(status: status, headerFields: fields, announced: 9, isHead: isHead, inflates: inflates)
    }

    @Test func hasTheAnnouncedLength() {
        #expect(self.head(200).bodyLength == 9)
        #expect(self.head(200).headerFields.count == 2)
        #expect(self.head(200, ["Transfer-Encoding": "chunked"]).bodyLength == nil)
    }

    @Test func hasNoBodyWhereHTTPHasNone() {
        for head in [self.head(204), self.head(304), self.head(200, isHead: true)] { #expect(head.bodyLength == 0) }
        #expect(self.head(200, isHead: true).headerFields[.contentLength] == "9")
    }

    /// Fields that describe the compressed body would be wrong for the one that is delivered.
    @Test func describesTheDecompressedBody() {
        let fields: RingHTTPFields = ["Content-Length": "9", "Content-Encoding": "gzip", "X-A": "b"]
        #expect(self.head(200, fields).bodyLength == nil)
        #expect(self.head(200, fields).headerFields == ["X-A": "b"])
        #expect(self.head(200, fields, inflates: false).bodyLength == 9)
        #expect(self.head(200, fields, inflates: false).headerFields == fields)
        #expect(self.head(200, ["Content-Encoding": "Identity", "Content-Length": "9"]).bodyLength == 9)
    }
}
