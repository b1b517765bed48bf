public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The tokens of one successful answer of the token endpoint.
public struct OAuthGrant: Sendable {
    /// The bearer. Wire: `access_token`.
    public var accessToken: RingAccessToken
    /// The next refresh token; `nil` when the answer had none, as on the Developer Playground. Wire: `refresh_token`.
    public var refreshToken: OAuthRefreshToken?
    /// When the bearer ends, counted from the moment the request was sent. Wire: `expires_in`, seconds; four hours when
    /// it is missing or unusable.
    public var accessExpiresAt: Date
    /// What the bearer may do, as Ring spelt it. Opaque: decide nothing on it. Wire: `scope`.
    public var scope: OAuthScope
    /// When the request was sent, by this machine's clock.
    public var issuedAt: Date
    /// When Ring answered, by Ring's clock; `nil` when the response does not say. Wire: the `Date` field.
    public var serverDate: Date?

    /// Creates a grant by hand, for tests and for tokens that came another way.
    public init(
        accessToken: RingAccessToken, refreshToken: OAuthRefreshToken?, accessExpiresAt: Date, scope: OAuthScope = "",
        issuedAt: Date, serverDate: Date? = nil
    ) {
        self.accessToken = accessToken
        self.refreshToken = refreshToken
        self.accessExpiresAt = accessExpiresAt
        self.scope = scope
        self.issuedAt = issuedAt
        self.serverDate = serverDate
    }
}
