/// Why an answer cannot be used, even after every safe repair.
///
/// Holds no value from the description, so it can be logged.
public struct SDPAnswerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Every finding; at least one is an error.
    public var findings: [SDPFinding]

    /// Creates an error.
    public init(findings: [SDPFinding]) { self.findings = findings }

    /// Whether one of the errors is of that kind.
    public func contains(_ code: SDPFinding.Code) -> Bool { self.findings.errors.contains { $0.code == code } }

    /// The errors in one line.
    public var description: String {
        "the SDP answer cannot be used: " + self.findings.errors.map(\.description).joined(separator: " | ")
    }
}
