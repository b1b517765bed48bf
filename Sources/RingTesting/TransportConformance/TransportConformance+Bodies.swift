internal import RingCore

extension TransportConformance {
    static let bodyChecks: [Check] = [
        Check("reads bodies of many sizes") { try await $0.readsSizes() },
        Check("sends bodies of many sizes") { try await $0.sendsSizes() },
        Check("sends streamed bodies, counted and chunked") { try await $0.streamsUp() },
        Check("refuses a streamed body of another length than promised") { try await $0.refusesWrongLengths() },
        Check("ends a request whose body's source fails") { try await $0.reportsFailedSources() },
        Check("returns before the body has arrived") { try await $0.returnsEarly() },
        Check("lets a slow reader hold up the server") { try await $0.slowsTheServer() },
        Check("lets a slow server hold up the source of a body") { try await $0.slowsTheSource() },
        Check("takes a response that comes before the request's end") { try await $0.takesEarlyResponses() },
        Check("ends the transfer of a body nobody reads") { try await $0.endsAbandonedBodies() },
        Check("carries a large body both ways") { try await $0.carriesLargeBodies() },
    ]

    private static let sizes = [0, 1, 1_023, 16_384, 65_535, 65_536, 65_537, 262_144, 1_048_577, 5_000_000]

    private func readsSizes() async throws {
        for isChunked in [false, true] {
            for size in Self.sizes {
                let bytes = ConformanceServers.pattern(size)
                // The connection stays open, because a transport need not repeat a request that a closing one loses.
                let server = try RawServer { connection in
                    while try connection.readHead() != nil {
                        if isChunked {
                            try Self.respondInChunks(bytes, on: connection)
                        } else {
                            try connection.respond(body: bytes)
                        }
                    }
                }
                defer { server.stop() }
                for operation in [RingOperation.testRead, .testDownload] {
                    let (response, body) = try await self.exchange(self.request(server, operation: operation))
                    try self.expect(body == bytes, "\(size) bytes arrive as sent; \(body.count) came")
                    if !isChunked { try self.expect(response.body.length, is: Int64(size), "the length") }
                }
            }
        }
    }

    private static func respondInChunks(_ bytes: [UInt8], on connection: RawConnection) throws {
        try connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start in stride(from: 0, to: bytes.count, by: 7_001) {
            let piece = Array(bytes[start..<min(bytes.count, start + 7_001)])
            try connection.write(String(piece.count, radix: 16) + "\r\n")
            try connection.write(piece + [13, 10])
        }
        try connection.write("0\r\n\r\n")
    }

    private func sendsSizes() async throws {
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        for size in Self.sizes {
            let bytes = ConformanceServers.pattern(size)
            var sum = Checksum()
            sum.add(bytes)
            let (_, body) = try await self.exchange(
                self.request(server, method: .post, body: RingHTTPBody(bytes)))
            let found = String(decoding: body, as: UTF8.self).split(separator: "\n").last.map(String.init)
            try self.expect(found, is: "\(size) \(sum.value)", "count and checksum at the server")
        }
    }

    private func streamsUp() async throws {
        guard self.abilities.contains(.streamsUploads) else { return }
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        for size in [0, 1, 300_000, 3_000_000] {
            for isCounted in [true, false] {
                let source = ByteSource(total: Int64(size), chunk: 9_973)
                var sum = Checksum()
                sum.add(ConformanceServers.pattern(size))
                let (_, body) = try await self.exchange(
                    self.request(
                        server, method: .post,
                        body: RingHTTPBody(streaming: source, length: isCounted ? Int64(size) : nil)))
                let text = String(decoding: body, as: UTF8.self)
                try self.expect(text.hasSuffix("\n\(size) \(sum.value)"), "\(size) bytes arrive as sent: \(text)")
                try self.expect(
                    text.lowercased().contains(isCounted ? "content-length: \(size)\n" : "transfer-encoding: chunked"),
                    "the framing of \(size) bytes, counted \(isCounted): \(text)")
            }
        }
    }

    private func refusesWrongLengths() async throws {
        guard self.abilities.contains(.streamsUploads) else { return }
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        for promised in [Int64(999), 1_001] {
            let body = RingHTTPBody(streaming: ByteSource(total: 1_000, chunk: 100), length: promised)
            let error = try await self.failure(
                of: self.request(server, method: .post, body: body), "1,000 bytes promised as \(promised)")
            try self.expect(error.code, is: .invalidArgument, "the code of a wrong length")
        }
    }

    private func reportsFailedSources() async throws {
        guard self.abilities.contains(.streamsUploads) else { return }
        struct Broken: Error {}
        let server = try ConformanceServers.echo()
        defer { server.stop() }
        let source = ByteSource(total: 1_000_000, chunk: 1_000, failure: Broken(), failsAt: 500_000)
        let error = try await self.failure(
            of: self.request(server, method: .post, body: RingHTTPBody(streaming: source)), "a source that fails")
        try self.expect(error.code, is: .storageFailed, "the code of a failed source")
        try self.expect(error.cause is Broken, "the source's own error is the cause")
    }

