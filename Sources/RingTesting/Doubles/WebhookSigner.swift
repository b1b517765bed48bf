public import RingCore
public import RingCrypto
public import RingWebhooks

/// Signs webhooks as Ring does, correctly or incorrectly on purpose, for tests of their receiver.
public struct WebhookSigner: Sendable {
    /// The key of the fact sheet's worked vectors: a test key, known to everybody.
    public static let testKey = "Zm9yLXRlc3RzLW9ubHktcmluZy1obWFjLWtleS0wMDE="

    /// The prepared key.
    package let key: RingHMACKey

    /// Prepares a signer.
    ///
    /// - Parameter key: The HMAC key's text.
    /// - Throws: `RingCryptoError` with code `emptyKey` when it is empty.
    public init(key: String = Self.testKey) throws(RingCryptoError) { self.key = try RingHMACKey(key) }

    /// The `X-Signature` of a body.
    ///
    /// - Parameter body: The raw bytes.
    /// - Returns: `sha256=` and 64 lowercase hexadecimal digits.
    public func signature(of body: [UInt8]) -> String {
        RingWebhookSignature(signing: body, key: self.key).headerValue
    }

    /// The header fields of a correctly signed body.
    ///
    /// - Parameter body: The raw bytes.
    /// - Returns: Content type and signature.
    public func headers(for body: [UInt8]) -> RingHTTPFields {
        ["Content-Type": "application/json", "X-Signature": self.signature(of: body)]
    }

    /// The header fields of a forged body: the correct form, the wrong digest.
    ///
    /// - Parameter body: The raw bytes.
    /// - Returns: Content type and a signature that must not be accepted.
    package func forgedHeaders(for body: [UInt8]) -> RingHTTPFields {
        // One bit differs from the correct signature: the closest that a forgery can be.
        var digest = RingWebhookSignature(signing: body, key: self.key).digest.bytes
        digest[31] ^= 1
        return ["Content-Type": "application/json", "X-Signature": "sha256=\(RingHex.encode(digest))"]
    }

    /// Delivers a correctly signed draft to an inbox, without HTTP between them.
    ///
    /// - Parameters:
    ///   - draft: The webhook to send.
    ///   - inbox: Its receiver.
    /// - Returns: The inbox's response.
    public func send(_ draft: RingWebhookDraft, to inbox: RingWebhookInbox) async -> RingWebhookResponse {
        let body = draft.body
        return await inbox.handle(headers: self.headers(for: body), body: body)
    }
}
