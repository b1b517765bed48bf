public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Everything that is stored about one account: its tokens, how they are, and how far its link is.
///
/// Rooms change it through the transitions of this module and write it back with a compare-and-swap on ``version``.
public struct RingTokenRecord: Sendable {
    /// The account; made up (`unidentified:…`) until `users/me` has answered.
    public var accountID: RingAccountID
    /// Grows with every write, and never comes back after a record was deleted and made again.
    public var version: Int64
    /// How far the link is.
    public var stage: RingLinkStage
    /// Whether the refresh token can be trusted.
    public var condition: RingTokenCondition
    /// The pair; `nil` once erased.
    public var tokens: OAuthTokens?
    /// Grows with every new pair.
    public var generation: Int64
    /// The number of the latest refresh attempt.
    public var fence: Int64
    /// The refresh that is under way, or was cut off.
    public var attempt: RingRefreshAttempt?
    /// The claim, once there is one.
    public var link: RingLinkProgress?
    /// The fingerprint of the refresh token the account was seeded with, when it was.
    public var seed: String?
    /// When its latest code was exchanged; decides how long it stays in the unclaimed pool.
    public var exchangedAt: Date
    /// When Ring confirmed the link.
    public var linkedAt: Date?
    /// When the idle keeper should refresh it; `nil` for never.
    public var refreshDueAt: Date?
    /// The lowest of the policy's days that was warned of while the refresh token neared its end; `nil` for none. A new pair
    /// begins anew.
    public var warnedDays: Int?

    /// Creates a record. ``version`` starts at the time in microseconds.
    public init(
        accountID: RingAccountID, stage: RingLinkStage, tokens: OAuthTokens?, now: Date,
        condition: RingTokenCondition = .current
    ) {
        self.accountID = accountID
        self.version = Int64(exactly: (now.timeIntervalSince1970 * 1_000_000).rounded()) ?? 1
        self.stage = stage
        self.condition = condition
        self.tokens = tokens
        self.generation = 1
        self.fence = 0
        self.exchangedAt = now
    }

    /// The state in one word.
    public var state: RingAccountState { RingAccountState(stage: self.stage, condition: self.condition) }
}
