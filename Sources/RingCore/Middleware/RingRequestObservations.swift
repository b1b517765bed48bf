#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A request is sent.
public struct RingRequestStarted: RingObservation {
    /// `request.started`.
    public static let name = "request.started"
    /// The operation of the request.
    package var operation: RingOperation
    /// The account on whose behalf it is sent.
    package var account: RingAccountID?
    /// The method.
    package var method: RingHTTPMethod
    /// The host, without path and query.
    package var host: String

    init(_ request: RingHTTPRequest, _ context: RingRequestContext) {
        self.operation = context.operation
        self.account = context.account
        self.method = request.method
        self.host = request.url.host() ?? ""
    }

    /// Operation, method, host and account.
    public var attributes: [(key: String, value: String)] {
        [("operation", self.operation.name), ("method", self.method.rawValue), ("host", self.host)]
            + (self.account.map { [("account", $0.rawValue)] } ?? [])
    }
}

/// A request ended, with a response or with an error. The body may still be arriving.
public struct RingRequestFinished: RingObservation {
    /// `request.finished`.
    public static let name = "request.finished"
    /// The operation of the request.
    public var operation: RingOperation
    /// The account on whose behalf it is sent.
    package var account: RingAccountID?
    /// The status; `nil` when there was no response.
    public var status: Int?
    /// Ring's name for the response.
    package var requestID: RingRequestID?
    /// The ``RingError/Code`` word when there was no response.
    public var failure: String?
    /// The time from sending to the response's header fields.
    public var duration: Duration

    /// `warning` for a failure, a 429 and a 5xx; `debug` for other responses.
    public var level: RingObservationLevel {
        self.failure != nil || (self.status ?? 0) >= 500 || self.status == 429 ? .warning : .debug
    }

    /// Operation, status or failure, duration, request id and account.
    public var attributes: [(key: String, value: String)] {
        var list = [("operation", self.operation.name)]
        if let status { list.append(("status", String(status))) }
        if let failure { list.append(("failure", failure)) }
        list.append(("ms", String(self.duration.milliseconds)))
        if let requestID { list.append(("request_id", requestID.rawValue)) }
        if let account { list.append(("account", account.rawValue)) }
        return list
    }
}

/// A request will be sent again.
public struct RingRequestRetried: RingObservation {
    /// `request.retried`.
    public static let name = "request.retried"
    /// The operation of the request.
    package var operation: RingOperation
    /// The account on whose behalf it is sent.
    package var account: RingAccountID?
    /// The number of the next attempt, from 2.
    package var attempt: Int
    /// The wait before it.
    package var wait: Duration
    /// The status or failure that is the reason.
    package var reason: String

    /// `info`.
    public var level: RingObservationLevel { .info }

    /// Operation, attempt, wait, reason and account.
    public var attributes: [(key: String, value: String)] {
        [
            ("operation", self.operation.name), ("attempt", String(self.attempt)),
            ("wait_ms", String(self.wait.milliseconds)), ("reason", self.reason),
        ] + (self.account.map { [("account", $0.rawValue)] } ?? [])
    }
}

/// An element of a document could not be read, or held something this version does not know.
public struct RingDocumentProblem: RingObservation {
    /// `document.problem`.
    public static let name = "document.problem"
    /// The operation whose response was read.
    package var operation: RingOperation?
    /// The kind: `unreadable`, `repeated_member`, `unknown_member`, `unknown_type`, `unknown_value`, `changed_form`,
    /// `list_ended_early`, `errors_beside_data`.
    public var kind: String
    /// Where, as a JSON pointer or a dotted name.
    package var path: String
    /// A short sample without anything personal, when there is one.
    package var sample: String?
    /// How often it occurred in the document.
    package var count: Int

    /// Creates the event.
    package init(operation: RingOperation?, kind: String, path: String, sample: String? = nil, count: Int = 1) {
        self.operation = operation
        self.kind = kind
        self.path = path
        self.sample = sample
        self.count = count
    }

    /// `warning` for an unreadable element, and for data that may be incomplete; `info` for an unknown one.
    public var level: RingObservationLevel {
        self.kind == "unreadable" || self.kind == "errors_beside_data" ? .warning : .info
    }

    /// Operation, kind, path, sample, and the count when it is more than one.
    public var attributes: [(key: String, value: String)] {
        (self.operation.map { [("operation", $0.name)] } ?? []) + [("kind", self.kind), ("path", self.path)]
            + (self.sample.map { [("sample", $0)] } ?? [])
            + (self.count == 1 ? [] : [("count", String(self.count))])
    }
}

extension Duration {
    /// Whole milliseconds, rounded towards zero.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = self.components
        return seconds.multipliedReportingOverflow(by: 1_000).partialValue + attoseconds / 1_000_000_000_000_000
    }
}
