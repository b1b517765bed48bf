/// A PKCE pair (RFC 7636): a secret verifier kept by the partner, and the challenge shown to the authorization server.
///
/// Keep ``verifier`` with the state of the sign-in until its callback; it is sent once, with the code.
public struct RingPKCE: Hashable, Sendable {
    /// The secret, 43 to 128 unreserved characters. Form field `code_verifier`.
    public let verifier: String
    /// The verifier's SHA-256 in URL-safe Base64 without padding. Query parameter `code_challenge`.
    public var challenge: String { RingSHA256.digest(of: Array(self.verifier.utf8)).base64URL }
    /// How the challenge was made. Query parameter `code_challenge_method`.
    package static let method = "S256"

    /// Makes a new pair from 32 random bytes.
    ///
    /// - Returns: A pair whose verifier has 43 characters.
    /// - Throws: `RingCryptoError` with code `engineFailed` when the random generator has no entropy.
    public static func generate() throws(RingCryptoError) -> Self {
        try Self(verifier: RingBase64URL.encode(RingSecureRandom.bytes(count: 32)))
    }

    /// Restores a pair from its stored verifier.
    ///
    /// - Parameter verifier: 43 to 128 letters, digits, `-`, `.`, `_` and `~`.
    /// - Throws: `RingCryptoError` with code `malformedVerifier` for anything else.
    public init(verifier: String) throws(RingCryptoError) {
        guard (43...128).contains(verifier.utf8.count), verifier.utf8.allSatisfy(Self.isUnreserved) else {
            throw RingCryptoError(
                code: .malformedVerifier, message: "a PKCE verifier has 43 to 128 letters, digits, '-', '.', '_' or '~'"
            )
        }
        self.verifier = verifier
    }

    private static func isUnreserved(_ unit: UInt8) -> Bool {
        switch unit {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            true
        default: false
        }
    }
}

extension RingPKCE: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The challenge; never the verifier.
    public var description: String { "RingPKCE(challenge: \(self.challenge))" }
    /// The challenge; never the verifier.
    public var debugDescription: String { self.description }
    /// A mirror without the verifier.
    public var customMirror: Mirror { Mirror(self, children: ["challenge": self.challenge]) }
}
