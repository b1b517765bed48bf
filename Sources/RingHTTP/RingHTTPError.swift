/// Why an HTTP value could not be built or read.
///
/// Clients of the Ring Partner API throw `RingError` in its place; this error reaches only code that works with the values
/// of this module directly.
public struct RingHTTPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public let code: Code
    /// What was wrong, without any part of a URL or a body.
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    /// The code and the message.
    public var description: String { "\(self.code): \(self.message)" }

    /// A kind of failure. A minor release may add kinds, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code as a word.
        public let description: String
        private init(_ word: String) { self.description = word }

        /// A body has more bytes than the reader accepts.
        public static let bodyTooLarge = Self("body_too_large")
        /// A path segment is empty, `.` or `..`.
        package static let invalidPathSegment = Self("invalid_path_segment")
        /// A URL cannot carry a path and a query.
        package static let invalidURL = Self("invalid_url")
        /// A link leads to another origin.
        package static let foreignOrigin = Self("foreign_origin")
        /// A transport's library reported the parts of a response in an order that no response has.
        package static let partsOutOfOrder = Self("parts_out_of_order")
    }
}
