/// Sections that belong together.
///
/// Wire: `a=group`, RFC 5888; `BUNDLE` is RFC 9143: one transport for all sections named.
public struct SDPGroup: Hashable, Sendable {
    /// `BUNDLE`, `LS` or another word.
    public var semantics: String
    /// The `a=mid` of each member; in an answer the first one of a bundle carries the transport.
    public var members: [String]

    /// Creates a group.
    public init(semantics: String, members: [String]) {
        self.semantics = semantics
        self.members = members
    }

    /// Reads what follows `a=group:`.
    public init?(attributeValue: String) {
        let words = attributeValue.split(separator: " ").map(String.init)
        guard let semantics = words.first else { return nil }
        self.init(semantics: semantics, members: Array(words.dropFirst()))
    }
}
