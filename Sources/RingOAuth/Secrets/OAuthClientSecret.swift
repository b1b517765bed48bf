public import RingCore

/// The app's secret from the developer console. It belongs on the partner's servers alone.
///
/// Wire: `client_secret` of every token request.
public struct OAuthClientSecret: RingSecret {
    public let revealed: String
    public init(_ revealed: String) { self.revealed = revealed }
}
