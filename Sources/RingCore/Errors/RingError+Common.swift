extension RingError {
    /// The time for the whole call is up.
    package static func deadlineExceeded(_ operation: RingOperation?, delivery: Delivery = .unknown) -> RingError {
        RingError(
            code: .deadlineExceeded,
            message: "the time allowed for the whole call is up; allow more, or look for what was slow",
            operation: operation, delivery: delivery)
    }

    /// A body exceeds its cap.
    package static func tooLarge(limit: Int) -> RingError {
        RingError(
            code: .responseTooLarge,
            message: "the body is larger than the \(limit) bytes allowed; raise the cap if such an answer is expected",
            delivery: .answered)
    }

    /// An argument is out of its limits; nothing was sent.
    package static func invalidArgument(_ message: String) -> RingError {
        RingError(code: .invalidArgument, message: message)
    }

    /// This error with the operation filled in, when it had none.
    package func during(_ operation: RingOperation) -> RingError {
        guard self.operation == nil else { return self }
        var named = self
        named.operation = operation
        return named
    }
}
