/// An HTTP request method.
public struct RingHTTPMethod: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The method, spelled as in the request line, such as `GET`.
    public let rawValue: String
    /// Creates a method from its spelling in the request line.
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The method, spelled as in the request line, such as `GET`.
    public var description: String { self.rawValue }

    /// Reads a resource.
    public static let get = Self(rawValue: "GET")
    /// Reads the headers alone.
    package static let head = Self(rawValue: "HEAD")
    /// Creates a resource or starts an action.
    public static let post = Self(rawValue: "POST")
    /// Replaces a resource.
    package static let put = Self(rawValue: "PUT")
    /// Changes a resource in part.
    public static let patch = Self(rawValue: "PATCH")
    /// Removes a resource.
    public static let delete = Self(rawValue: "DELETE")
    /// Lists what is possible.
    package static let options = Self(rawValue: "OPTIONS")
}
