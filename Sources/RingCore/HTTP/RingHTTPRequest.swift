#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// One request, with what the layers between a feature and the wire need to know about it.
///
/// Its description shows method, operation and host, never the path's query, a header or the body.
public struct RingHTTPRequest: Sendable {
    /// The method.
    public var method: RingHTTPMethod
    /// The absolute URL. May be pre-signed, so it is a secret: it is never printed whole.
    public var url: URL
    /// The header fields. `Authorization` is added by ``RingAuthorizeMiddleware``, not by features.
    public var headerFields: RingHTTPFields
    /// The body.
    public var body: RingHTTPBody
    /// What the request is for; decides retries, credentials and the name it is observed under.
    public var operation: RingOperation
    /// The account on whose behalf it goes out, for fairness and observation.
    public var account: RingAccountID?
    /// Who goes first when the rate budget is short.
    public var priority: RingPriority
    /// When everything about this call must have ended, the body included.
    public var deadline: RingDeadline?
    /// Limits for the phases of one exchange; `nil` leaves them to the transport.
    public var timeouts: RingTimeouts?

    /// Creates a request.
    public init(
        method: RingHTTPMethod = .get, url: URL, headerFields: RingHTTPFields = [:], body: RingHTTPBody = .empty,
        operation: RingOperation, account: RingAccountID? = nil, priority: RingPriority = .interactive,
        deadline: RingDeadline? = nil, timeouts: RingTimeouts? = nil
    ) {
        self.method = method
        self.url = url
        self.headerFields = headerFields
        self.body = body
        self.operation = operation
        self.account = account
        self.priority = priority
        self.deadline = deadline
        self.timeouts = timeouts
    }
}

extension RingHTTPRequest: CustomStringConvertible, CustomReflectable {
    /// Method, operation and host.
    public var description: String { "\(self.method) \(self.operation) at \(self.url.host() ?? "no host")" }

    /// A mirror that shows what ``description`` shows.
    public var customMirror: Mirror { Mirror(self, children: ["request": self.description]) }
}
