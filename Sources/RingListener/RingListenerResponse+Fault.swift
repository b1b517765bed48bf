extension RingListenerResponse {
    /// A way to misbehave, for tests of clients.
    ///
    /// What HTTP itself forbids (resets, garbage, floods of headers) a real server library will not send.
    public struct Fault: Sendable, Hashable {
        enum Kind: Hashable {
            case closeBeforeHeaders
            case cutBody(after: Int64)
            case stall(after: Int64)
            case contentLength(Int64)
            case slowChunks(size: Int, every: Duration)
        }

        let kind: Kind

        /// Closes the connection without any answer.
        public static let closeBeforeHeaders = Self(kind: .closeBeforeHeaders)

        /// Announces the whole body, sends its first bytes and closes.
        public static func cutBody(after bytes: Int64) -> Self { Self(kind: .cutBody(after: max(0, bytes))) }

        /// Sends the head and the first bytes, then nothing until the client hangs up or the listener stops.
        public static func stall(after bytes: Int64) -> Self { Self(kind: .stall(after: max(0, bytes))) }

        /// Sends this `Content-Length`, whatever the body's length is, and closes behind the body.
        public static func contentLength(_ length: Int64) -> Self { Self(kind: .contentLength(length)) }

        /// Sends the body in pieces of `size` bytes with a pause before each.
        public static func slowChunks(size: Int, every pause: Duration) -> Self {
            Self(kind: .slowChunks(size: max(1, size), every: pause))
        }
    }
}
