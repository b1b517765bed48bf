public import RingCore

/// A link that Ring has confirmed.
public struct RingLinkResult: Hashable, Sendable {
    /// The account.
    public var account: RingAccountID
    /// What Ring said last; `completed`.
    public var status: RingIntegrationStatus
    /// Which of the policy's keys the nonce was made with, 0 for the present one. `nil` when no nonce was matched now: the
    /// link was resumed, or the partner began it.
    public var keyIndex: Int?

    /// Creates a result by hand, for tests.
    public init(account: RingAccountID, status: RingIntegrationStatus, keyIndex: Int? = nil) {
        self.account = account
        self.status = status
        self.keyIndex = keyIndex
    }
}
