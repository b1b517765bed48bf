package import RingCore

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Everything that is stored about one account: its tokens, their condition, and the stage of its link.
///
/// It is changed through its transitions and written back by a compare-and-swap of ``version``.
package struct RingTokenRecord: Sendable {
    /// The account; a provisional id (`unidentified:…`) until `users/me` has told it.
    package var accountID: RingAccountID
    /// Starts at a random number and grows with every write, so that no number is used twice when a record is deleted and
    /// created again.
    package var version: Int64
    /// The stage of the link.
    package var stage: RingLinkStage
    /// Whether the refresh token is valid.
    package var condition: RingTokenCondition
    /// The pair; `nil` once erased. Without its secrets when the record was read without opening them.
    package var tokens: OAuthTokens? {
        didSet { self.hasNewTokens = true }
    }
    /// Grows by one with every new pair.
    package var generation: Int64
    /// The number of the latest refresh attempt.
    package var fence: Int64
    /// The refresh that is under way, or was interrupted.
    package var attempt: RingRefreshAttempt?
    /// The claim, once there is one.
    package var link: RingLinkProgress? {
        didSet {
            if self.link?.nonce != oldValue?.nonce || self.link?.accountIdentifier != oldValue?.accountIdentifier {
                self.hasNewLink = true
            }
        }
    }
    /// The fingerprint of the refresh token the account was seeded with, when it was.
    package var seed: String?
    /// When its latest code was exchanged, by this machine's clock; decides how long the account stays in the unclaimed pool.
    package var exchangedAt: Date
    /// The latest moment by Ring's own clock at which the present link is known to exist: compared with the time of a
    /// removal, which is Ring's as well. `nil` when it is not known.
    package var ringTime: Date?
    /// When its latest code was exchanged, by Ring's own clock: of two exchanges the later one counts, whichever is
    /// identified last. `nil` when it is not known.
    package var codeTime: Date?
    /// When Ring confirmed the link.
    package var linkedAt: Date?
    /// Whether a code was exchanged after the account was claimed, so that it may be claimed again.
    package var hasNewCode: Bool
    /// When the idle keeper should refresh it; `nil` for never.
    package var refreshDueAt: Date?
    /// The lowest of the policy's warning days that was reported for this refresh token; `nil` for none. A new pair resets it.
    package var warnedDays: Int?
    /// How many idle refreshes have failed in a row.
    package var idleFailures: Int
    /// How often `users/me` failed for unidentified tokens.
    package var identifyTries: Int
    /// When Ring refused the refresh token last, by the wall clock of the process that sent it; `nil` when that was not noted.
    package var refusedAt: Date?
    /// How often the refused token was tried again.
    package var refusedTries: Int
    /// The account that the tokens of a provisional id were moved to.
    package var forwarding: RingTokenForwarding?
    /// When a removed account or a forwarding may be deleted.
    package var expiresAt: Date?

    /// The token of the lease on it, if the store found it leased when the record was read.
    package var leaseToken: Int64?
    /// The provisional id that was looked up, when it led here.
    var forwardedFrom: (account: RingAccountID, forwarding: RingTokenForwarding)?
    /// The encrypted parts of a record that was read without opening them.
    var sealed: RingTokenSecrets?
    /// Which tokens the pair of a sealed record has.
    var sealedHasAccessToken = true
    var sealedHasRefreshToken = true
    private(set) var hasNewTokens = false
    private(set) var hasNewLink = false
    /// Fields of a newer release, kept as they are.
    var newerFields: [UInt8] = []

    /// Creates a record.
    ///
    /// - Parameters:
    ///   - version: A random number: `environment.randomToken()`.
    ///   - now: When its code was exchanged.
    package init(
        accountID: RingAccountID, stage: RingLinkStage, tokens: OAuthTokens?, version: Int64, now: Date,
        condition: RingTokenCondition = .current
    ) {
        self.accountID = accountID
        self.version = version
        self.stage = stage
        self.condition = condition
        self.tokens = tokens
        self.generation = 1
        self.fence = 0
        self.exchangedAt = now
        self.hasNewCode = false
        self.idleFailures = 0
        self.identifyTries = 0
        self.refusedTries = 0
    }

    /// Sets the pair as it was stored.
    mutating func setUnchanged(tokens: OAuthTokens) {
        self.tokens = tokens
        self.hasNewTokens = false
    }

    /// The state in one word.
    package var state: RingAccountState { RingAccountState(stage: self.stage, condition: self.condition) }

    /// Whether a link was started and is not finished, including one that renews an earlier link.
    package var isLinkUnderWay: Bool {
        guard self.stage == .claimed || self.stage == .linked, let link else { return false }
        return link.step != .completed && link.step != .refused
    }

    /// Whether a process is refreshing it now.
    package var isLeased: Bool { self.leaseToken != nil }

    /// Whether the pair has a refresh token, also when its secrets were not opened.
    var mayBeRefreshed: Bool {
        guard let tokens else { return false }
        return tokens.refreshToken != nil || self.isSealed && self.sealedHasRefreshToken
    }

    /// Whether the pair has an access token, also when its secrets were not opened.
    var hasAccessToken: Bool {
        guard let tokens else { return false }
        return tokens.accessToken != nil || self.isSealed && self.sealedHasAccessToken
    }

    /// Whether the pair is the stored one, with its secrets not opened.
    private var isSealed: Bool { self.sealed != nil && !self.hasNewTokens }
}

/// The rest of a provisional record once its tokens were moved to their account.
package struct RingTokenForwarding: Hashable, Sendable {
    /// The account.
    package var account: RingAccountID
    /// The generation of the pair in the account's record.
    package var generation: Int64
    /// The generation of the pair in the provisional record.
    package var fromGeneration: Int64
}

/// The note that is written before a refresh request is sent: the stored refresh token is about to be used.
///
/// The record is leased while the request is under way. A note on a record that is not leased means that a process sent the
/// token, or was about to, and did not record the outcome.
package struct RingRefreshAttempt: Hashable, Sendable {
    /// The number of this attempt among all of the account. A later attempt invalidates an earlier one.
    package var fence: Int64
    /// When it was written, by the writer's wall clock; for people.
    package var startedAt: Date

    /// Creates a note.
    package init(fence: Int64, startedAt: Date) {
        self.fence = fence
        self.startedAt = startedAt
    }
}
