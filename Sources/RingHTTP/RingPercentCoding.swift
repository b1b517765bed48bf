/// Percent-encoding of RFC 3986, the one encoder and decoder of this package.
package enum RingPercentCoding {
    /// Encodes everything but unreserved characters (RFC 3986 section 2.3).
    package static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        Self.encode(text, into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    static func encode(_ text: String, into bytes: inout [UInt8]) {
        if text.utf8.allSatisfy(Self.isUnreserved) { return bytes.append(contentsOf: text.utf8) }
        for byte in text.utf8 {
            if Self.isUnreserved(byte) { bytes.append(byte) } else { Self.append(byte, to: &bytes) }
        }
    }

    private static func append(_ byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "%"))
        bytes.append(Self.hexDigit(byte >> 4))
        bytes.append(Self.hexDigit(byte & 15))
    }

    /// Encodes what RFC 3986 does not allow in a URL reference, and nothing else: an escape stays as it is.
    static func encodeForbidden(_ reference: String) -> String {
        let text = Array(reference.utf8)
        let authority = Self.authority(of: text)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var isFragment = false
        for (index, byte) in text.enumerated() {
            let isAllowed =
                switch byte {
                case UInt8(ascii: "%"):
                    index + 2 < text.count && Self.digit(text[index + 1]) != nil && Self.digit(text[index + 2]) != nil
                // For an IPv6 address alone.
                case UInt8(ascii: "["), UInt8(ascii: "]"): authority.contains(index)
                case UInt8(ascii: "#"): !isFragment
                default: Self.isUnreserved(byte) || "!$&'()*+,;=:@/?".utf8.contains(byte)
                }
            if byte == UInt8(ascii: "#") { isFragment = true }
            if isAllowed { bytes.append(byte) } else { Self.append(byte, to: &bytes) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The place of the authority in a URL reference; empty when it has none.
    private static func authority(of text: [UInt8]) -> Range<Int> {
        var start = 0
        if let end = text.firstIndex(where: { ":/?#".utf8.contains($0) }), text[end] == UInt8(ascii: ":") {
            start = end + 1
        }
        guard text[start...].starts(with: "//".utf8) else { return 0..<0 }
        start += 2
        return start..<(text[start...].firstIndex { "/?#".utf8.contains($0) } ?? text.count)
    }

    /// Decodes. What is no escape stays as it is; bytes that are no UTF-8 become U+FFFD.
    ///
    /// - Parameters:
    ///   - text: The encoded bytes.
    ///   - plusIsSpace: Whether the text belongs to a form or a query, where `+` means a space.
    package static func decode(_ text: some Sequence<UInt8>, plusIsSpace: Bool = false) -> String {
        String(decoding: Self.decodedBytes(text, plusIsSpace: plusIsSpace).bytes, as: UTF8.self)
    }

    /// Decodes; `nil` when an escape is broken or the result is no UTF-8.
    package static func decodeStrictly(_ text: some Sequence<UInt8>) -> String? {
        let (bytes, isWhole) = Self.decodedBytes(text)
        return isWhole ? String(validating: bytes, as: UTF8.self) : nil
    }

    /// The decoded bytes, and whether every `%` began an escape.
    package static func decodedBytes(
        _ text: some Sequence<UInt8>, plusIsSpace: Bool = false
    ) -> (bytes: [UInt8], isWhole: Bool) {
        var bytes: [UInt8] = []
        var isWhole = true
        var rest = Array(text)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
                continue
            }
            if rest.count >= 2, let high = Self.digit(rest[rest.startIndex]),
                let low = Self.digit(rest[rest.startIndex + 1])
            {
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
                isWhole = false
            }
        }
        return (bytes, isWhole)
    }

    /// The value of a hexadecimal digit in either case.
    package static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            return true
        default: return false
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "A") + value - 10
    }
}

extension String {
    /// The number of a field value that has decimal digits only, as HTTP's grammars want (RFC 9110 section 8.6); `nil` for a
    /// sign, a fraction, an exponent, another base, and for more than fits.
    package var decimalNumber: Int64? {
        !self.isEmpty && self.utf8.allSatisfy { $0 &- UInt8(ascii: "0") < 10 } ? Int64(self) : nil
    }

    /// Without spaces and tabs at the ends.
    package var trimmed: String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
