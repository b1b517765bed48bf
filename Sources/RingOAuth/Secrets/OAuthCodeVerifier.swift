public import RingCore
public import RingCrypto

/// The secret half of a PKCE pair (RFC 7636), sent with the code of a partner-initiated link.
///
/// Wire: `code_verifier`.
public struct OAuthCodeVerifier: RingSecret {
    /// The secret itself, for the one place that needs it.
    public let revealed: String
    /// Wraps a secret, so that no text shows it by accident.
    public init(_ revealed: String) { self.revealed = revealed }

    /// Takes the verifier of a pair.
    public init(_ pair: RingPKCE) { self.revealed = pair.verifier }
}
