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

    /// The bytes of the line without its end and without what may follow a value. Not always UTF-8, because of `a=charset`.
    let bytes: ArraySlice<UInt8>
    /// The bytes of the line without its end, when there are more of them.
    private let untrimmed: ArraySlice<UInt8>?
    /// How the line ended on the wire.
    package let ending: Ending
    /// Whether every blank is a single space between two words, and no CR or NUL is in the line.
    let isPlain: Bool

    init(bytes: ArraySlice<UInt8>, ending: Ending = .carriageReturnLineFeed, isPlain: Bool = true) {
        self.bytes = Self.withoutTail(bytes)
        self.untrimmed = self.bytes.count == bytes.count ? nil : bytes
        self.ending = ending
        self.isPlain = isPlain
    }

    /// The bytes of the line as they were received, without the line end.
    var received: ArraySlice<UInt8> { self.untrimmed ?? self.bytes }

    /// Creates a line to be written with CR LF, for example `SDPLine("a=sendonly")`.
    init(_ text: String) {
        self.init(bytes: ArraySlice(text.utf8))
    }

    /// The text after the equals sign, as it is written; bytes that are not UTF-8 are replaced.
    var value: String {
        String(decoding: self.clean.dropFirst(2), as: UTF8.self)
    }

    /// The name of an attribute line (`a=`), or `nil` for any other line.
    var attributeName: String? {
        guard self.isAttribute else { return nil }
        let body = self.bytes.dropFirst(2)
        return String(decoding: body.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
    }
}

extension SDPLine: CustomStringConvertible, CustomReflectable {
    /// The type and the attribute name, never the value.
    package var description: String {
        if let name = self.attributeName {
            return name.utf8.allSatisfy { (33...126).contains($0) } ? "a=\(name)…" : "a=…"
        }
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

    /// Whether this is a `c=` line with a value.
    var isConnection: Bool { self.typeByte == UInt8(ascii: "c") && self.bytes.count > 2 }

    /// Whether this is the attribute of that name, with or without a value.
    func isAttribute(_ name: String) -> Bool {
        self.endOfName(name) != nil
    }

    /// The value when this is the attribute of that name: empty for a property attribute such as `a=rtcp-mux`. Its words
    /// are separated by single spaces.
    func value(ofAttribute name: String) -> String? {
        guard let end = self.endOfName(name) else { return nil }
        let value = self.bytes[end...].dropFirst()
        return String(decoding: self.isPlain ? value : Self.singleSpaced(value), as: UTF8.self)
    }

    func endOfName(_ name: String) -> Int? {
        guard self.isAttribute else { return nil }
        let start = self.bytes.startIndex + 2
        let end = start + name.utf8.count
        guard end <= self.bytes.endIndex, self.bytes[start..<end].elementsEqual(name.utf8) else { return nil }
        guard end == self.bytes.endIndex || self.bytes[end] == UInt8(ascii: ":") else { return nil }
        return end
    }
}

// MARK: Blanks

extension SDPLine {
    /// Attributes whose value is a list of words. In other attributes blanks may be part of a text.
    private static let wordLists: Set<String> = [
        "candidate", "extmap", "fingerprint", "fmtp", "group", "ice-options", "ice-pwd", "ice-ufrag", "mid", "msid",
        "rid", "rtcp", "rtcp-fb", "rtpmap", "setup", "simulcast", "ssrc", "ssrc-group",
    ]

    /// The line as it is written: single spaces between words, and any format for a rejected section without one, because
    /// the grammar requires one (RFC 3264 section 6).
    var clean: ArraySlice<UInt8> { self.isPlain && self.typeByte != UInt8(ascii: "m") ? self.bytes : self.cleaned }

    private var cleaned: ArraySlice<UInt8> {
        guard self.bytes.count > 2, let type = self.typeByte else { return self.bytes }
        var start = self.bytes.startIndex + 2
        if type == UInt8(ascii: "a") {
            guard let colon = self.bytes.firstIndex(of: UInt8(ascii: ":")) else { return self.bytes }
            start = colon + 1
        } else if !"mcotb".utf8.contains(type) {
            return self.bytes
        }
        var words = Self.singleSpaced(self.bytes[start...])
        if type == UInt8(ascii: "m"), words.count(where: Self.isBlank) == 2 { words += " 0".utf8 }
        guard words != self.bytes[start...] else { return self.bytes }
        if let name = self.attributeName, !Self.wordLists.contains(name) { return self.bytes }
        return self.bytes[..<start] + words
    }

    /// Whether the line is written as it was received.
    package var isClean: Bool { self.untrimmed == nil && self.clean == self.bytes }

    static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }

    /// Leaves out blanks after a value, the CR of a doubled line end, and the NUL that ends a string in C. In free text, such
    /// as `s= `, blanks are part of the value.
    private static func withoutTail(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let first = line.first, let last = line.last, last <= 32 else { return line }
        let isFreeText = !"vocbtrzkma \t\r\0".utf8.contains(first)
        let end = line.lastIndex { $0 != 0 && $0 != 13 && (isFreeText || !Self.isBlank($0)) }
        return line[..<(end.map { $0 + 1 } ?? line.startIndex)]
    }

    /// A value with single spaces between its words.
    private static func singleSpaced(_ value: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var previous: UInt8 = 32
        for byte in value {
            if byte == 9 || byte == 32 && previous == 32 {
                return ArraySlice(value.split(whereSeparator: Self.isBlank).joined(separator: [32]))
            }
            previous = byte
        }
        return value
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
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    static func lines(of bytes: [UInt8]) -> [SDPLine] {
        var lines: [SDPLine] = []
        lines.reserveCapacity(bytes.count / 28 + 1)
        var start = bytes.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0
        var index = start
        let end = bytes.endIndex
        var isPlain = true
        while index < end {
            switch bytes[index] {
            case 10:
                let hasReturn = index > start && bytes[index - 1] == 13
                lines.append(
                    SDPLine(
                        bytes: bytes[start..<(hasReturn ? index - 1 : index)],
                        ending: hasReturn ? .carriageReturnLineFeed : .lineFeed, isPlain: isPlain))
                start = index + 1
                isPlain = true
            case 13 where index + 1 < end && bytes[index + 1] == 10: break
            case 0, 9, 13: isPlain = false
            case 32 where index == start || [32, UInt8(ascii: ":"), UInt8(ascii: "=")].contains(bytes[index - 1]):
                isPlain = false
            default: break
            }
            index += 1
        }
        if start < end { lines.append(SDPLine(bytes: bytes[start..<end], ending: .missing, isPlain: isPlain)) }
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
            // An engine in C would read less than was checked, and one that ends lines at CR would read more.
            guard line.isPlain || !line.bytes.contains(where: { $0 == 0 || $0 == 13 }) else {
                throw SDPError(
                    code: .malformedLine, line: index + 1,
                    message: "a NUL or CR inside a line; write CR LF at the end of lines and nowhere else")
            }
        }
    }
}
