public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// How an account's tokens are, without the tokens: for dashboards, metrics and `auth status`.
public struct RingTokenStatus: Hashable, Sendable {
    /// The account.
    public var accountID: RingAccountID
    /// The state in one word.
    public var state: RingAccountState
    /// How far the link is, whatever the tokens are like.
    public var stage: RingLinkStage
    /// When the access token ends; `nil` when there is none.
    public var accessExpiresAt: Date?
    /// When the refresh token ends unless it is used before; `nil` when there is none.
    public var refreshExpiresAt: Date?
    /// What the access token may do, as Ring spelt it.
    public var scope: OAuthScope
    /// The partner's user it is claimed for.
    public var principal: RingPrincipal?

    /// Takes the status out of a record.
    package init(_ record: RingTokenRecord) {
        self.accountID = record.accountID
        self.state = record.state
        self.stage = record.stage
        self.accessExpiresAt = record.hasAccessToken ? record.tokens?.accessExpiresAt : nil
        self.refreshExpiresAt = record.mayBeRefreshed ? record.tokens?.refreshExpiresAt : nil
        self.scope = record.tokens?.scope ?? ""
        self.principal = record.link?.principal
    }

    /// The whole days left of the refresh token, never negative; `nil` when there is none.
    ///
    /// Never more than the thirty days such a token lives: a date further ahead was written under a wrong clock.
    public func daysLeft(at now: Date) -> Int? {
        self.refreshExpiresAt.map { end in
            let left = min(end.timeIntervalSince(now), OAuthTokens.refreshLifetime.seconds)
            return max(0, Int(left / 86_400))
        }
    }
}
