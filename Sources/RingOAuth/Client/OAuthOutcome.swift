public import RingCore

/// How a request to the token endpoint ended. The list is closed: these five are all there are.
public enum OAuthOutcome: Sendable {
    /// New tokens. What was sent is spent.
    case granted(OAuthGrant)
    /// Ring knows the code or refresh token no more (`invalid_grant`): expired, spent, or revoked.
    case rejected(OAuthRefusal)
    /// Ring does not know this client, or the request can never work (`invalid_client`, a wrong URL). The token is
    /// untouched.
    case misconfigured(OAuthRefusal)
    /// It surely had no effect: the request was not sent, or was answered whole with 429 or 5xx. The token is untouched.
    case transient(RingError)
    /// Sent, and no whole, readable answer came: the token may be spent and its successor lost.
    case unknown(RingError)
}

/// A refusal of the token endpoint, in its own words where it had some.
public struct OAuthRefusal: Hashable, Sendable {
    /// The HTTP status.
    public var status: Int
    /// The error word, lower-cased: `invalid_grant`. `nil` when the body named none. Wire: `error`, or a JSON:API `code`.
    public var error: String?
    /// Ring's name for the answer.
    public var requestID: RingRequestID?

    /// Creates a refusal by hand, for tests.
    public init(status: Int, error: String?, requestID: RingRequestID? = nil) {
        self.status = status
        self.error = error
        self.requestID = requestID
    }
}
