#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Why bytes are not a valid session description.
///
/// Holds the place and the rule, never the text, because descriptions contain addresses and ICE passwords.
public struct SDPError: LocalizedError, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    package var code: Code
    /// The number of the line, counted from 1; `nil` when the whole text is meant.
    package let line: Int?
    /// What was wrong and what to do.
    package let message: String

    package init(code: Code, line: Int? = nil, message: String) {
        self.code = code
        self.line = line
        self.message = message
    }

    /// A kind of failure.
    package enum Code: Hashable, Sendable {
        /// The text is empty.
        case empty
        /// The text does not begin with `v=0`. It is often an HTML page or a JSON error document.
        case notSDP
        /// The text is longer than the maximum.
        case tooLarge
        /// A line does not have the form `<letter>=<value>`.
        case malformedLine
        /// An `m=` line lacks its port, protocol or formats, or its port is invalid.
        case malformedMediaLine
        /// The description has no section that the operation needs.
        case noMediaSection
        /// A trickle fragment lacks ICE credentials or the `a=mid` of its section, or has an invalid candidate.
        case incompleteFragment
    }

    /// The message with its line.
    public var description: String {
        self.line.map { "SDP line \($0): \(self.message)" } ?? "SDP: \(self.message)"
    }

    /// The same as ``description``, for `localizedDescription`.
    public var errorDescription: String? { self.description }
}
