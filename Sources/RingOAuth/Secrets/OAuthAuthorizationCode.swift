public import RingCore

/// A code that buys the first pair of tokens, once, within 60 seconds (ten minutes when the partner began).
///
/// Wire: `code`, posted to the Token Exchange URL or brought by the partner-initiated callback.
public struct OAuthAuthorizationCode: RingSecret {
    public let revealed: String
    public init(_ revealed: String) { self.revealed = revealed }
}
