package import RingCore

/// How a request to the token endpoint ended.
package enum OAuthOutcome: Sendable {
    /// New tokens. The code or refresh token that was sent cannot be used any more.
    case granted(OAuthGrant)
    /// Ring no longer accepts the code or refresh token (`invalid_grant`): it expired, was used, or was revoked.
    case rejected(OAuthRefusal)
    /// Ring does not know this client, or the request can never succeed (`invalid_client`, `invalid_scope`). The code or
    /// refresh token was not used.
    case misconfigured(OAuthRefusal)
    /// The request had no effect: it was not sent, or the complete response is a failure without an OAuth error, such as 429,
    /// 5xx or the page of a proxy. The code or refresh token was not used.
    case transient(RingError)
    /// The request was sent, and no complete, readable response of the endpoint was received: the code or refresh token may have
    /// been used and its successor lost. A gateway's 408 or 520 to 529 says no more.
    case unknown(RingError)
}

/// A refusal of the token endpoint.
package struct OAuthRefusal: Hashable, Sendable {
    /// The HTTP status.
    package var status: Int
    /// The OAuth error code, in lower case: `invalid_grant`. Wire: `error`, or the `code`, `title` or `detail` of a JSON:API
    /// error.
    package var error: String
    /// Ring's identifier of the response.
    package var requestID: RingRequestID?

    /// Creates a refusal.
    package init(status: Int, error: String, requestID: RingRequestID? = nil) {
        self.status = status
        self.error = error
        self.requestID = requestID
    }
}
