/// The state of an account in one word: a problem of its tokens if there is one, otherwise the stage of its link.
public enum RingAccountState: String, Hashable, Sendable, CaseIterable {
    /// Tokens are stored, and their account is not known yet.
    case unidentified
    /// The account is known, and no user of the partner has claimed it.
    case unclaimed
    /// Claimed, and not confirmed by Ring.
    case claimed
    /// Linked, with valid tokens.
    case linked
    /// A refresh was sent and its outcome is not known.
    case uncertain
    /// The user must remove and reconnect the app.
    case relinkRequired = "relink_required"
    /// The user removed the app.
    case removed

    /// Combines the stage of the link and the condition of the tokens.
    package init(stage: RingLinkStage, condition: RingTokenCondition) {
        self =
            switch (stage, condition) {
            case (.removed, _): .removed
            case (_, .relinkRequired): .relinkRequired
            case (_, .uncertain): .uncertain
            case (.unidentified, .current): .unidentified
            case (.unclaimed, .current): .unclaimed
            case (.claimed, .current): .claimed
            case (.linked, .current): .linked
            }
    }
}

/// The stage of an account's link. The raw values are part of the stored format.
public enum RingLinkStage: String, Hashable, Sendable, CaseIterable {
    /// Tokens are stored, and `users/me` has not yet told their account. The account id is provisional.
    case unidentified
    /// The account is known, and no user of the partner has claimed it. After fifteen minutes it leaves the pool.
    case unclaimed
    /// A signed-in user has claimed it, and Ring has not confirmed the link yet.
    case claimed
    /// Ring has confirmed the link.
    case linked
    /// The user removed the app; the tokens are erased.
    case removed
}

/// Whether the stored refresh token of an account is valid. The raw values are part of the stored format.
package enum RingTokenCondition: String, Hashable, Sendable, CaseIterable {
    /// The stored pair is the newest.
    case current
    /// A refresh was sent and its outcome is not known: the stored refresh token may have been used. It is tried once more.
    case uncertain
    /// Ring refused the stored refresh token: the user must remove and reconnect the app.
    case relinkRequired = "relink_required"
}
