/// Text from outside as a terminal or a log may show it: control characters in a name could move the cursor, change colours,
/// add lines, or turn the order of what follows.
package enum PrintableText {
    /// The text on one line: line and paragraph separators, tabs and all other control characters become spaces,
    /// bidirectional marks are left out.
    package static func line(_ text: String) -> String {
        guard text.utf8.contains(where: Self.mayBeginControl) else { return text }
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if !Self.isControl(scalar) {
                line.append(scalar)
            } else if !Self.isBidirectionalMark(scalar) {
                line.append(" ")
            }
        }
        return String(line)
    }

    /// Whether a scalar must not reach a terminal: C0, DEL, C1, line and paragraph separators, bidirectional marks.
    package static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x2029: true
        default: Self.isBidirectionalMark(scalar)
        }
    }

    private static func isBidirectionalMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x061C, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// The first bytes of all of them in UTF-8.
    private static func mayBeginControl(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == 0xC2 || byte == 0xD8 || byte == 0xE2
    }
}

extension JSONAPILiteral {
    /// The JSON text on one line, in which nothing can act on a terminal: values that were received keep their spelling, but
    /// not the white space between them, and their control characters and bidirectional marks are escaped.
    package var line: String { String(decoding: self.lineBytes, as: UTF8.self) }

    /// The UTF-8 of ``line``.
    package var lineBytes: [UInt8] {
        let bytes = self.bytes
        return Self.isLine(bytes) ? bytes : Array(Self.line(of: bytes).utf8)
    }

    /// Whether a text is such a line as it stands, as most are.
    private static func isLine(_ bytes: [UInt8]) -> Bool {
        var isString = false
        var isEscaped = false
        for byte in bytes {
            if byte < 0x20 || byte == 0x7F || byte == 0xC2 || byte == 0xD8 || byte == 0xE2 { return false }
            guard isString else {
                if byte == 0x20 { return false }
                isString = byte == UInt8(ascii: "\"")
                continue
            }
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\") {
                isEscaped = true
            } else if byte == UInt8(ascii: "\"") {
                isString = false
            }
        }
        return true
    }

    private static func line(of bytes: [UInt8]) -> String {
        var line = String.UnicodeScalarView()
        var isString = false
        var isEscaped = false
        for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
            guard isString else {
                isString = scalar == "\""
                if scalar.value > 0x20 { line.append(scalar) }
                continue
            }
            if isEscaped {
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "\"" {
                isString = false
            }
            if PrintableText.isControl(scalar) {
                let digits = String(scalar.value, radix: 16)
                line.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".unicodeScalars)
            } else {
                line.append(scalar)
            }
        }
        return String(line)
    }
}
