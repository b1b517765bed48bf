/// Describes the failures of one exchange, in the same words for every transport.
///
/// No message has a path, a query, a header field or a library's own words about a URL: the host and numbers only.
package struct RingTransportFailure: Sendable {
    private let operation: RingOperation
    private let host: String

    /// - Parameter host: The host that the request goes to.
    package init(_ operation: RingOperation, host: String) {
        self.operation = operation
        self.host = host
    }

    /// An error with the operation of the exchange.
    package func error(
        _ reason: Reason, status: Int? = nil, delivery: RingError.Delivery, cause: (any Error)? = nil
    ) -> RingError {
        RingError(
            code: reason.code, message: reason.message, operation: self.operation, status: status, delivery: delivery,
            cause: cause)
    }

    /// A limit has passed.
    package func overdue(
        _ limit: RingHTTPExchangeProgress.Limit, _ limits: RingHTTPExchangeProgress.Limits, status: Int?,
        delivery: RingError.Delivery
    ) -> RingError {
        if limit == .deadline {
            var error = RingError.deadlineExceeded(self.operation, delivery: delivery)
            error.status = status
            return error
        }
        let what =
            switch limit {
            case .connect: "no connection to \(self.host) could be made in time"
            case .firstByte: "\(self.host) did not begin to respond in time"
            case .silence: "nothing more was received from \(self.host), or sent to it, for too long"
            default: "the exchange with \(self.host) took longer than its limit"
            }
        let milliseconds = (limits[limit] ?? 0) / 1_000_000
        return self.error(
            Reason(.timedOut, "\(what) (limit: \(milliseconds) ms); try again later, or allow more"), status: status,
            delivery: delivery)
    }

    /// The body of the response exceeds its limit.
    package func responseTooLarge(maximumBytes: Int64, status: Int?) -> RingError {
        self.error(
            Reason(
                .responseTooLarge,
                "the body is larger than the \(maximumBytes) bytes allowed; raise the transport's limit if such a "
                    + "response is expected"), status: status, delivery: .responded)
    }

    /// What the task of an exchange throws that ended with `error`.
    package func thrown(_ error: any Error) -> any Error {
        guard let error = error as? RingHTTPError else { return error }
        return self.error(
            Reason(.protocolViolation, "the response of \(self.host) cannot be used: \(error.message)"),
            delivery: .unknown, cause: error)
    }

    /// A second task reads a body.
    package func secondReader() -> RingError {
        self.error(
            Reason(.closed, "this body is already being read; a streamed body has one reader"), delivery: .responded)
    }

    /// The source of the request's body threw `error`.
    package func sourceFailed(_ error: any Error, delivery: RingError.Delivery) -> RingError {
        self.error(
            Reason(.storageFailed, "the source of the request's body failed; see the cause"), delivery: delivery,
            cause: error)
    }

    /// The source of the request's body ended early, or did not end.
    ///
    /// - Parameter supplied: How many bytes it had; `nil` for more than promised.
    package func wrongLength(promised: Int64, supplied: Int64?, delivery: RingError.Delivery) -> RingError {
        let message =
            supplied.map { "the request's body ended after \($0) of the \(promised) bytes it was said to have" }
            ?? "the request's body is longer than the \(promised) bytes it was said to have"
        return self.error(Reason(.invalidArgument, message), delivery: delivery)
    }
}

extension RingTransportFailure {
    /// What went wrong: a code and a sentence.
    package struct Reason: Sendable {
        package var code: RingError.Code
        package var message: String

        package init(_ code: RingError.Code, _ message: String) {
            self.code = code
            self.message = message
        }
    }

    package var unusableURL: Reason {
        Reason(.invalidArgument, "the HTTP library cannot use the URL; check the configured origin")
    }

    package var hostNotFound: Reason {
        Reason(.hostNotFound, "the name \(self.host) could not be resolved; check it, the network and the DNS")
    }

    package var connectionFailed: Reason {
        Reason(.connectionFailed, "no connection to \(self.host) could be made; check the network and any firewall")
    }

    package var connectionTimedOut: Reason {
        Reason(.timedOut, "no connection to \(self.host) could be made in time; check the network, or allow more")
    }

    /// The connection broke while it was made.
    package var connectionBroke: Reason {
        Reason(.connectionFailed, "the connection to \(self.host) broke while it was made")
    }

    package var closedDuringTLS: Reason {
        Reason(.connectionFailed, "\(self.host) closed the connection during the TLS handshake")
    }

    package var tlsFailed: Reason {
        Reason(.tlsFailed, "TLS with \(self.host) failed; check that the port speaks TLS 1.2 or later")
    }

    package var notHTTP: Reason {
        Reason(
            .protocolViolation,
            "the response of \(self.host) is not valid HTTP; check that the port and any proxy are right")
    }

    package var closedWithoutResponse: Reason {
        Reason(.connectionLost, "\(self.host) closed the connection without a response")
    }

    package var closedWithinHead: Reason {
        Reason(.connectionLost, "\(self.host) closed the connection before the response's header fields were complete")
    }

    package var closedWithinBody: Reason {
        Reason(.connectionLost, "\(self.host) closed the connection before the body was complete")
    }

    /// The connection broke after it was made.
    package var connectionLost: Reason {
        Reason(.connectionLost, "the connection to \(self.host) broke before the response was complete")
    }

    package var cannotInflate: Reason {
        Reason(
            .malformedResponse,
            "the body of the response from \(self.host) cannot be decompressed: it is damaged, its coding is not supported, "
                + "or bytes follow its end; look for a proxy or gateway that changes it")
    }
}

extension RingHTTPExchangeProgress.Limits {
    /// The limits of a transport or of one request, without a deadline.
    package init(_ timeouts: RingTimeouts) {
        self.init(
            connect: timeouts.connect?.clampedNanoseconds, firstByte: timeouts.firstByte?.clampedNanoseconds,
            silence: timeouts.silence?.clampedNanoseconds, total: timeouts.total?.clampedNanoseconds)
    }
}
