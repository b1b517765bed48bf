/// The parameters of one format.
///
/// Wire: `a=fmtp:<format> key=value;key=value`, RFC 8866 section 6.15. Keys are compared without case.
public struct SDPFormatParameters: Hashable, Sendable {
    /// The text after the format, as written.
    public var rawValue: String

    /// Wraps any text.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// The value of a key; an empty string when the key stands alone, `nil` when it is not there.
    public subscript(key: String) -> String? {
        for pair in self.rawValue.split(separator: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = parts.first, Self.trim(name).lowercased() == key.lowercased() else { continue }
            return parts.count == 2 ? Self.trim(parts[1]) : ""
        }
        return nil
    }

    private static func trim(_ text: Substring) -> String {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
