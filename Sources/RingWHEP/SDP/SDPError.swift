/// Why some bytes are not a session description that can be used.
///
/// Holds the place and the rule, never the text: descriptions hold addresses and ICE passwords.
public struct SDPError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure.
    public var code: Code
    /// The number of the line, counted from 1; `nil` when it is about the whole text.
    public var line: Int?
    /// What was wrong and what to do, in one sentence.
    public var message: String

    /// Creates an error.
    public init(code: Code, line: Int? = nil, message: String) {
        self.code = code
        self.line = line
        self.message = message
    }

    /// A kind of failure. A minor release may add kinds, so a `switch` needs a `default`.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        private enum Value: String {
            case empty, notSDP, tooLarge, malformedLine, malformedMediaLine, noMediaSection, incompleteFragment
        }
        private let value: Value
        private init(_ value: Value) { self.value = value }
        /// The name of the kind.
        public var description: String { self.value.rawValue }

        /// There is no text at all.
        public static let empty = Self(.empty)
        /// The text does not begin with `v=0`: often an HTML page or a JSON error document.
        public static let notSDP = Self(.notSDP)
        /// The text is longer than the reader was told to accept.
        public static let tooLarge = Self(.tooLarge)
        /// A line is not of the form `<letter>=<value>`.
        public static let malformedLine = Self(.malformedLine)
        /// An `m=` line lacks its port, protocol or formats, or its port is not a port.
        public static let malformedMediaLine = Self(.malformedMediaLine)
        /// The description holds no section that the operation needs.
        public static let noMediaSection = Self(.noMediaSection)
        /// A trickle fragment lacks ICE credentials or the `a=mid` of its section.
        public static let incompleteFragment = Self(.incompleteFragment)
    }

    /// The message with its line.
    public var description: String {
        self.line.map { "SDP line \($0): \(self.message)" } ?? "SDP: \(self.message)"
    }
}
