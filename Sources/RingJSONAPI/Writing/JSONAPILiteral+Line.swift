extension JSONAPILiteral {
    /// The JSON text on one line, in which nothing can act on a terminal: values that were received keep their spelling, but
    /// not the white space between them, and their control characters and bidirectional marks are escaped.
    package var line: String { String(decoding: self.lineBytes, as: UTF8.self) }

    /// The UTF-8 of ``line``.
    package var lineBytes: [UInt8] {
        var writer = JSONWriter()
        writer.write(self)
        return writer.isLine || Self.isLine(writer.bytes) ? writer.bytes : Array(Self.line(of: writer.bytes).utf8)
    }

    /// Whether a text is such a line as it stands, as most are.
    private static func isLine(_ bytes: [UInt8]) -> Bool {
        var isString = false
        var isEscaped = false
        for byte in bytes {
            if PrintableText.mayBeginControl(byte) { return false }
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
