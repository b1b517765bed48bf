/// One line of a session description, kept exactly as it was received.
///
/// `description` names the line but never its value, which may be an address or an ICE password.
///
/// Wire: RFC 8866 section 5, `<type>=<value>`.
package struct SDPLine: Hashable, Sendable {
    /// How a line ended on the wire.
    package enum Ending: String, Hashable, Sendable {
        /// CR LF, which RFC 8866 requires and this library writes.
        case carriageReturnLineFeed
        /// LF alone, accepted when reading (RFC 8866 section 5).
        case lineFeed
        /// No line end: the last line of a text that does not end with one.
        case missing
    }

    /// The bytes of the line without its end. Not always UTF-8, because of `a=charset`.
    let bytes: ArraySlice<UInt8>
    /// How the line ended on the wire.
    package let ending: Ending

    init(bytes: ArraySlice<UInt8>, ending: Ending = .carriageReturnLineFeed) {
        self.bytes = bytes
        self.ending = ending
    }

    /// Creates a line to be written with CR LF, for example `SDPLine("a=sendonly")`.
    init(_ text: String) {
        self.init(bytes: ArraySlice(text.utf8))
    }

    /// The text after the equals sign; bytes that are not UTF-8 are replaced.
    var value: String {
        String(decoding: self.bytes.dropFirst(2), as: UTF8.self)
    }

    /// The name of an attribute line (`a=`), or `nil` for any other line.
    private var attributeName: String? {
        guard self.isAttribute else { return nil }
        let body = self.bytes.dropFirst(2)
        return String(decoding: body.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
    }
}

extension SDPLine: CustomStringConvertible, CustomReflectable {
    /// The type and the attribute name, never the value.
    package var description: String {
        if let name = self.attributeName { return "a=\(name)…" }
        return self.typeByte.map { "\(Character(UnicodeScalar($0)))=…" } ?? "empty line"
    }

    /// Has no children, so that `dump` cannot print addresses or passwords.
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension SDPLine {
    /// The letter before the equals sign; `nil` for an empty line.
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

/// Splits bytes into lines, for descriptions and fragments.
enum SDPLineReader {
    static func lines(of bytes: ArraySlice<UInt8>) -> [SDPLine] {
        var lines: [SDPLine] = []
        lines.reserveCapacity(bytes.count / 28 + 1)
        var start = bytes.startIndex
        var index = start
        let end = bytes.endIndex
        while index < end {
            if bytes[index] == 10 {
                let hasReturn = index > start && bytes[index - 1] == 13
                lines.append(
                    SDPLine(
                        bytes: bytes[start..<(hasReturn ? index - 1 : index)],
                        ending: hasReturn ? .carriageReturnLineFeed : .lineFeed))
                start = index + 1
            }
            index += 1
        }
        if start < end { lines.append(SDPLine(bytes: bytes[start..<end], ending: .missing)) }
        return lines
    }

    static func check(_ lines: [SDPLine]) throws(SDPError) {
        for (index, line) in lines.enumerated() where !line.bytes.isEmpty {
            let first = line.bytes.startIndex
            let isLetter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(line.bytes[first] | 0x20)
            guard isLetter, line.bytes.count >= 2, line.bytes[first + 1] == UInt8(ascii: "=") else {
                throw SDPError(
                    code: .malformedLine, line: index + 1, message: "not of the form <letter>=<value>; remove the line")
            }
        }
    }
}
