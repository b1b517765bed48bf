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
            if Self.isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(Self.hexDigit(byte >> 4))
                bytes.append(Self.hexDigit(byte & 15))
            }
        }
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
    /// Without spaces and tabs at the ends.
    package var trimmed: String {
        var text = Substring(self)
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
