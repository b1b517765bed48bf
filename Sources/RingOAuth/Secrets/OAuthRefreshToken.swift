public import RingCore

/// What buys the next pair of tokens, once. Lost, it takes the account with it.
///
/// Wire: `refresh_token` of the token endpoint. It is never a bearer: the types keep it out of the `Authorization` field.
public struct OAuthRefreshToken: RingSecret {
    /// The secret itself, for the one place that needs it.
    public let revealed: String
    /// Wraps a secret, so that no text shows it by accident.
    public init(_ revealed: String) { self.revealed = revealed }
}
