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
    internal static func mayBeginControl(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == 0x7F || byte == 0xC2 || byte == 0xD8 || byte == 0xE2
    }
}
