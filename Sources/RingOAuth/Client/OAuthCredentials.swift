public import RingCore

/// The identity of the partner's app, from the developer console.
public struct OAuthCredentials: Sendable {
    /// The app's public identifier. Wire: `client_id`.
    public var clientID: String
    /// The app's secret. Wire: `client_secret`.
    public var clientSecret: OAuthClientSecret

    /// Creates the credentials.
    public init(clientID: String, clientSecret: OAuthClientSecret) {
        self.clientID = clientID
        self.clientSecret = clientSecret
    }
}

/// The app's secret from the developer console. Keep it on the partner's servers only.
///
/// Wire: `client_secret` of every token request.
public struct OAuthClientSecret: RingSecret {
    /// The secret itself, for the one place that needs it.
    public let revealed: String
    /// Wraps a secret, so that it is not printed by accident.
    public init(_ revealed: String) { self.revealed = revealed }
}

/// A token that is exchanged once for the next pair of tokens. If it is lost, the account must be linked again.
///
/// Wire: `refresh_token` of the token endpoint. It has a type of its own, so it cannot be sent as an access token.
public struct OAuthRefreshToken: RingSecret {
    /// The secret itself, for the one place that needs it.
    public let revealed: String
    /// Wraps a secret, so that it is not printed by accident.
    public init(_ revealed: String) { self.revealed = revealed }
}

/// A code that is exchanged once for the first pair of tokens.
///
/// It is valid for 60 seconds; for ten minutes when the partner started the link. Wire: `code`, posted to the Token Exchange
/// URL, or a query parameter of the partner-initiated callback.
public struct OAuthAuthorizationCode: RingSecret {
    /// The secret itself, for the one place that needs it.
    public let revealed: String
    /// Wraps a secret, so that it is not printed by accident.
    public init(_ revealed: String) { self.revealed = revealed }
}

/// The secret half of a PKCE pair (RFC 7636), sent with the code of a partner-initiated link.
///
/// Wire: `code_verifier`. A new one is ``OAuthAuthorization/verifier``.
public struct OAuthCodeVerifier: RingSecret {
    /// The secret itself, for the one place that needs it.
    public let revealed: String
    /// Wraps a secret, so that it is not printed by accident.
    public init(_ revealed: String) { self.revealed = revealed }
}
