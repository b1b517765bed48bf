package import RingHTTP

/// The response of a handler, which may misbehave on purpose: for the simulator, and for tests of clients.
package struct RingListenerResponse: Sendable {
    /// The status code.
    package var status: Int
    /// The header fields; the length and the date are added by the listener.
    package var headers: RingHTTPFields
    /// What is sent behind the header.
    package var body: Body
    /// How this response misbehaves.
    package var fault: Fault?

    /// Creates a response.
    package init(status: Int, headers: RingHTTPFields = [:], body: Body = .bytes([]), fault: Fault? = nil) {
        self.status = status
        self.headers = headers
        self.body = body
        self.fault = fault
    }

    /// Creates a response of one piece with its content type.
    package init(status: Int, contentType: String, text: String) {
        self.init(status: status, headers: ["Content-Type": contentType], body: .bytes(Array(text.utf8)))
    }

    init(_ response: RingHTTPResponse) {
        let body: Body =
            if let bytes = response.body.bytes { .bytes(bytes) } else {
                .stream(length: response.body.length, response.body)
            }
        self.init(status: response.status, headers: response.headerFields, body: body)
    }

    /// Where the bytes of a body come from.
    package enum Body: Sendable {
        /// Bytes in memory.
        case bytes([UInt8])
        /// Bytes as they become available, with back-pressure: the next element is requested when the last one is on its
        /// way. With a length the response has a `Content-Length`, without one it is chunked. An error, or an end before
        /// the length, closes the connection.
        case stream(length: Int64?, any AsyncSequence<[UInt8], any Error> & Sendable)
        /// A part of a file: `length` bytes from `offset` on.
        case file(path: String, offset: Int64, length: Int64)
    }
}

extension RingListenerResponse {
    /// A way to misbehave, for tests of clients.
    ///
    /// What HTTP itself forbids (resets, garbage, floods of headers) a real server library will not send.
    package struct Fault: Sendable, Hashable {
        /// What goes wrong.
        package enum Kind: Hashable, Sendable {
            case closeBeforeHeaders
            case cutBody(after: Int64)
            case stall(after: Int64)
            case contentLength(Int64)
            case slowChunks(size: Int, every: Duration)
        }

        /// What goes wrong.
        package let kind: Kind

        /// Closes the connection without any response.
        package static let closeBeforeHeaders = Self(kind: .closeBeforeHeaders)

        /// Announces the whole body, sends its first bytes and closes.
        package static func cutBody(after bytes: Int64) -> Self { Self(kind: .cutBody(after: max(0, bytes))) }

        /// Sends the head and the first bytes, then nothing until the client hangs up or the listener stops.
        package static func stall(after bytes: Int64) -> Self { Self(kind: .stall(after: max(0, bytes))) }

        /// Sends this `Content-Length`, whatever the body's length is, and closes behind the body.
        package static func contentLength(_ length: Int64) -> Self { Self(kind: .contentLength(length)) }

        /// Sends the body in pieces of `size` bytes with a pause before each.
        package static func slowChunks(size: Int, every pause: Duration) -> Self {
            Self(kind: .slowChunks(size: max(1, size), every: pause))
        }
    }
}
