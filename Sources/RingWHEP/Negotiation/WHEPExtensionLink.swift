internal import RingCore

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

    /// `nil` when the link is no extension.
    init?(_ link: RingHTTPLink) {
        guard let relation = link.relations.first(where: { $0.hasPrefix("urn:ietf:params:whep:ext:") }) else {
            return nil
        }
        let others = link.parameters.filter { $0.name != "rel" }.map { ($0.name, $0.value) }
        self.init(
            relation: relation, target: link.target,
            parameters: Dictionary(others, uniquingKeysWith: { first, _ in first }))
    }
}
