/// A part of a document that could not be read, reported beside the parts that could.
public struct JSONAPIProblem: Hashable, Sendable, CustomStringConvertible {
    internal static let notAnObject = "not an object"
    internal static let missingType = "resource without a type"
    internal static let missingID = "resource without an id"
    internal static let notAnArray = "not an array"
    internal static let undecodable =
        "string that cannot be decoded: a control character, half of a surrogate pair, or bytes that are not UTF-8"

    /// Where the part stands: a JSON pointer from the top of the document.
    public let path: String
    /// What is wrong with it, in words that contain nothing of the document.
    public let reason: String
    /// The part itself, as received. It may contain personal data: not for logs.
    public let raw: JSONAPIValue

    /// - Parameter reason: Words that contain nothing of the document.
    package init(path: String, reason: String, raw: JSONAPIValue) {
        self.path = path
        self.reason = reason
        self.raw = raw
    }

    /// Reason and path, without the content.
    public var description: String { "\(self.reason) at \"\(self.path.prefix(200))\"" }
}
