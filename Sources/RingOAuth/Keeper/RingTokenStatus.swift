public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// The status of an account's tokens, without the tokens themselves: for dashboards and metrics.
public struct RingTokenStatus: Hashable, Sendable {
    /// The account.
    public var accountID: RingAccountID
    /// The state in one word.
    public var state: RingAccountState
    /// The stage of the link, whatever the state of the tokens is.
    public var stage: RingLinkStage
    /// When the access token expires; `nil` when there is none.
    public var accessExpiresAt: Date?
    /// When the refresh token expires unless it is used before; `nil` when there is none.
    public var refreshExpiresAt: Date?
    /// The permissions of the access token, as Ring spelled them.
    package var scope: String
    /// The partner's user the account is claimed for.
    public var principal: RingPrincipal?

    /// Reads the status from a record.
    package init(_ record: RingTokenRecord) {
        self.accountID = record.accountID
        self.state = record.state
        self.stage = record.stage
        self.accessExpiresAt = record.hasAccessToken ? record.tokens?.accessExpiresAt : nil
        self.refreshExpiresAt = record.mayBeRefreshed ? record.tokens?.refreshExpiresAt : nil
        self.scope = record.tokens?.scope ?? ""
        self.principal = record.link?.principal
    }

    /// The number of full days until the refresh token expires, never negative; `nil` when there is none.
    ///
    /// At most thirty, the lifetime of a refresh token: a later date was written under a wrong clock.
    public func daysLeft(at now: Date) -> Int? {
        self.refreshExpiresAt.map { end in
            let left = min(end.timeIntervalSince(now), OAuthTokens.refreshLifetime.seconds)
            return max(0, Int(left / 86_400))
        }
    }
}
