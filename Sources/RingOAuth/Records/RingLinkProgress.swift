/// A user of the partner, by the application's own identifier.
///
/// Create one only for a user who has signed in with the partner: a Ring account is claimed for a principal.
public struct RingPrincipal: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    /// The application's identifier.
    public let rawValue: String
    /// Wraps the identifier of a user who has signed in.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The application's identifier.
    public var description: String { self.rawValue }
}

/// The claim of an account: its user, its nonce, and how far Ring has confirmed it.
package struct RingLinkProgress: Hashable, Sendable {
    /// The partner's user the account is claimed for.
    package var principal: RingPrincipal
    /// The redirect's nonce, sent to Ring unchanged. Empty for a partner-initiated link.
    package var nonce: String
    /// The redirect's time, exactly as received.
    package var time: String
    /// The masked identifier shown to the Ring user, such as `r***e@example.org`.
    package var accountIdentifier: String?
    /// The step that is next, or under way.
    package var step: Step
    /// Distinguishes this link from one of an earlier connection with the same nonce; 0 in records of the release before 0.2.
    package var id: Int64

    /// The steps between a claim and a link. The raw values are part of the stored format.
    package enum Step: String, Hashable, Sendable, CaseIterable {
        /// Claimed; nothing was sent to Ring.
        case claimed
        /// The POST is under way, or was interrupted: Ring may have accepted it.
        case confirming
        /// Ring accepted the POST: the PATCH is next.
        case confirmed
        /// Ring accepted the PATCH: linked.
        case completed
        /// Ring refused the nonce permanently: any signed-in user who presents a new one may claim the account.
        case refused
    }

    /// Creates a claim.
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
    package var description: String { "RingLinkProgress(\(self.principal), \(self.step.rawValue))" }
    /// A mirror without the nonce and the identifier.
    package var customMirror: Mirror { Mirror(self, children: ["step": self.step.rawValue]) }
}
