/// Who claimed an account, with what, and how far the confirmation by Ring has come.
public struct RingLinkProgress: Hashable, Sendable {
    /// The partner's user the account is claimed for.
    public var principal: RingPrincipal
    /// The redirect's nonce, sent to Ring unchanged. Empty when the partner began the link.
    public var nonce: String
    /// The redirect's time, exactly as received.
    public var time: String
    /// The masked identifier shown to the Ring user, such as `r***e@example.org`.
    public var accountIdentifier: String?
    /// The step that is to be done next, or was begun.
    public var step: Step
    /// Tells this link from the one of an earlier connection with the same nonce; 0 in records of the release before 0.2.
    package var id: Int64

    /// The steps between a claim and a link.
    public enum Step: String, Hashable, Sendable, CaseIterable {
        /// Claimed; Ring has not been asked.
        case claimed
        /// The POST is under way, or was cut off: Ring may have taken it.
        case confirming
        /// Ring took the POST: the PATCH is next.
        case confirmed
        /// Ring took the PATCH: linked.
        case completed
        /// Ring refused the nonce for good: a new one is needed, and anybody who brings it may claim.
        case refused
    }

    /// Creates a progress.
    package init(
        principal: RingPrincipal, nonce: String, time: String, accountIdentifier: String?, step: Step = .claimed,
        id: Int64 = 0
    ) {
        self.principal = principal
        self.nonce = nonce
        self.time = time
        self.accountIdentifier = accountIdentifier
        self.step = step
        self.id = id
    }
}

extension RingLinkProgress: CustomStringConvertible, CustomReflectable {
    /// The principal and the step; neither the nonce nor the identifier.
    public var description: String { "RingLinkProgress(\(self.principal), \(self.step.rawValue))" }
    /// A mirror without the nonce and the identifier.
    public var customMirror: Mirror { Mirror(self, children: ["step": self.step.rawValue]) }
}
