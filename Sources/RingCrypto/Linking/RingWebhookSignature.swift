/// The value of a webhook's `X-Signature` header: `sha256=` and 64 lowercase hexadecimal digits.
///
/// The HMAC-SHA-256 of the raw body, with the same key as link nonces but in another notation.
public struct RingWebhookSignature: Hashable, Sendable {
    /// The 32 bytes the digits stand for.
    package let digest: RingSHA256Digest

    /// The header's value as Ring writes it: `sha256=` and lowercase digits.
    public var headerValue: String { "sha256=" + self.digest.hex }

    /// Signs a body.
    ///
    /// - Parameters:
    ///   - body: The raw bytes that are sent.
    ///   - key: The prepared HMAC key.
    public init(signing body: [UInt8], key: RingHMACKey) {
        self.digest = key.authenticationCode(for: body)
    }

    /// Reads a header's value: with `sha256=` or as bare digits, in either case, with spaces or tabs around it.
    ///
    /// - Parameter headerValue: The header as received.
    /// - Throws: `RingCryptoError` with code `malformedSignature` for any other prefix, length or character.
    public init(headerValue: String) throws(RingCryptoError) {
        guard let digest = Self.digest(of: headerValue) else {
            throw RingCryptoError(
                code: .malformedSignature,
                message: "the signature is not 64 hexadecimal digits, with or without 'sha256=' before them")
        }
        self.digest = digest
    }

    /// Whether the body was signed with the key, in constant time.
    ///
    /// - Parameters:
    ///   - body: The raw bytes as received.
    ///   - key: The prepared HMAC key.
    /// - Returns: True when the signature fits.
    public func verifies(_ body: [UInt8], key: RingHMACKey) -> Bool {
        key.authenticationCode(for: body) == self.digest
    }

    private static func digest(of headerValue: String) -> RingSHA256Digest? {
        // A fraud may send a megabyte; nothing beyond the longest tolerated form is worth looking at.
        guard headerValue.utf8.count <= 256 else { return nil }
        var text = headerValue
        return text.withUTF8 { unsafe Self.digest(of: $0) }
    }

    private static func digest(of text: UnsafeBufferPointer<UInt8>) -> RingSHA256Digest? {
        var start = 0
        var end = text.count
        while start < end, unsafe Self.isBlank(text[start]) { start += 1 }
        while start < end, unsafe Self.isBlank(text[end - 1]) { end -= 1 }
        let prefix: StaticString = "sha256="
        if end - start == 64 + prefix.utf8CodeUnitCount {
            for index in 0..<prefix.utf8CodeUnitCount {
                let unit = unsafe text[start + index]
                let lower = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(unit) ? unit | 0x20 : unit
                guard unsafe lower == prefix.utf8Start[index] else { return nil }
            }
            start += prefix.utf8CodeUnitCount
        }
        guard end - start == 64 else { return nil }
        var isHexadecimal = true
        let digest = unsafe RingSHA256Digest { bytes in
            for index in 0..<32 {
                let high = unsafe RingHex.value(of: text[start + 2 * index])
                let low = unsafe RingHex.value(of: text[start + 2 * index + 1])
                if high == nil || low == nil { isHexadecimal = false }
                unsafe bytes[index] = (high ?? 0) << 4 | (low ?? 0)
            }
        }
        return isHexadecimal ? digest : nil
    }

    private static func isBlank(_ unit: UInt8) -> Bool { unit == UInt8(ascii: " ") || unit == UInt8(ascii: "\t") }
}
