public import RingCore

/// A code that buys the first pair of tokens, once, within 60 seconds (ten minutes when the partner began).
///
/// Wire: `code`, posted to the Token Exchange URL or brought by the partner-initiated callback.
public struct OAuthAuthorizationCode: RingSecret {
    /// The secret itself, for the one place that needs it.
    public let revealed: String
    /// Wraps a secret, so that no text shows it by accident.
    public init(_ revealed: String) { self.revealed = revealed }
}
