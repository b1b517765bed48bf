/// What Ring posted to the Token Exchange URL, as any web framework has it.
public struct RingTokenExchangeRequest: Sendable {
    /// The method, upper-case.
    public var method: String
    /// The `Content-Type` field, when there is one.
    public var contentType: String?
    /// What follows the question mark, when there is one.
    public var query: String?
    /// The raw body.
    public var body: [UInt8]

    /// Creates a request.
    public init(method: String = "POST", contentType: String?, query: String? = nil, body: [UInt8]) {
        self.method = method
        self.contentType = contentType
        self.query = query
        self.body = body
    }
}

extension RingTokenExchangeRequest: CustomStringConvertible, CustomReflectable {
    /// The method and the size; the code is in the rest.
    public var description: String { "\(self.method) with \(self.body.count) bytes" }
    /// A mirror without query and body.
    public var customMirror: Mirror { Mirror(self, children: ["method": self.method]) }
}

/// What to answer Ring.
public struct RingTokenExchangeAnswer: Hashable, Sendable {
    /// The HTTP status.
    public var status: Int
    /// A small JSON body without anything secret.
    public var body: String
    /// The body's type.
    public var contentType: String { "application/json" }

    init(_ status: Int, _ word: String) {
        self.status = status
        self.body = #"{"status":"\#(word)"}"#
    }
}
