public import RingCore
public import RingOAuth

/// A link took a step.
public struct RingLinkAdvanced: RingObservation {
    /// `link.advanced`.
    public static let name = "link.advanced"
    /// The account.
    public var account: RingAccountID
    /// The step it stands before now.
    public var step: RingLinkProgress.Step

    /// A refusal is worth a warning, the rest a line.
    public var level: RingObservationLevel { self.step == .refused ? .warning : .info }
    /// The account and the step.
    public var attributes: [(key: String, value: String)] {
        [("account", self.account.rawValue), ("step", self.step.rawValue)]
    }
}
