/// Whether an account's refresh token can be trusted.
public enum RingTokenCondition: String, Hashable, Sendable, CaseIterable {
    /// The stored pair is the newest.
    case current
    /// A refresh was sent and its answer is not known: the stored refresh token may be spent. It is tried once more.
    case uncertain
    /// Ring refused the stored refresh token: the user must remove and reconnect the app.
    case relinkRequired = "relink_required"
}
