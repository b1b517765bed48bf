#if canImport(CRingTestTLS)
import RingTesting

/// The server's side of one HTTP/2 connection (RFC 9113), frame by frame, so that a test can write the wrong one.
final class HTTP2Connection {
    /// A frame. Settings, pings and windows never show up: this connection responds to them.
    struct Frame {
        enum Kind: UInt8 {
            case data, headers, priority, reset, settings, pushPromise, ping, goAway, window, continuation
        }

        var kind: Kind
        var flags: UInt8 = 0
        var stream: Int = 0
        var payload: [UInt8] = []

        var endsStream: Bool { (self.kind == .data || self.kind == .headers) && self.flags & 1 != 0 }
        /// The method of a request's head. It comes first, and by its number in HPACK's static table.
        var method: String? {
            guard self.kind == .headers else { return nil }
            return [0x82: "GET", 0x83: "POST"][self.payload.first] ?? "another"
        }

        var bytes: [UInt8] {
            HTTP2Connection.number(self.payload.count, 3) + [self.kind.rawValue, self.flags]
                + HTTP2Connection.number(self.stream, 4) + self.payload
        }
    }

    /// Why a stream or a connection ends (section 7).
    enum Code: Int { case noError = 0, internalError = 2, refusedStream = 7, cancel = 8, enhanceYourCalm = 11 }

    private let tls: TLSConnection
    private var unread: [UInt8] = []

    init(_ tls: TLSConnection) throws {
        self.tls = tls
        guard try self.take(24) == Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) else {
            throw RawServerError("reading the preface")
        }
        try self.send([Frame(kind: .settings)])
    }

    /// The next frame of a stream, waiting for it; `nil` when the client ended the connection.
    func next() throws -> Frame? {
        while let head = try self.take(9) {
            let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
            guard let payload = try self.take(length) else { return nil }
            guard let kind = Frame.Kind(rawValue: head[3]) else { continue }
            let stream = head[5...].reduce(0) { $0 << 8 | Int($1) } & 0x7FFF_FFFF
            let frame = Frame(kind: kind, flags: head[4], stream: stream, payload: payload)
            switch kind {
            case .settings where frame.flags & 1 == 0: try self.send([Frame(kind: .settings, flags: 1)])
            case .ping where frame.flags & 1 == 0: try self.send([Frame(kind: .ping, flags: 1, payload: payload)])
            case .data, .headers, .reset:
                if kind == .data, length > 0 {
                    let window = Self.number(length, 4)
                    try self.send([
                        Frame(kind: .window, payload: window), Frame(kind: .window, stream: stream, payload: window),
                    ])
                }
                return frame
            default: break
            }
        }
        return nil
    }

    /// Writes frames in one go: they arrive together.
    func send(_ frames: [Frame]) throws { try self.write(frames.flatMap(\.bytes)) }

    /// Writes what need not be a frame.
    func write(_ bytes: [UInt8]) throws { try self.tls.write(bytes) }

    /// Status 200 and some text.
    static func response(_ stream: Int, _ text: String) -> [Frame] {
        [Self.head(stream), Frame(kind: .data, flags: 1, stream: stream, payload: Array(text.utf8))]
    }

    /// Status 200, the body to follow.
    static func head(_ stream: Int) -> Frame { Frame(kind: .headers, flags: 4, stream: stream, payload: [0x88]) }

    /// The connection takes no new stream, and none above `last` was or will be looked at.
    static func goAway(last: Int, _ code: Code = .noError) -> Frame {
        Frame(kind: .goAway, payload: Self.number(last, 4) + Self.number(code.rawValue, 4))
    }

    /// Ends a stream.
    static func reset(_ stream: Int, _ code: Code) -> Frame {
        Frame(kind: .reset, stream: stream, payload: Self.number(code.rawValue, 4))
    }

    fileprivate static func number(_ value: Int, _ width: Int) -> [UInt8] {
        (0..<width).reversed().map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    private func take(_ count: Int) throws -> [UInt8]? {
        while self.unread.count < count {
            guard let some = try self.tls.read() else { return nil }
            self.unread += some
        }
        defer { self.unread.removeFirst(count) }
        return Array(self.unread[..<count])
    }
}
#endif
