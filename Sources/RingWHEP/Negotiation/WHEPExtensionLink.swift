/// A protocol extension that the server offers for a session.
///
/// Wire: `Link` with `rel="urn:ietf:params:whep:ext:…"`, WHEP section 4.9. Unknown ones are to be ignored.
public struct WHEPExtensionLink: Hashable, Sendable {
    /// The name of the extension.
    public var relation: String
    /// The target as written; may be relative to the session.
    public var target: String
    /// The other parameters.
    public var parameters: [String: String]

    /// Creates a link.
    public init(relation: String, target: String, parameters: [String: String] = [:]) {
        self.relation = relation
        self.target = target
        self.parameters = parameters
    }
}
