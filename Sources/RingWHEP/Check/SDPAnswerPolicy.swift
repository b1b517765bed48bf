/// What the answer check may do beyond the repairs that are always safe.
public struct SDPAnswerPolicy: Hashable, Sendable {
    /// Whether `a=setup:actpass` in an answer becomes `passive` instead of an error.
    ///
    /// Off by default: the answerer has to choose (RFC 8842 section 5.3), and a wrong guess leaves both sides waiting.
    public var turnsActpassIntoPassive: Bool

    /// Creates a policy.
    public init(turnsActpassIntoPassive: Bool = false) {
        self.turnsActpassIntoPassive = turnsActpassIntoPassive
    }
}
