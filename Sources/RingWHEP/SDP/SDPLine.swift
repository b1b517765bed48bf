/// One line of a session description, kept exactly as it arrived.
///
/// Its descriptions name the line but never its value: descriptions hold addresses and ICE passwords.
///
/// Wire: RFC 8866 section 5, `<type>=<value>`.
public struct SDPLine: Hashable, Sendable {
    /// How a line ended on the wire.
    public enum Ending: String, Hashable, Sendable {
        /// CR LF, the line end RFC 8866 asks for and this library writes.
        case carriageReturnLineFeed
        /// LF alone, accepted when reading (RFC 8866 section 5).
        case lineFeed
        /// Nothing: the last line of a text that stops without a line end.
        case missing
    }

    /// The bytes of the line without its end. Not always UTF-8: `a=charset` may say otherwise.
    public let bytes: ArraySlice<UInt8>
    /// How the line ended on the wire.
    public let ending: Ending

    /// Creates a line from its bytes.
    ///
    /// - Parameters:
    ///   - bytes: The line without its end.
    ///   - ending: How it ended on the wire.
    public init(bytes: ArraySlice<UInt8>, ending: Ending = .carriageReturnLineFeed) {
        self.bytes = bytes
        self.ending = ending
    }

    /// Creates a line to be written with CR LF, for example `SDPLine("a=sendonly")`.
    public init(_ text: String) {
        self.init(bytes: ArraySlice(text.utf8))
    }

    /// The letter in front of the equals sign, or `nil` for an empty line.
    public var type: Character? {
        self.typeByte.map { Character(UnicodeScalar($0)) }
    }

    /// What follows the equals sign; bytes that are not UTF-8 are replaced.
    public var value: String {
        String(decoding: self.bytes.dropFirst(2), as: UTF8.self)
    }

    /// The name of an attribute line (`a=`), or `nil` for any other line.
    public var attributeName: String? {
        guard self.isAttribute else { return nil }
        let body = self.bytes.dropFirst(2)
        return String(decoding: body.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
    }

    /// What follows the colon of an attribute line, or `nil` when there is no colon.
    public var attributeValue: String? {
        guard self.isAttribute, let colon = self.bytes.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        return String(decoding: self.bytes[(colon + 1)...], as: UTF8.self)
    }
}

extension SDPLine: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Type and attribute name, never the value.
    public var description: String {
        if let name = self.attributeName { return "a=\(name)…" }
        return self.type.map { "\($0)=…" } ?? "empty line"
    }

    /// Same as ``description``.
    public var debugDescription: String { self.description }

    /// Shows no children, so that `dump` cannot print addresses or passwords.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension SDPLine {
    var typeByte: UInt8? { self.bytes.first }

    var isAttribute: Bool {
        self.bytes.count >= 2 && self.bytes[self.bytes.startIndex] == UInt8(ascii: "a")
    }

    /// Whether this is the attribute of that name, with or without a value.
    func isAttribute(_ name: String) -> Bool {
        self.endOfName(name) != nil
    }

    /// The value when this is the attribute of that name: empty for a property attribute such as `a=rtcp-mux`.
    func value(ofAttribute name: String) -> String? {
        guard let end = self.endOfName(name) else { return nil }
        return String(decoding: self.bytes[end...].dropFirst(), as: UTF8.self)
    }

    private func endOfName(_ name: String) -> Int? {
        guard self.isAttribute else { return nil }
        let start = self.bytes.startIndex + 2
        let end = start + name.utf8.count
        guard end <= self.bytes.endIndex, self.bytes[start..<end].elementsEqual(name.utf8) else { return nil }
        guard end == self.bytes.endIndex || self.bytes[end] == UInt8(ascii: ":") else { return nil }
        return end
    }
}

extension Sequence<SDPLine> {
    func values(ofAttribute name: String) -> [String] {
        self.compactMap { $0.value(ofAttribute: name) }
    }

    func firstValue(ofAttribute name: String) -> String? {
        for line in self {
            if let value = line.value(ofAttribute: name) { return value }
        }
        return nil
    }
}
