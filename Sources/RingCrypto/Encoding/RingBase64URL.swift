/// The URL-safe Base64 of RFC 4648, section 5, without padding: how nonces and PKCE values are written.
public enum RingBase64URL: Sendable {
    /// Encodes bytes without padding.
    ///
    /// - Parameter bytes: Any number of bytes.
    /// - Returns: Letters, digits, `-` and `_` only.
    public static func encode(_ bytes: some Collection<UInt8>) -> String {
        Base64Alphabet.urlSafe.encode(bytes, padded: false)
    }

    /// Decodes text that has no padding.
    ///
    /// - Parameter text: Letters, digits, `-` and `_` only.
    /// - Returns: The bytes; `nil` for any other character, padding, an impossible length, or stray bits at the end.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        Base64Alphabet.urlSafe.decode(Array(text.utf8))
    }
}
