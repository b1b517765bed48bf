/// A string from the wire whose set of values is Ring's to extend.
///
/// A spelling newer than this library still decodes, compares and encodes unchanged.
public protocol RingOpenString: RawRepresentable<String>, Codable, Hashable, Sendable, CustomStringConvertible {
    /// Wraps any spelling, known or not; it cannot fail.
    init(rawValue: String)
}

extension RingOpenString {
    /// The spelling on the wire.
    public var description: String { self.rawValue }
}
