/// The value of a webhook's `X-Signature` header: `sha256=` and 64 lowercase hexadecimal digits.
///
/// The HMAC-SHA-256 of the raw body, with the same key as link nonces but in another notation.
public struct RingWebhookSignature: Hashable, Sendable {
    /// The 32 bytes the digits stand for.
    public let digest: RingSHA256Digest

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
        let isBlank = { (unit: UInt8) in unit == UInt8(ascii: " ") || unit == UInt8(ascii: "\t") }
        var units = headerValue.utf8.drop(while: isBlank)
        while let last = units.last, isBlank(last) { units.removeLast() }
        if units.count == 64 + 7 {
            guard Substring(units.prefix(7)).lowercased() == "sha256=" else { return nil }
            units = units.dropFirst(7)
        }
        guard units.count == 64, let bytes = RingHex.decode(Substring(units)) else { return nil }
        return RingSHA256Digest(bytes: bytes)
    }
}
