/// Hexadecimal text for bytes.
package enum RingHex: Sendable {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Two lowercase digits a byte.
    ///
    /// - Parameter bytes: Any number of bytes.
    /// - Returns: Twice as many characters.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        let digits = Self.digits
        var text = [UInt8]()
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads digits of either case.
    ///
    /// - Parameter text: An even number of hexadecimal digits and nothing else.
    /// - Returns: The bytes; `nil` when the text holds anything else.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        let units = Array(text.utf8)
        guard units.count.isMultiple(of: 2) else { return nil }
        var bytes = [UInt8]()
        bytes.reserveCapacity(units.count / 2)
        for index in stride(from: 0, to: units.count, by: 2) {
            guard let high = Self.value(of: units[index]), let low = Self.value(of: units[index + 1]) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    /// What one digit stands for; `nil` for any other character.
    static func value(of digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
