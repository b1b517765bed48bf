/// An answer that engines accept, and what it took.
public struct SDPCheckedAnswer: Hashable, Sendable {
    /// The answer after the repairs; ``SDP/encoded()`` is what to give the engine.
    public var answer: SDP
    /// What was changed.
    public var repairs: [SDPRepair]
    /// What remains worth knowing: warnings and notes, no errors.
    public var findings: [SDPFinding]

    /// Creates a result.
    public init(answer: SDP, repairs: [SDPRepair] = [], findings: [SDPFinding] = []) {
        self.answer = answer
        self.repairs = repairs
        self.findings = findings
    }
}
