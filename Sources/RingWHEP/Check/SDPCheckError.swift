#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Why an offer was not sent, or an answer cannot be used even after every safe repair.
///
/// Holds no value from the description, so it can be logged.
public struct SDPCheckError: LocalizedError, Hashable, Sendable, CustomStringConvertible {
    /// All findings. At least one is an error.
    public let findings: [SDPFinding]

    init(findings: [SDPFinding]) { self.findings = findings }

    /// Whether one of the errors is of that kind.
    package func contains(_ code: SDPFinding.Code) -> Bool { self.findings.errors.contains { $0.code == code } }

    /// The errors in one line, with what to do about each.
    public var description: String { self.findings.errors.map(\.description).joined(separator: " | ") }

    /// The same as ``description``, for `localizedDescription`.
    public var errorDescription: String? { self.description }
}
