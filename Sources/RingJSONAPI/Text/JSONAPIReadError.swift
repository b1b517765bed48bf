#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Why a text was refused as JSON, and where.
///
/// The description names the place and the kind of fault; it never contains a value of the text.
public struct JSONAPIReadError: LocalizedError, Hashable, Sendable, CustomStringConvertible {
    /// The byte at which reading stopped, counted from 0.
    public let offset: Int
    /// The JSON pointer (RFC 6901) of the value that was being read; empty for the whole text.
    public let path: String
    /// The kind of fault.
    public let reason: Reason

    package init(offset: Int, path: String, reason: Reason) {
        self.offset = offset
        self.path = path
        self.reason = reason
    }

    /// One sentence for a developer's log: kind, byte and path.
    public var description: String {
        "JSON refused: \(self.reason) at byte \(self.offset), path \"\(self.path.prefix(200))\""
    }

    /// The same as ``description``, for `localizedDescription`.
    public var errorDescription: String? { self.description }

    /// A kind of fault. A minor release may add kinds, so a `switch` needs a `default`.
    public struct Reason: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case empty = "no value in the text"
            case unexpectedEnd = "the text ends inside a value"
            case unexpectedByte = "a byte that cannot stand here"
            case trailingBytes = "more than one value"
            case invalidNumber = "a number outside the grammar"
            case invalidEscape = "an unknown escape in a string"
            case tooLong = "longer than the limit in bytes"
            case tooDeep = "nested deeper than the limit"
            case tooManyValues = "more values than the limit"
            case notADocument = "the top level is not an object, so this is not a JSON:API document"
        }
        private let value: Value
        private init(_ value: Value) { self.value = value }
        /// The kind in words.
        public var description: String { self.value.rawValue }

        /// The text is empty or all white space.
        package static let empty = Self(.empty)
        /// The text ends inside a value: it was cut.
        package static let unexpectedEnd = Self(.unexpectedEnd)
        /// A byte stands where the grammar has no place for it.
        package static let unexpectedByte = Self(.unexpectedByte)
        /// Something follows the one value of the text.
        package static let trailingBytes = Self(.trailingBytes)
        /// A number is outside the grammar: `01`, `1.`, `+1`.
        package static let invalidNumber = Self(.invalidNumber)
        /// A string holds an escape that JSON does not know.
        package static let invalidEscape = Self(.invalidEscape)
        /// The text is longer than the limit in bytes.
        public static let tooLong = Self(.tooLong)
        /// Arrays and objects nest deeper than the limit.
        package static let tooDeep = Self(.tooDeep)
        /// The text holds more values than the limit.
        package static let tooManyValues = Self(.tooManyValues)
        /// The text is JSON, but its top level is not an object.
        package static let notADocument = Self(.notADocument)
    }
}
