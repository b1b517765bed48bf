public import RingCore

/// The app's secret from the developer console. It belongs on the partner's servers alone.
///
/// Wire: `client_secret` of every token request.
public struct OAuthClientSecret: RingSecret {
    /// The secret itself, for the one place that needs it.
    public let revealed: String
    /// Wraps a secret, so that no text shows it by accident.
    public init(_ revealed: String) { self.revealed = revealed }
}
