#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One request: what goes to the server, and nothing else.
///
/// Its description shows method and host, never the path, the query, a header field or the body.
public struct RingHTTPRequest: Sendable {
    /// The method.
    public var method: RingHTTPMethod
    /// The absolute URL. It may be pre-signed, so it is a secret: it is never printed whole.
    public var url: URL
    /// The header fields.
    public var headerFields: RingHTTPFields
    /// The body.
    public var body: RingHTTPBody

    /// Creates a request.
    public init(
        method: RingHTTPMethod = .get, url: URL, headerFields: RingHTTPFields = [:], body: RingHTTPBody = .empty
    ) {
        self.method = method
        self.url = url
        self.headerFields = headerFields
        self.body = body
    }
}

extension RingHTTPRequest: CustomStringConvertible, CustomReflectable {
    /// Method and host.
    public var description: String { "\(self.method) at \(self.url.host() ?? "no host")" }

    /// A mirror that shows what ``description`` shows.
    public var customMirror: Mirror { Mirror(self, children: ["request": self.description]) }
}
