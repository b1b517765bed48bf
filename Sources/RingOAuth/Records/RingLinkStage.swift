/// How far an account's link has come.
public enum RingLinkStage: String, Hashable, Sendable, CaseIterable {
    /// Tokens are stored, whose they are is not yet known: `users/me` has not answered. Its account id is made up.
    case unidentified
    /// The account is known, no user of the partner has claimed it. After fifteen minutes it leaves the pool.
    case unclaimed
    /// A signed-in user has claimed it; Ring has not confirmed the link yet.
    case claimed
    /// Ring has confirmed the link.
    case linked
    /// The user removed the app; the tokens are erased.
    case removed
}
