/// The nonce that ties a browser at the Account Link URL to the Ring account it came from.
///
/// `base64url( HMAC-SHA256( key, "<time>:<account id>" ) )` without padding, always 43 characters. The time goes into it
/// as the very string that was received. Webhook signatures use the same key but hexadecimal digits; never mix the two.
public enum RingLinkNonce: Sendable {
    /// Computes the nonce for one account.
    ///
    /// - Parameters:
    ///   - time: The `time` parameter of the redirect, unchanged: epoch milliseconds as a decimal string.
    ///   - accountID: The Ring account id, from `users/me`.
    ///   - key: The prepared HMAC key.
    /// - Returns: 43 characters of the URL-safe alphabet.
    public static func compute(time: String, accountID: String, key: RingHMACKey) -> String {
        key.authenticationCode(for: "\(time):\(accountID)").base64URL
    }

    /// Whether a nonce has the one possible form: 43 URL-safe characters that stand for 32 bytes.
    ///
    /// - Parameter nonce: The `nonce` parameter of the redirect.
    /// - Returns: False when hashing would be wasted on it.
    package static func isWellFormed(_ nonce: String) -> Bool { Self.digest(of: nonce) != nil }

    /// The 32 bytes a nonce stands for.
    static func digest(of nonce: String) -> RingSHA256Digest? {
        guard nonce.utf8.count == 43, let bytes = RingBase64URL.decode(nonce) else { return nil }
        return RingSHA256Digest(bytes: bytes)
    }
}
