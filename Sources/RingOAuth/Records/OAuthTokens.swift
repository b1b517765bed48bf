public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The stored pair of one account.
public struct OAuthTokens: Sendable {
    /// The bearer; `nil` while only a refresh token is known.
    public var accessToken: RingAccessToken?
    /// When the bearer ends.
    public var accessExpiresAt: Date
    /// What buys the next pair; `nil` for a pair that cannot be refreshed.
    public var refreshToken: OAuthRefreshToken?
    /// When the refresh token ends if it is not used: thirty days after it was issued.
    public var refreshExpiresAt: Date
    /// When the pair was bought.
    public var issuedAt: Date
    /// What the bearer may do, as Ring spelt it.
    public var scope: OAuthScope

    /// The life of an unused refresh token, as documented: thirty days.
    public static let refreshLifetime = Duration.seconds(30 * 86_400)

    /// Creates a pair.
    public init(
        accessToken: RingAccessToken?, accessExpiresAt: Date, refreshToken: OAuthRefreshToken?, refreshExpiresAt: Date,
        issuedAt: Date, scope: OAuthScope = ""
    ) {
        self.accessToken = accessToken
        self.accessExpiresAt = accessExpiresAt
        self.refreshToken = refreshToken
        self.refreshExpiresAt = refreshExpiresAt
        self.issuedAt = issuedAt
        self.scope = scope
    }

    /// Takes the tokens of an answer.
    ///
    /// - Parameters:
    ///   - grant: The answer.
    ///   - previous: The refresh token that was sent; an answer without a new one leaves it in force (RFC 6749 section 6).
    public init(_ grant: OAuthGrant, keeping previous: OAuthRefreshToken? = nil) {
        self.init(
            accessToken: grant.accessToken, accessExpiresAt: grant.accessExpiresAt,
            refreshToken: grant.refreshToken ?? previous,
            refreshExpiresAt: grant.issuedAt + Self.refreshLifetime.seconds,
            issuedAt: grant.issuedAt, scope: grant.scope)
    }

    /// Wraps a refresh token that came from outside, such as `RING_REFRESH_TOKEN`.
    public init(seed: OAuthRefreshToken, now: Date) {
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
