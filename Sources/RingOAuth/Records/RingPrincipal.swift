/// A user of the partner, signed in with the partner: the application's own identifier for them.
///
/// Make one only after authentication. A Ring account is claimed for a principal, never without one.
public struct RingPrincipal: Hashable, Sendable, RawRepresentable, CustomStringConvertible {
    /// The application's identifier.
    public let rawValue: String
    /// Wraps the identifier of a user who has signed in.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The application's identifier.
    public var description: String { self.rawValue }
}
