/// One header field: a name without case and a value.
public struct RingHTTPField: Hashable, Sendable {
    /// The name; compares without case and keeps the spelling it was made with.
    public var name: Name
    /// The value without surrounding white space.
    public var value: String

    /// Creates a field.
    public init(name: Name, value: String) {
        self.name = name
        self.value = value
    }

    /// A field's name. Wire spelling is kept; comparison ignores ASCII case, as RFC 9110 section 5.1 says.
    public struct Name: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
        /// The name in lower case, by which names compare.
        package let canonicalName: String
        private let spelling: RingUncompared<String>

        /// Creates a name from any spelling.
        public init(_ rawName: String) {
            self.canonicalName = rawName.lowercased()
            self.spelling = RingUncompared(rawName)
        }

        /// The name as it was written.
        public var rawName: String { self.spelling.value }

        /// Creates a name from a literal.
        public init(stringLiteral value: String) { self.init(value) }

        /// The name as it was written.
        public var description: String { self.rawName }
    }
}

/// A part of a value that does not count when two values are compared: all are equal.
package struct RingUncompared<Value: Sendable>: Hashable, Sendable {
    package let value: Value

    package init(_ value: Value) { self.value = value }

    package static func == (left: Self, right: Self) -> Bool { true }

    package func hash(into hasher: inout Hasher) {}
}

extension RingHTTPField.Name {
    /// The media types that the client can read.
    package static let accept = Self("Accept")
    /// The credentials.
    package static let authorization = Self("Authorization")
    /// The number of bytes of the body.
    package static let contentLength = Self("Content-Length")
    /// The media type of the body.
    public static let contentType = Self("Content-Type")
    /// `Date`, when the server made the response, by its own clock.
    package static let date = Self("Date")
    /// The validator of a resource.
    package static let eTag = Self("ETag")
    /// The condition on a validator.
    package static let ifMatch = Self("If-Match")
    /// References to other resources with a relation type.
    package static let link = Self("Link")
    /// The target of a redirect, or the URL of what was created.
    package static let location = Self("Location")
    /// How long to wait before the next request, in seconds or as a date.
    package static let retryAfter = Self("Retry-After")
    /// The client's name and version.
    package static let userAgent = Self("User-Agent")
}
