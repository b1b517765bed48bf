/// An RTP header extension and the number it gets in this session.
///
/// Wire: `a=extmap:<id>[/<direction>] <URI> [attributes]`, RFC 8285 section 5.
public struct SDPExtensionMapping: Hashable, Sendable {
    /// The number, as written.
    public var identifier: String
    /// The direction suffix, rarely present; Ring has been seen to write one that engines stumble over.
    public var direction: String?
    /// The name of the extension.
    public var uri: String
    /// What follows the URI, as written.
    public var attributes: String?

    /// Creates a mapping.
    public init(identifier: String, direction: String? = nil, uri: String, attributes: String? = nil) {
        self.identifier = identifier
        self.direction = direction
        self.uri = uri
        self.attributes = attributes
    }

    /// Reads what follows `a=extmap:`; `nil` when number or URI is missing.
    public init?(attributeValue: String) {
        let words = attributeValue.split(separator: " ", maxSplits: 2)
        guard words.count >= 2 else { return nil }
        let number = words[0].split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(
            identifier: String(number[0]), direction: number.count == 2 ? String(number[1]) : nil,
            uri: String(words[1]), attributes: words.count == 3 ? String(words[2]) : nil)
    }

    /// The attribute value without the direction suffix.
    var withoutDirection: String {
        "\(self.identifier) \(self.uri)" + (self.attributes.map { " " + $0 } ?? "")
    }
}
