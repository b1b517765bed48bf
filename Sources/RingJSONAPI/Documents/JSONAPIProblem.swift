/// A part of a document that could not be read, reported beside the parts that could.
public struct JSONAPIProblem: Hashable, Sendable, CustomStringConvertible {
    /// Where the part stands: a JSON pointer from the top of the document.
    public var path: String
    /// What is wrong with it.
    public var reason: Reason
    /// The part itself, as received. It may hold personal data: not for logs.
    public var raw: JSONAPIValue

    /// Creates a problem; public because the models built on documents report theirs too.
    public init(path: String, reason: Reason, raw: JSONAPIValue) {
        self.path = path
        self.reason = reason
        self.raw = raw
    }

    /// Reason and path, without the content.
    public var description: String { "\(self.reason) at \"\(self.path.prefix(200))\"" }

    /// What is wrong. Models add reasons of their own, so a `switch` needs a `default`.
    public struct Reason: RawRepresentable, Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
        /// The reason in words, without content of the document.
        public let rawValue: String
        /// Creates a reason from words that hold no content of the document.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// Creates a reason from words that hold no content of the document.
        public init(stringLiteral value: String) { self.rawValue = value }
        /// The reason in words.
        public var description: String { self.rawValue }

        /// Something else stands where a resource object is expected.
        public static let notAnObject: Self = "not an object"
        /// A resource has no `type`, or one that is no string.
        public static let missingType: Self = "resource without a type"
        /// A resource has no `id`, or one that is neither a string nor a number.
        public static let missingID: Self = "resource without an id"
        /// `included` or `errors` is not an array.
        public static let notAnArray: Self = "not an array"
    }
}
