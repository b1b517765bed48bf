public import RingCore
public import RingCrypto
public import RingWebhooks

/// Signs webhooks as Ring does, rightly or wrongly on purpose, for tests of what receives them.
public struct WebhookSigner: Sendable {
    /// The key of the fact sheet's worked vectors: a test key, known to everybody.
    public static let testKey = "Zm9yLXRlc3RzLW9ubHktcmluZy1obWFjLWtleS0wMDE="

    /// The prepared key.
    public let key: RingHMACKey

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

    /// The header fields of a rightly signed body.
    ///
    /// - Parameter body: The raw bytes.
    /// - Returns: Content type and signature.
    public func headers(for body: [UInt8]) -> RingHTTPFields {
        ["Content-Type": "application/json", "X-Signature": self.signature(of: body)]
    }

    /// The header fields of a body somebody else signed: the right form, the wrong key.
    ///
    /// - Parameter body: The raw bytes.
    /// - Returns: Content type and a signature that must not be accepted.
    public func forgedHeaders(for body: [UInt8]) -> RingHTTPFields {
        // One bit off the right signature: the closest that anybody can come.
        var digest = RingWebhookSignature(signing: body, key: self.key).digest.bytes
        digest[31] ^= 1
        return ["Content-Type": "application/json", "X-Signature": "sha256=\(RingHex.encode(digest))"]
    }

    /// Hands a rightly signed draft to an inbox, without HTTP between them.
    ///
    /// - Parameters:
    ///   - draft: What to send.
    ///   - inbox: What receives it.
    /// - Returns: The inbox's response.
    public func send(_ draft: RingWebhookDraft, to inbox: RingWebhookInbox) async -> RingWebhookResponse {
        let body = draft.body
        return await inbox.handle(headers: self.headers(for: body), body: body)
    }
}
