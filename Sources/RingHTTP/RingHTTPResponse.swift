/// One response: status and header fields are there at once, the body arrives while it is read.
public struct RingHTTPResponse: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields.
    public var headerFields: RingHTTPFields
    /// The body.
    public var body: RingHTTPBody
    /// Whether the same request was sent before with an unknown outcome, so that its effect may already have happened.
    package var followsUnknownOutcome = false

    /// Creates a response.
    public init(status: Int, headerFields: RingHTTPFields = [:], body: RingHTTPBody = .empty) {
        self.status = status
        self.headerFields = headerFields
        self.body = body
    }

    /// The media type without parameters, in lower case: `application/json`.
    package var mediaType: String? {
        guard let field = self.headerFields[.contentType] else { return nil }
        let type = field.prefix { $0 != ";" && $0 != "," }
        return type.lowercased().filter { !$0.isWhitespace }
    }
}

extension RingHTTPResponse: CustomStringConvertible, CustomReflectable {
    /// The status alone: header fields can hold pre-signed URLs.
    public var description: String { "status \(self.status)" }

    /// A mirror that shows what ``description`` shows.
    public var customMirror: Mirror { Mirror(self, children: ["status": self.status]) }
}
