public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The tokens of one successful response of the token endpoint.
///
/// Create one only to import tokens that were obtained elsewhere: ``RingTokenKeeper/accept(_:)``.
public struct OAuthGrant: Sendable {
    /// The access token. Wire: `access_token`.
    package var accessToken: RingAccessToken
    /// The next refresh token; `nil` when the response had none, as on the Developer Playground. Wire: `refresh_token`.
    package var refreshToken: OAuthRefreshToken?
    /// When the access token expires, counted from the moment the request was sent. Wire: `expires_in`, seconds; four hours
    /// when it is missing or unusable.
    package var accessExpiresAt: Date
    /// The permissions of the access token, as Ring spelled them; opaque. Empty when Ring sent none. Wire: `scope`.
    package var scope: String
    /// When the request was sent, by this machine's clock.
    package var issuedAt: Date
    /// When Ring responded, by Ring's clock; `nil` when the response does not say. Wire: the `Date` field.
    package var serverDate: Date?

    /// Creates a grant from tokens that were obtained elsewhere.
    ///
    /// - Parameters:
    ///   - accessToken: The access token.
    ///   - refreshToken: The refresh token; `nil` for a pair that cannot be refreshed.
    ///   - accessExpiresAt: When the access token expires.
    ///   - scope: The permissions of the access token, as Ring spelled them.
    ///   - issuedAt: When the tokens were obtained, by this machine's clock.
    ///   - serverDate: The same moment by Ring's clock, when it is known.
    public init(
        accessToken: RingAccessToken, refreshToken: OAuthRefreshToken?, accessExpiresAt: Date, scope: String = "",
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
