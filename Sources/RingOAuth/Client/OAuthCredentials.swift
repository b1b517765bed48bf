/// Who the partner's app is, from the developer console.
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
