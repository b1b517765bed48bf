extension RingError {
    /// The time for the whole call is up.
    package static func deadlineExceeded(_ operation: RingOperation?, delivery: Delivery = .unknown) -> RingError {
        RingError(
            code: .deadlineExceeded,
            message: "the time allowed for the whole call is up; allow more, or look for what was slow",
            operation: operation, delivery: delivery)
    }

    /// A body exceeds its limit.
    package static func tooLarge(limit: Int) -> RingError { RingError(RingHTTPBody.tooLarge(limit)) }

    /// An argument is out of its limits; nothing was sent.
    package static func invalidArgument(_ message: String) -> RingError {
        RingError(code: .invalidArgument, message: message)
    }

    /// The one place where an error of an HTTP value becomes an error of this package.
    package init(_ error: RingHTTPError, operation: RingOperation? = nil) {
        switch error.code {
        case .bodyTooLarge:
            self.init(
                code: .responseTooLarge, message: error.message, operation: operation, delivery: .responded,
                cause: error
            )
        case .invalidPathSegment:
            self.init(code: .invalidArgument, message: error.message, operation: operation, cause: error)
        case .foreignOrigin:
            self.init(
                code: .redirectRefused, message: error.message, operation: operation, delivery: .responded, cause: error
            )
        default: self.init(code: .misconfigured, message: error.message, operation: operation, cause: error)
        }
    }

    /// This error with the operation filled in, when it had none.
    package func during(_ operation: RingOperation) -> RingError {
        guard self.operation == nil else { return self }
        var named = self
        named.operation = operation
        return named
    }
}
