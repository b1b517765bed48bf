public import RingCore
package import RingOAuth

/// A link that Ring has confirmed: its integration is `completed`.
public struct RingLinkResult: Hashable, Sendable {
    /// The account.
    public var account: RingAccountID
    /// The position of the key that the nonce was made with: 0 for the present key. `nil` when no nonce was compared, because
    /// the link was resumed or started by the partner.
    public var keyIndex: Int?

    package init(account: RingAccountID, keyIndex: Int? = nil) {
        self.account = account
        self.keyIndex = keyIndex
    }
}

/// A link has reached another step.
package struct RingLinkAdvanced: RingObservation {
    /// `link.advanced`.
    package static let name = "link.advanced"
    /// The account.
    package var account: RingAccountID
    /// The step that is next.
    package var step: RingLinkProgress.Step

    /// A warning for a refusal, information for the rest.
    package var level: RingObservationLevel { self.step == .refused ? .warning : .info }
    /// The account and the step.
    package var attributes: [(key: String, value: String)] {
        [("account", self.account.rawValue), ("step", self.step.rawValue)]
    }
}
