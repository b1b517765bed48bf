/// Turns the escapes of a string that the reader accepted into the bytes they stand for.
internal enum JSONUnescaper {
    /// The value of a hexadecimal digit.
    @inline(__always) internal static func hexadecimal(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte) - 48
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte) - 87
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte) - 55
        default: nil
        }
    }

    /// The text of a string's entry in UTF-8. In a string that cannot be decoded, U+FFFD stands for what is wrong.
    internal static func bytes(of entry: JSONEntry, _ source: some RandomAccessCollection<UInt8>) -> [UInt8] {
        switch entry.tag {
        case .string: Array(source)
        case .undecodableString: Array(String(decoding: self.bytes(source), as: UTF8.self).utf8)
        default: self.bytes(source)
        }
    }

    internal static func bytes(_ source: some RandomAccessCollection<UInt8>) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(source.count)
        var rest = source[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let kind = rest.popFirst() else {
                result.append(byte)
                continue
            }
            switch kind {
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0c)
            case UInt8(ascii: "n"): result.append(0x0a)
            case UInt8(ascii: "r"): result.append(0x0d)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "u"): self.append(self.scalar(&rest), to: &result)
            default: result.append(kind)
            }
        }
        return result
    }

    private static func scalar<Rest: RandomAccessCollection<UInt8>>(_ rest: inout Rest) -> UInt32
    where Rest.SubSequence == Rest {
        let unit = self.unit(&rest)
        var other = rest
        guard unit & 0xfc00 == 0xd800, other.popFirst() == UInt8(ascii: "\\"), other.popFirst() == UInt8(ascii: "u")
        else { return unit }
        let second = self.unit(&other)
        guard second & 0xfc00 == 0xdc00 else { return unit }
        rest = other
        return 0x10000 + (unit & 0x3ff) << 10 + second & 0x3ff
    }

    private static func unit<Rest: RandomAccessCollection<UInt8>>(_ rest: inout Rest) -> UInt32
    where Rest.SubSequence == Rest {
        var value: UInt32 = 0
        for _ in 0..<4 { value = value << 4 | (rest.popFirst().flatMap { self.hexadecimal($0) } ?? 0) }
        return value
    }

    private static func append(_ scalar: UInt32, to result: inout [UInt8]) {
        // Half of a surrogate pair is not a character.
        let character = Unicode.Scalar(scalar) ?? "\u{fffd}"
        result.append(contentsOf: UTF8.encode(character) ?? UTF8.encodedReplacementCharacter)
    }
}
