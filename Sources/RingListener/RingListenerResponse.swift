/// What a handler answers.
public struct RingListenerResponse: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields; the length and the date are added by the listener.
    public var headers: RingListenerHeaders
    /// What is sent behind the header.
    public var body: Body
    /// How this answer misbehaves; for tests of clients only.
    public var fault: Fault?

    /// Creates an answer.
    public init(status: Int, headers: RingListenerHeaders = [:], body: Body = .bytes([]), fault: Fault? = nil) {
        self.status = status
        self.headers = headers
        self.body = body
        self.fault = fault
    }

    /// Creates an answer of one piece with its content type.
    public init(status: Int, contentType: String, text: String) {
        self.init(status: status, headers: ["Content-Type": contentType], body: .bytes(Array(text.utf8)))
    }

    /// Where the bytes of a body come from.
    public enum Body: Sendable {
        /// Bytes in memory.
        case bytes([UInt8])
        /// Bytes as they become available, with back-pressure: the next element is asked for when the last one is on its
        /// way. With a length the answer has a `Content-Length`, without one it is chunked. An error, or an end before
        /// the length, closes the connection.
        case stream(length: Int64?, any AsyncSequence<[UInt8], any Error> & Sendable)
        /// A part of a file: `length` bytes from `offset` on.
        case file(path: String, offset: Int64, length: Int64)
    }
}
