/// What an application wants to know of an account, in one word: what is wrong with its tokens, else how far its link is.
public enum RingAccountState: String, Hashable, Sendable, CaseIterable {
    /// Tokens are stored, whose they are is not yet known.
    case unidentified
    /// Known, and not claimed by any user of the partner.
    case unclaimed
    /// Claimed, and not confirmed by Ring.
    case claimed
    /// Linked, with good tokens.
    case linked
    /// A refresh was sent and its answer is not known.
    case uncertain
    /// The user must remove and reconnect the app.
    case relinkRequired = "relink_required"
    /// The user removed the app.
    case removed

    /// Sums up the two sides.
    public init(stage: RingLinkStage, condition: RingTokenCondition) {
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
