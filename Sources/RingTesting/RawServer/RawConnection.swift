internal import Synchronization

/// One client's connection, seen as bytes. Its methods block; they are called from the connection's own thread.
public final class RawConnection: Sendable {
    /// How many connections the server had accepted before this one.
    package let index: Int
    private let descriptor: Int32
    private let state = Mutex(State())

    private struct State {
        var unread: [UInt8] = []
        var isClosed = false
    }

    init(descriptor: Int32, index: Int) {
        self.descriptor = descriptor
        self.index = index
    }

    // MARK: Reading

    /// Reads a request's head.
    ///
    /// - Returns: `nil` when the client closed before the first byte of one.
    /// - Throws: An error when the connection ends in the middle of it.
    public func readHead() throws -> RawRequest? {
        var head: [UInt8] = []
        let end = Array("\r\n\r\n".utf8)
        while true {
            guard let some = self.readSome(upTo: 64 * 1024) else {
                if head.isEmpty { return nil }
                throw RawServerError("reading the head of a request")
            }
            let searched = Swift.max(0, head.count - 3)
            head += some
            guard let start = Self.firstIndex(of: end, in: head, from: searched) else { continue }
            let rest = Array(head[(start + 4)...])
            if !rest.isEmpty { self.state.withLock { $0.unread = rest + $0.unread } }
            var lines = String(decoding: head[..<start], as: UTF8.self).split(
                separator: "\r\n", omittingEmptySubsequences: false
            ).map(String.init)
            let line = lines.isEmpty ? "" : lines.removeFirst()
            return RawRequest(line: line, lines: lines)
        }
    }

    /// Reads a request's body, counted or chunked, whole into memory.
    ///
    /// - Throws: An error when the connection ends before the body does.
    public func readBody(of request: RawRequest) throws -> [UInt8] {
        var body: [UInt8] = []
        try self.readBody(of: request) { body += $0 }
        return body
    }

    /// Reads a request's body, counted or chunked, piece by piece.
    ///
    /// - Throws: An error when the connection ends before the body does; what `consume` throws.
    package func readBody(of request: RawRequest, _ consume: ([UInt8]) throws -> Void) throws {
        if request["Transfer-Encoding"]?.lowercased() == "chunked" {
            while true {
                let line = try self.readLine()
                guard let size = Int(line.prefix { $0 != ";" }, radix: 16) else {
                    throw RawServerError("reading a chunk's size: “\(line)”")
                }
                try self.read(exactly: size, consume)
                if size == 0 {
                    while try !self.readLine().isEmpty {}
                    return
                }
                guard try self.readLine().isEmpty else { throw RawServerError("reading a chunk's end") }
            }
        }
        try self.read(exactly: request["Content-Length"].flatMap { Int($0) } ?? 0, consume)
    }

    /// Reads whatever has arrived, waiting for the first byte; `nil` when the client closed or the connection broke.
    package func readSome(upTo limit: Int = 64 * 1024) -> [UInt8]? {
        let kept: [UInt8]? = self.state.withLock { state in
            guard !state.unread.isEmpty else { return nil }
            let part = Array(state.unread.prefix(limit))
            state.unread.removeFirst(part.count)
            return part
        }
        if let kept { return kept }
        guard !self.isClosed else { return nil }
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            count = Swift.max(0, unsafe RawSocket.read(self.descriptor, into: UnsafeMutableRawBufferPointer(buffer)))
        }
        return bytes.isEmpty ? nil : bytes
    }

    /// Waits until the client closes or the connection breaks, and drops everything that still arrives.
    package func waitUntilClosed() {
        while self.readSome() != nil {}
    }

    /// Whether the client's side is still open, as far as can be told without reading what it sent.
    package var isPeerConnected: Bool { !self.isClosed && RawSocket.isPeerConnected(self.descriptor) }

    /// Holds this connection's thread up.
    package static func pause(milliseconds: Int) { RawSocket.pause(milliseconds: milliseconds) }

    // MARK: Writing

    /// Writes text as it stands; line ends are the caller's: `\r\n`.
    ///
    /// - Throws: An error when the client has closed the connection.
    public func write(_ text: String) throws { try self.write(Array(text.utf8)) }

    /// Writes bytes; waits while the socket's buffer is full.
    ///
    /// - Throws: An error when the client has closed the connection.
    public func write(_ bytes: [UInt8]) throws {
        guard !self.isClosed else { throw RawServerError("writing to a connection that was closed") }
        let isWritten = unsafe bytes.withUnsafeBytes { unsafe RawSocket.write(self.descriptor, $0) }
        guard isWritten else { throw RawServerError("writing") }
    }

    /// Writes a whole response with a Content-Length.
    ///
    /// - Parameters:
    ///   - status: The status code.
    ///   - fields: Header lines without line ends.
    ///   - body: The bytes after the head.
    /// - Throws: An error when the client has closed the connection.
    public func respond(_ status: Int = 200, fields: [String] = [], body: [UInt8] = []) throws {
        var head = "HTTP/1.1 \(status) Status\r\nContent-Length: \(body.count)\r\n"
        for field in fields { head += field + "\r\n" }
        try self.write(Array((head + "\r\n").utf8) + body)
    }

    /// Says that nothing more will come, and stays open for reading.
    package func finishWriting() {
        if !self.isClosed { RawSocket.finishWriting(self.descriptor) }
    }

    // MARK: Ending

    /// Ends the connection in order. Also done when the handler returns.
    package func close() {
        let isFirst = self.state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        if isFirst { RawSocket.close(self.descriptor) }
    }

    /// Ends the connection with a TCP reset.
    package func reset() {
        if !self.isClosed { RawSocket.resetOnClose(self.descriptor) }
        self.close()
    }

    /// Whether the handler closed it. The number of its descriptor may then belong to another connection.
    private var isClosed: Bool { self.state.withLock { $0.isClosed } }

    /// Ends every read and write under way, from another thread.
    func wake() {
        self.state.withLock { state in
            if !state.isClosed { RawSocket.wake(self.descriptor) }
        }
    }

    private func readLine() throws -> String {
        var line: [UInt8] = []
        while true {
            guard let some = self.readSome(upTo: 64 * 1024) else { throw RawServerError("reading a line") }
            if let end = some.firstIndex(of: UInt8(ascii: "\n")) {
                line += some[..<end]
                let rest = Array(some[(end + 1)...])
                if !rest.isEmpty { self.state.withLock { $0.unread = rest + $0.unread } }
                if line.last == UInt8(ascii: "\r") { line.removeLast() }
                return String(decoding: line, as: UTF8.self)
            }
            line += some
        }
    }

    private func read(exactly count: Int, _ consume: ([UInt8]) throws -> Void) throws {
        var left = count
        while left > 0 {
            guard let some = self.readSome(upTo: Swift.min(left, 64 * 1024)) else {
                throw RawServerError("reading a body with \(left) bytes to come")
            }
            left -= some.count
            try consume(some)
        }
    }

    private static func firstIndex(of pattern: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
        guard bytes.count >= pattern.count else { return nil }
        var index = start
        while index <= bytes.count - pattern.count {
            if bytes[index...].starts(with: pattern) { return index }
            index += 1
        }
        return nil
    }
}