    private func returnsEarly() async throws {
        let server = try ConformanceServers.stalling(after: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
        defer { server.stop() }
        let response = try await self.transport.send(self.request(server))
        try self.expect(response.status, is: 200, "the status")
        var iterator = response.body.makeAsyncIterator()
        try self.expect(try await iterator.next(), is: Array("abc".utf8), "what has arrived")
    }

    private func slowsTheServer() async throws {
        let total: Int64 = 256 * 1024 * 1024
        let written = Tally()
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(total)\r\n\r\n")
            let block = [UInt8](repeating: 1, count: 64 * 1024)
            while written.value < total {
                try connection.write(block)
                written.add(Int64(block.count))
            }
        }
        defer { server.stop() }
        let response = try await self.transport.send(self.request(server, operation: .testDownload))
        var iterator = response.body.makeAsyncIterator()
        _ = try await iterator.next()
        // Nobody reads: the server gets no further than the system's socket buffers.
        var before: Int64 = -1
        while before != written.value {
            before = written.value
            try await self.clock.sleep(for: .milliseconds(200))
        }
        try self.expect(before < 24 * 1024 * 1024, "the server was let go ahead by \(before) bytes")
    }

    private func slowsTheSource() async throws {
        guard self.abilities.contains(.streamsUploads) else { return }
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            // Not a byte of the body is read. The connection stays open until the client gives up.
            while connection.isPeerConnected { RawConnection.pause(milliseconds: 5) }
        }
        defer { server.stop() }
        let source = ByteSource(total: 256 * 1024 * 1024, chunk: 64 * 1024)
        let request = try self.request(
            server, method: .post, body: RingHTTPBody(streaming: source), operation: .testMediaRequest,
            timeouts: RingTimeouts(silence: .milliseconds(500)))
        _ = try? await self.exchange(request)
        let supplied = source.supplied.value
        try self.expect(supplied > 0, "something was taken from the source")
        try self.expect(supplied < 24 * 1024 * 1024, "the source was let go ahead by \(supplied) bytes")
    }

    private func takesEarlyResponses() async throws {
        guard self.abilities.contains(.streamsUploads) else { return }
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno")
            connection.finishWriting()
            connection.waitUntilClosed()
        }
        defer { server.stop() }
        let source = ByteSource(total: 64 * 1024 * 1024, chunk: 64 * 1024)
        let (response, body) = try await self.exchange(
            self.request(server, method: .post, body: RingHTTPBody(streaming: source)))
        try self.expect(response.status, is: 413, "the status")
        try self.expect(body, is: Array("no".utf8), "the body")
    }

    private func endsAbandonedBodies() async throws {
        let server = try RawServer { connection in
            guard try connection.readHead() != nil else { return }
            try connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\nabc")
            connection.waitUntilClosed()
        }
        defer { server.stop() }
        do {
            let response = try await self.transport.send(self.request(server, operation: .testDownload))
            try self.expect(server.openConnections, is: 1, "open connections while the body is held")
            _ = response.status
        }
        try await self.eventually("the server sees the end of an abandoned body") { server.openConnections == 0 }
        do {
            let response = try await self.transport.send(self.request(server, operation: .testDownload))
            for try await _ in response.body { break }
        }
        try await self.eventually("the server sees the end of a half-read body") { server.openConnections == 0 }
    }

    func carriesLargeBodies() async throws {
        let size = self.largeBody
        let received = Tally()
        let block = [UInt8](repeating: 0x5A, count: 256 * 1024)
        let server = try RawServer { connection in
            while let request = try connection.readHead() {
                try connection.readBody(of: request) { received.add(Int64($0.count)) }
                let length = request.method == "GET" ? size : 0
                try connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n")
                var left = length
                while left > 0 {
                    let count = min(left, Int64(block.count))
                    try connection.write(count == Int64(block.count) ? block : Array(block[..<Int(count)]))
                    left -= count
                }
            }
        }
        defer { server.stop() }
        let response = try await self.transport.send(self.request(server, operation: .testDownload))
        var count: Int64 = 0
        for try await chunk in response.body { count += Int64(chunk.count) }
        try self.expect(count, is: size, "bytes received")
        guard self.abilities.contains(.streamsUploads) else { return }
        let source = ByteSource(total: size, chunk: 256 * 1024, isPattern: false)
        try await self.exchange(
            self.request(
                server, method: .put, body: RingHTTPBody(streaming: source, length: size), operation: .testDownload))
        try self.expect(received.value, is: size, "bytes sent")
    }
}

/// The source of a streamed request body, made up as it is asked for.
struct ByteSource: AsyncSequence, Sendable {
    typealias Element = [UInt8]
    let total: Int64
    let chunk: Int
    var failure: (any Error)?
    var failsAt = Int64.max
    var isPattern = true
    /// How much was asked for.
    let supplied = Tally()

    func makeAsyncIterator() -> Iterator { Iterator(source: self) }

    struct Iterator: AsyncIteratorProtocol {
        let source: ByteSource
        private var position: Int64 = 0
        private let block: [UInt8]

        init(source: ByteSource) {
            self.source = source
            self.block = source.isPattern ? [] : [UInt8](repeating: 0x5A, count: source.chunk)
        }

        mutating func next() async throws -> [UInt8]? {
            if let failure = self.source.failure, self.position >= self.source.failsAt { throw failure }
            let count = Int(Swift.min(Int64(self.source.chunk), self.source.total - self.position))
            guard count > 0 else { return nil }
            defer { self.position += Int64(count) }
            self.source.supplied.add(Int64(count))
            if self.source.isPattern { return ConformanceServers.pattern(count, from: self.position) }
            return count == self.block.count ? self.block : Array(self.block[..<count])
        }
    }
}
