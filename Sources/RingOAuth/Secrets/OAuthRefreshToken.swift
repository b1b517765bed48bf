public import RingCore

/// What buys the next pair of tokens, once. Lost, it takes the account with it.
///
/// Wire: `refresh_token` of the token endpoint. It is never a bearer: the types keep it out of the `Authorization` field.
public struct OAuthRefreshToken: RingSecret {
    public let revealed: String
    public init(_ revealed: String) { self.revealed = revealed }
}
