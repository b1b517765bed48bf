/// Why an offer was not sent.
public struct WHEPOfferError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Every finding; at least one is an error.
    public var findings: [SDPFinding]

    /// Creates an error.
    public init(findings: [SDPFinding]) { self.findings = findings }

    /// The errors in one line, with what to do about each.
    public var description: String { self.findings.errors.map(\.description).joined(separator: " | ") }
}
