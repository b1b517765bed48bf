/// A change that made an answer fit for strict engines.
///
/// Holds no value from the description, so it can be logged.
public struct SDPRepair: Hashable, Sendable, CustomStringConvertible {
    /// What was changed.
    public var kind: Kind
    /// The number of the line in the answer as it arrived, counted from 1; `nil` when it is about the whole text.
    public var line: Int?
    /// What was done, in words.
    public var message: String

    /// Creates a report.
    public init(kind: Kind, line: Int? = nil, message: String) {
        self.kind = kind
        self.line = line
        self.message = message
    }

    /// A kind of repair. A minor release may add kinds, so a `switch` needs a `default`.
    public struct Kind: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case lineEnds, byteOrderMark, finalLineEnd, emptyLines, surplusSection, direction, extensionMapping, setup
            case bundle
        }
        private let value: Value
        private init(_ value: Value) { self.value = value }
        /// The name of the kind.
        public var description: String { self.value.rawValue }

        /// LF became CR LF.
        public static let lineEnds = Self(.lineEnds)
        /// A byte order mark was removed.
        public static let byteOrderMark = Self(.byteOrderMark)
        /// The last line got its end.
        public static let finalLineEnd = Self(.finalLineEnd)
        /// Empty lines were removed.
        public static let emptyLines = Self(.emptyLines)
        /// A section that was not offered was removed.
        public static let surplusSection = Self(.surplusSection)
        /// A direction became `sendonly`.
        public static let direction = Self(.direction)
        /// The direction suffix of a header extension was removed.
        public static let extensionMapping = Self(.extensionMapping)
        /// `a=setup:actpass` became `passive`, on request only.
        public static let setup = Self(.setup)
        /// Names of removed sections left the bundle.
        public static let bundle = Self(.bundle)
    }

    /// Place and words.
    public var description: String { self.line.map { "line \($0): \(self.message)" } ?? self.message }
}
