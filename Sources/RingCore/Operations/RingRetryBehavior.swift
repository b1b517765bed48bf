/// Which failures of a call are followed by a repeat of the same request: one row of Ring's retry matrix.
///
/// "Ambiguous" is a request that was sent and got no complete response. What needs more than a repeat of the same request,
/// such as a new offer, a fresh pre-signed URL or a check by PATCH, is done by the feature.
public struct RingRetryBehavior: Hashable, Sendable {
    /// How often the same request may be repeated.
    package enum Repeats: Hashable, Sendable {
        /// As often as the policy allows.
        case always
        case once
        case never
    }

    /// The statuses after which the access token is refreshed and the request is sent once more.
    package var tokenRefusals: Set<Int>
    /// Status 429.
    package var rateLimited: Repeats
    /// Status 500, 502, 503 or 504. For 408 and 520 to 529 see ``isAmbiguous(_:)``.
    package var serverFailure: Repeats
    /// The request did not reach the server, or the server has not processed it (425, RFC 8470 section 5.2).
    package var notSent: Repeats
    /// The request was sent, and there is no complete response.
    package var ambiguous: Repeats

    package init(
        tokenRefusals: Set<Int> = [401], rateLimited: Repeats, serverFailure: Repeats, notSent: Repeats,
        ambiguous: Repeats
    ) {
        self.tokenRefusals = tokenRefusals
        self.rateLimited = rateLimited
        self.serverFailure = serverFailure
        self.notSent = notSent
        self.ambiguous = ambiguous
    }

    /// Whether a status says as little about the request as a timeout: 408, and 520 to 529, with which a gateway reports that it
    /// got no usable response.
    package static func isAmbiguous(_ status: Int) -> Bool { status == 408 || (520...529).contains(status) }

    /// How often a request may be repeated after a status; `nil` when the status is final.
    package func repeats(after status: Int) -> Repeats? {
        switch status {
        case 425: self.notSent
        case 429: self.rateLimited
        case 500, 502, 503, 504: self.serverFailure
        default: Self.isAmbiguous(status) ? self.ambiguous : nil
        }
    }

    /// For requests that may have their effect twice without harm, such as all reads: repeated after every failure.
    public static let idempotent = Self(
        rateLimited: .always, serverFailure: .always, notSent: .always, ambiguous: .always)
    /// Repeated after 429, and when the request was not sent. The default.
    public static let whenNotSent = Self(
        rateLimited: .always, serverFailure: .never, notSent: .always, ambiguous: .never)
    /// Repeated after 429 alone, such as a request that lets a camera start or a chime sound.
    public static let whenRateLimited = Self(
        rateLimited: .always, serverFailure: .never, notSent: .never, ambiguous: .never)
    /// Never repeated, not even with another access token.
    public static let never = Self(
        tokenRefusals: [], rateLimited: .never, serverFailure: .never, notSent: .never, ambiguous: .never)
}
