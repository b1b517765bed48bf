/// One value inside a JSON text.
///
/// A view: it keeps the text as it was received and reads from it on demand, so copies are cheap and nothing is lost.
/// Two values are equal when they mean the same: the order of members, white space, escapes and the spelling of numbers
/// (`1`, `1.0`, `10e-1`) do not count.
public struct JSONAPIValue: Sendable, CustomStringConvertible {
    internal let source: JSONText
    internal var index: Int

    /// Reads a JSON text, which must follow the grammar of RFC 8259.
    ///
    /// When an object has a name more than once, the last member counts. A byte order mark at the start is ignored. A string
    /// with a raw control character, half of a surrogate pair or bytes that are not UTF-8 does not lose the others: its
    /// ``string`` is `nil`, and its ``bytes`` are as received.
    ///
    /// - Parameters:
    ///   - bytes: The text, as received.
    ///   - limits: How large the text may be.
    /// - Throws: ``JSONAPIReadError`` for everything that is not JSON, or is beyond a limit.
    public init(parsing bytes: [UInt8], limits: JSONAPILimits = .standard) throws(JSONAPIReadError) {
        self.init(source: try JSONText(reading: bytes, limits: limits), index: 0)
    }

    /// Reads a JSON text held by a Swift string.
    ///
    /// - Throws: ``JSONAPIReadError`` for everything that is not JSON, or is beyond a limit.
    public init(parsing text: String, limits: JSONAPILimits = .standard) throws(JSONAPIReadError) {
        try self.init(parsing: Array(text.utf8), limits: limits)
    }

    @inline(__always) internal init(source: JSONText, index: Int) {
        self.source = source
        self.index = index
    }

    /// The six kinds of value that RFC 8259 knows; the list is closed.
    public enum Kind: String, Hashable, Sendable {
        /// `null`.
        case null
        /// `true` or `false`.
        case bool
        /// A number of any size and precision.
        case number
        /// A string.
        case string
        /// An array.
        case array
        /// An object.
        case object
    }

    @inline(__always) internal var entry: JSONEntry { self.source.entry(self.index) }

    /// Which of the six kinds this is.
    public var kind: Kind {
        switch self.entry.tag {
        case .null, .end: .null
        case .false, .true: .bool
        case .integer, .decimal: .number
        case .string, .escapedString, .undecodableString: .string
        case .array: .array
        case .object, .objectWithDuplicates: .object
        }
    }

    /// Whether this is JSON's `null`.
    public var isNull: Bool { self.entry.is(.null) }

    /// The source text of this value, as received; U+FFFD stands for bytes that are not UTF-8. It may contain personal data:
    /// not for logs.
    public var text: String { String(decoding: self.source.bytes[self.source.range(of: self.index)], as: UTF8.self) }

    /// The source bytes of this value, exactly as received, also where they are not UTF-8.
    public var bytes: [UInt8] { Array(self.source.bytes[self.source.range(of: self.index)]) }

    /// The same as ``text``.
    public var description: String { self.text }
}

extension JSONAPIValue: CustomReflectable {
    /// A mirror without children: `dump` shows the description, not the reader's tables.
    public var customMirror: Mirror { Mirror(self, children: EmptyCollection()) }
}
