/// The standard Base64 of RFC 4648, section 4: how sealing keys are written.
package enum RingBase64: Sendable {
    /// Encodes bytes with padding.
    ///
    /// - Parameter bytes: Any number of bytes.
    /// - Returns: Letters, digits, `+`, `/` and `=` at the end.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        Base64Alphabet.standard.encode(bytes, padded: true)
    }

    /// Decodes text with the right padding.
    ///
    /// - Parameter text: Letters, digits, `+`, `/` and `=` at the end.
    /// - Returns: The bytes; `nil` for any other character, wrong padding, or stray bits at the end.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var units = Array(text.utf8)
        guard units.count.isMultiple(of: 4) else { return nil }
        for _ in 0..<2 where units.last == UInt8(ascii: "=") { units.removeLast() }
        return Base64Alphabet.standard.decode(units)
    }
}

/// The URL-safe Base64 of RFC 4648, section 5, without padding: how nonces and PKCE values are written.
package enum RingBase64URL: Sendable {
    /// Encodes bytes without padding.
    ///
    /// - Parameter bytes: Any number of bytes.
    /// - Returns: Letters, digits, `-` and `_` only.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        Base64Alphabet.urlSafe.encode(bytes, padded: false)
    }

    /// Decodes text that has no padding.
    ///
    /// - Parameter text: Letters, digits, `-` and `_` only.
    /// - Returns: The bytes; `nil` for any other character, padding, an impossible length, or stray bits at the end.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        Base64Alphabet.urlSafe.decode(Array(text.utf8))
    }
}

/// One of the two alphabets of RFC 4648.
struct Base64Alphabet: Sendable {
    static let standard = Self(last: "+/")
    static let urlSafe = Self(last: "-_")

    private let characters: [UInt8]
    /// The value of each character, 255 for the others.
    private let values: [UInt8]

    private init(last: String) {
        let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        self.characters = Array(letters.utf8) + Array(last.utf8)
        var values = [UInt8](repeating: 255, count: 256)
        for (value, character) in self.characters.enumerated() { values[Int(character)] = UInt8(value) }
        self.values = values
    }

    func encode(_ bytes: some Collection<UInt8>, padded: Bool) -> String {
        var text = [UInt8]()
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for byte in bytes {
            bits = (bits << 8 | UInt32(byte)) & 0xffff
            count += 8
            while count >= 6 {
                count -= 6
                text.append(self.characters[Int(bits >> count & 63)])
            }
        }
        if count > 0 { text.append(self.characters[Int(bits << (6 - count) & 63)]) }
        while padded && !text.count.isMultiple(of: 4) { text.append(UInt8(ascii: "=")) }
        return String(decoding: text, as: UTF8.self)
    }

    func decode(_ units: [UInt8]) -> [UInt8]? {
        var bytes = [UInt8]()
        bytes.reserveCapacity(units.count / 4 * 3 + 2)
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for unit in units {
            let value = self.values[Int(unit)]
            guard value < 64 else { return nil }
            bits = (bits << 6 | UInt32(value)) & 0xffff
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(bits >> count & 255))
            }
        }
        // A single character left over holds no byte, and bits beyond the last byte must be zero.
        guard count < 6, bits & (1 << count - 1) == 0 else { return nil }
        return bytes
    }
}
