public import RingCore
public import RingCrypto

/// Tells Ring's webhooks from forgeries: the HMAC-SHA-256 of the raw body against the `X-Signature` header.
///
/// Holds one key or several, so that a key can be rotated without losing what was signed before. There is no verifier
/// without a key, and no way to skip the check.
public struct RingWebhookVerifier: Sendable, Hashable {
    /// The keys, the present one first.
    package let keys: [RingHMACKey]

    /// Makes a verifier from prepared keys.
    ///
    /// - Parameter keys: The keys, the present one first.
    /// - Throws: `RingWebhookError` with code `missing_key` when there are none.
    public init(keys: [RingHMACKey]) throws(RingWebhookError) {
        guard !keys.isEmpty else { throw Self.noKey }
        self.keys = keys
    }

    /// Makes a verifier from the key's text.
    ///
    /// - Parameters:
    ///   - key: The key exactly as the developer portal shows it; never Base64-decoded.
    ///   - previous: Keys before it that may still have signed what arrives.
    /// - Throws: `RingWebhookError` with code `missing_key` when a key is missing or empty.
    public init(key: String?, previous: [String] = []) throws(RingWebhookError) {
        guard let key else { throw Self.noKey }
        var keys = [RingHMACKey]()
        for text in [key] + previous {
            do throws(RingCryptoError) { keys.append(try RingHMACKey(text)) } catch { throw Self.noKey }
        }
        self.keys = keys
    }

    /// Verifies a body, in constant time, before anything in it is looked at.
    ///
    /// - Parameters:
    ///   - body: The raw bytes as received: bytes that were parsed and encoded again have another signature.
    ///   - signature: The `X-Signature` header: `sha256=` and 64 hexadecimal digits or the digits alone, in either case,
    ///     with spaces around them.
    /// - Returns: Which key matched.
    /// - Throws: `RingWebhookError` with code `missing_signature`, `malformed_signature` or `wrong_signature`.
    @discardableResult
    public func verify(body: [UInt8], signature: String?) throws(RingWebhookError) -> RingWebhookVerification {
        guard let signature else {
            throw RingWebhookError(
                code: .missingSignature, message: "the request has no X-Signature header; Ring always sends one")
        }
        let claimed: RingWebhookSignature
        do throws(RingCryptoError) {
            claimed = try RingWebhookSignature(headerValue: signature)
        } catch {
            throw RingWebhookError(code: .malformedSignature, message: "X-Signature: \(error.message)")
        }
        for (index, key) in self.keys.enumerated() where claimed.verifies(body, key: key) {
            return RingWebhookVerification(keyIndex: index, keyFingerprint: key.fingerprint)
        }
        throw self.mismatch(claimed, body)
    }

    private func mismatch(_ claimed: RingWebhookSignature, _ body: [UInt8]) -> RingWebhookError {
        let isDecoded = self.keys.contains { $0.codeWithDecodedKey(for: body) == claimed.digest }
        let advice =
            self.keys.lazy.compactMap(\.advice).first ?? "check the key, and that the body's bytes are as received"
        return RingWebhookError(
            code: .wrongSignature,
            message: isDecoded
                ? "the signature would match if the key were Base64-decoded; the sender must use the key's text as it is"
                : "no key made this signature for this body; \(advice)")
    }

    private static let noKey = RingWebhookError(
        code: .missingKey,
        message: "the HMAC key is missing or empty; copy it from the developer portal, exactly as shown there")
}

/// Proof that a body came from Ring.
public struct RingWebhookVerification: Hashable, Sendable {
    /// The position of the key that matched: 0 for the present one. While another is seen, Ring still uses an old key.
    public var keyIndex: Int
    /// The name of that key, which can be logged.
    package var keyFingerprint: String
}

extension RingHTTPField.Name {
    /// A webhook's signature. Wire: `X-Signature`.
    public static let signature = Self("X-Signature")
}
