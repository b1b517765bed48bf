/// An HTTP request method.
public struct RingHTTPMethod: RingOpenString {
    /// The method as it stands on the request line.
    public let rawValue: String
    /// Wraps a method as it stands on the request line.
    public init(rawValue: String) { self.rawValue = rawValue }

    /// Reads.
    public static let get = Self(rawValue: "GET")
    /// Reads the headers alone.
    public static let head = Self(rawValue: "HEAD")
    /// Creates, or asks for something.
    public static let post = Self(rawValue: "POST")
    /// Replaces.
    public static let put = Self(rawValue: "PUT")
    /// Changes in part.
    public static let patch = Self(rawValue: "PATCH")
    /// Removes.
    public static let delete = Self(rawValue: "DELETE")
    /// Asks what is possible.
    public static let options = Self(rawValue: "OPTIONS")
}
