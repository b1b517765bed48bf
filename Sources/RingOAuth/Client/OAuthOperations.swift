package import RingCore

extension RingOperation {
    /// `POST /oauth/token` with `grant_type=refresh_token`. The token is used up when the request arrives.
    package static let tokenRefresh = Self(
        "oauth.refresh",
        retry: RingRetryBehavior(
            tokenRefusals: [], rateLimited: .always, serverFailure: .never, notSent: .always, ambiguous: .never),
        carriesAccessToken: false, redaction: .form)
    /// `POST /oauth/token` with `grant_type=authorization_code`. A code works once.
    package static let codeExchange = Self(
        "oauth.exchange", retry: .never, carriesAccessToken: false, redaction: .form)
}
