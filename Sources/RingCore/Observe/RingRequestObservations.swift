#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A request goes out.
public struct RingRequestStarted: RingObservation {
    /// `request.started`.
    public static let name = "request.started"
    /// What it is for.
    public var operation: RingOperation
    /// On whose behalf.
    public var account: RingAccountID?
    /// The method.
    public var method: RingHTTPMethod
    /// The host, without path and query.
    public var host: String

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

/// A request ended, with an answer or without. The body may still be arriving.
public struct RingRequestFinished: RingObservation {
    /// `request.finished`.
    public static let name = "request.finished"
    /// What it was for.
    public var operation: RingOperation
    /// On whose behalf.
    public var account: RingAccountID?
    /// The status; `nil` when no answer came.
    public var status: Int?
    /// Ring's name for the answer.
    public var requestID: RingRequestID?
    /// The ``RingError/Code`` word when no answer came.
    public var failure: String?
    /// From sending to the answer's header fields.
    public var duration: Duration

    /// A failure is worth a warning, an answer is detail.
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
    /// What it is for.
    public var operation: RingOperation
    /// On whose behalf.
    public var account: RingAccountID?
    /// The number of the attempt that comes, from 2.
    public var attempt: Int
    /// The wait before it.
    public var wait: Duration
    /// The status or failure that is the reason.
    public var reason: String

    /// Worth a line.
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
    /// What was being read.
    public var operation: RingOperation?
    /// The kind: `unreadable`, `repeated_member`, `unknown_member`, `unknown_type`, `unknown_value`, `changed_form`,
    /// `list_ended_early`.
    public var kind: String
    /// Where, as a JSON pointer or a dotted name.
    public var path: String
    /// A short sample without anything personal, when there is one.
    public var sample: String?
    /// How often it came up in the document.
    public var count: Int

    /// Creates the event.
    public init(operation: RingOperation?, kind: String, path: String, sample: String? = nil, count: Int = 1) {
        self.operation = operation
        self.kind = kind
        self.path = path
        self.sample = sample
        self.count = count
    }

    /// An unreadable element is worth a warning, an unknown one a line.
    public var level: RingObservationLevel { self.kind == "unreadable" ? .warning : .info }

    /// Operation, kind, path, sample, and the count when it came up more than once.
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
