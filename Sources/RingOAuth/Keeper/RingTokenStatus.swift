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
    public init(_ record: RingTokenRecord) {
        self.accountID = record.accountID
        self.state = record.state
        self.stage = record.stage
        self.accessExpiresAt = record.tokens.flatMap { $0.accessToken == nil ? nil : $0.accessExpiresAt }
        self.refreshExpiresAt = record.tokens.flatMap { $0.refreshToken == nil ? nil : $0.refreshExpiresAt }
        self.scope = record.tokens?.scope ?? ""
        self.principal = record.link?.principal
    }

    /// The whole days left of the refresh token, never negative; `nil` when there is none.
    public func daysLeft(at now: Date) -> Int? {
        self.refreshExpiresAt.map { max(0, Int(clamping: Int64(min($0.timeIntervalSince(now), 1e15) / 86_400))) }
    }
}
