/// What a token may do. Ring publishes no list of scopes, so the text is kept as it came.
public struct OAuthScope: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The text as Ring sent it; empty when it sent none.
    public let rawValue: String

    /// Wraps the wire's text.
    public init(_ rawValue: String) { self.rawValue = rawValue }
    /// Wraps a literal.
    public init(stringLiteral value: String) { self.rawValue = value }

    /// The text as Ring sent it.
    public var description: String { self.rawValue }
    /// The single names, split at spaces and commas.
    public var names: [String] {
        self.rawValue.split { $0 == "," || $0.isWhitespace }.map(String.init)
    }
}
