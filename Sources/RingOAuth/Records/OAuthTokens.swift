package import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// The stored pair of tokens of one account.
package struct OAuthTokens: Sendable {
    /// The access token; `nil` while only a refresh token is known.
    package var accessToken: RingAccessToken?
    /// When the access token expires.
    package var accessExpiresAt: Date
    /// The token that is exchanged for the next pair; `nil` for a pair that cannot be refreshed.
    package var refreshToken: OAuthRefreshToken?
    /// When the refresh token expires if it is not used: thirty days after it was issued.
    package var refreshExpiresAt: Date
    /// When the pair was obtained.
    package var issuedAt: Date
    /// The permissions of the access token, as Ring spelled them.
    package var scope: String

    /// The lifetime of an unused refresh token, as documented: thirty days.
    package static let refreshLifetime = Duration.seconds(30 * 86_400)

    /// Creates a pair.
    package init(
        accessToken: RingAccessToken?, accessExpiresAt: Date, refreshToken: OAuthRefreshToken?, refreshExpiresAt: Date,
        issuedAt: Date, scope: String = ""
    ) {
        self.accessToken = accessToken
        self.accessExpiresAt = accessExpiresAt
        self.refreshToken = refreshToken
        self.refreshExpiresAt = refreshExpiresAt
        self.issuedAt = issuedAt
        self.scope = scope
    }

    /// Takes the tokens of a response.
    ///
    /// - Parameters:
    ///   - grant: The response.
    ///   - previous: The refresh token that was sent. It stays valid when the response has no new one (RFC 6749 section 6).
    package init(_ grant: OAuthGrant, keeping previous: OAuthRefreshToken? = nil) {
        self.init(
            accessToken: grant.accessToken, accessExpiresAt: grant.accessExpiresAt,
            refreshToken: grant.refreshToken ?? previous,
            refreshExpiresAt: grant.issuedAt + Self.refreshLifetime.seconds,
            issuedAt: grant.issuedAt, scope: grant.scope)
    }

    /// Wraps a refresh token that was obtained elsewhere, such as `RING_REFRESH_TOKEN`.
    package init(seed: OAuthRefreshToken, now: Date) {
        self.init(
            accessToken: nil, accessExpiresAt: now, refreshToken: seed,
            refreshExpiresAt: now + Self.refreshLifetime.seconds, issuedAt: now)
    }
}

extension Duration {
    /// The length in seconds, as dates count it.
    package var seconds: TimeInterval {
        Double(self.components.seconds) + Double(self.components.attoseconds) / 1e18
    }
}
