public import RingJSONAPI

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// Why a call did not produce its result.
///
/// Switch on ``code``. It, ``message`` and ``description`` never hold a token, a secret, an SDP or a query string, so log
/// those. ``cause`` may contain text of other libraries.
public struct RingError: Error, Sendable {
    /// The kind of failure.
    public var code: Code
    /// What went wrong, where, and what to do about it, in one or two sentences for a developer's log.
    public var message: String
    /// The operation that failed, when a request was involved.
    public var operation: RingOperation?
    /// The HTTP status of Ring's response.
    public var status: Int?
    /// Ring's name for the response; Ring's support needs it. Wire: `x-request-id`.
    public var requestID: RingRequestID?
    /// How long Ring asked to wait before the next try.
    public var retryAfter: Duration?
    /// The error objects of the response, with `code`, `source` and `meta` as Ring sent them.
    public var errors: [JSONAPIErrorObject]
    /// Whether the request may have had its effect.
    public var delivery: Delivery
    /// The lower-level error behind this one. Its text is not redacted: for debugging, not for logs.
    public var cause: (any Error)?
    /// Whether the same request was sent before with an outcome that is not known: its effect may have happened.
    package var followsUnknownOutcome = false

    /// Creates an error. Public because transports and stores outside this package throw it too.
    public init(
        code: Code, message: String, operation: RingOperation? = nil, status: Int? = nil,
        requestID: RingRequestID? = nil, retryAfter: Duration? = nil, errors: [JSONAPIErrorObject] = [],
        delivery: Delivery = .notSent, cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.operation = operation
        self.status = status
        self.requestID = requestID
        self.retryAfter = retryAfter
        self.errors = errors
        self.delivery = delivery
        self.cause = cause
    }

    /// What is known about a request that failed.
    public enum Delivery: String, Hashable, Sendable {
        /// It did not reach the server: nothing was sent, or the connection was never made.
        case notSent
        /// It was sent, at least in part, and no complete response arrived: it may have had its effect.
        case unknown
        /// The server responded.
        case responded
    }

    /// Whether the same call may succeed later although nobody changes anything: Ring, the network or the device is
    /// unavailable or too slow for a while, or the rate is limited.
    ///
    /// It depends on ``code`` alone: `rateLimited`, `serverFailure`, `deviceUnavailable`, `hostNotFound`, `connectionFailed`,
    /// `connectionLost`, `timedOut`, `deadlineExceeded`, and those kinds of other modules that were created as transient, such
    /// as `mediaNotReady`. The pipeline has repeated already what it may. Wait for ``retryAfter`` before you repeat a call, and
    /// read ``delivery`` when the call has an effect: with ``Delivery/unknown`` it may have happened.
    public var isTransient: Bool { self.code.isTransient }

    /// The error codes of the response, in its order: `MEDIA_NOT_FOUND`. Wire: `errors[].code`.
    public var serverCodes: [String] { self.errors.compactMap(\.code) }
}

extension RingError: CustomStringConvertible {
    /// One line for a log: code, operation, status and request id, then the message.
    public var description: String {
        var facts = [self.code.rawValue]
        if let operation { facts.append(operation.name) }
        if let status { facts.append("status \(status)") }
        if let first = self.serverCodes.first, Self.isWord(first) { facts.append(first) }
        if let requestID { facts.append("request \(requestID)") }
        return "\(facts.joined(separator: ", ")): \(self.message)"
    }

    /// Whether an error code has the form of Ring's: capital letters and underscores. Anything else may be somebody's data.
    private static func isWord(_ code: String) -> Bool {
        code.utf8.count <= 40
            && code.utf8.allSatisfy { $0 == UInt8(ascii: "_") || ($0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z")) }
    }
}

extension RingError: LocalizedError {
    /// The same as ``description``, for `localizedDescription`.
    public var errorDescription: String? { self.description }
}
