/// Why a listener did not start.
public struct RingListenerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public var code: Code
    /// What went wrong, where, and what to do, in one sentence.
    public var message: String

    /// Creates an error.
    init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "\(self.code): \(self.message)" }

    /// A kind of failure. A minor release may add kinds, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String { case badAddress, addressUnavailable, engine }
        private let value: Value
        private init(_ value: Value) { self.value = value }
        /// The code as a word.
        public var description: String { self.value.rawValue }

        /// The host is no numeric address and not `localhost`, or the port is out of range.
        public static let badAddress = Self(.badAddress)
        /// The system refused the address; most often another process has the port.
        public static let addressUnavailable = Self(.addressUnavailable)
        /// The server engine did not start; with TLS most often an unreadable certificate or key.
        public static let engine = Self(.engine)
    }
}
