/// Something a check noticed in a description.
///
/// Holds no value from the description, so it can be logged.
public struct SDPFinding: Hashable, Sendable, CustomStringConvertible {
    /// How bad it is.
    public enum Severity: Int, Hashable, Sendable, Comparable {
        /// Worth knowing.
        case note
        /// Works with some peers only.
        case warning
        /// Cannot work.
        case error

        /// Notes come before warnings, warnings before errors.
        public static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// How bad it is.
    public var severity: Severity
    /// The kind of finding.
    public var code: Code
    /// The number of the line, counted from 1; `nil` when something is missing or it is about the whole text.
    public var line: Int?
    /// What was found.
    public var message: String
    /// What to do about it.
    public var fix: String

    /// Creates a finding.
    public init(severity: Severity, code: Code, line: Int? = nil, message: String, fix: String) {
        self.severity = severity
        self.code = code
        self.line = line
        self.message = message
        self.fix = fix
    }

    /// Everything in one line.
    public var description: String {
        let place = self.line.map { " line \($0)" } ?? ""
        return "\(self.severity)\(place): \(self.message); \(self.fix)"
    }
}

extension Sequence<SDPFinding> {
    /// The findings that make a negotiation pointless.
    public var errors: [SDPFinding] { self.filter { $0.severity == .error } }
}
