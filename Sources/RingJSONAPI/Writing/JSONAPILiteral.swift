/// A JSON text to be written: built from Swift literals, members in the order given.
///
/// <!-- given: masked: String -->
/// ```swift
/// let body: JSONAPILiteral = ["status": "completed", "account_identifier": .string(masked)]
/// ```
public enum JSONAPILiteral: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A whole number.
    case int(Int64)
    /// A number; written shortest, and as `null` when it is not finite, since JSON has no spelling for it.
    case double(Double)
    /// A string; escaped where RFC 8259 requires it.
    case string(String)
    /// An array.
    case array([JSONAPILiteral])
    /// An object; its members are written in this order. Names should differ.
    case object([(String, JSONAPILiteral)])
    /// A value that was read, written as it was received; in a string that cannot be decoded, U+FFFD stands for what is wrong.
    case value(JSONAPIValue)
}

extension JSONAPILiteral: ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
    /// Creates a string.
    public init(stringLiteral value: String) { self = .string(value) }
}

extension JSONAPILiteral: ExpressibleByIntegerLiteral {
    /// Creates a whole number.
    public init(integerLiteral value: Int64) { self = .int(value) }
}

extension JSONAPILiteral: ExpressibleByFloatLiteral {
    /// Creates a number.
    public init(floatLiteral value: Double) { self = .double(value) }
}

extension JSONAPILiteral: ExpressibleByBooleanLiteral {
    /// Creates `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }
}

extension JSONAPILiteral: ExpressibleByNilLiteral {
    /// Creates `null`.
    public init(nilLiteral: ()) { self = .null }
}

extension JSONAPILiteral: ExpressibleByArrayLiteral {
    /// Creates an array.
    public init(arrayLiteral elements: JSONAPILiteral...) { self = .array(elements) }
}

extension JSONAPILiteral: ExpressibleByDictionaryLiteral {
    /// Creates an object with its members in the order written.
    public init(dictionaryLiteral elements: (String, JSONAPILiteral)...) { self = .object(elements) }
}

extension JSONAPILiteral: Equatable {
    /// Whether two literals write the same text.
    public static func == (left: JSONAPILiteral, right: JSONAPILiteral) -> Bool { left.bytes == right.bytes }
}
