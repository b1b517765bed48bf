/// Gives every call one deadline over token, waits, retries and body together.
package struct RingDeadlineMiddleware: RingMiddleware {
    private let limit: Duration?
    private let clock: any RingClock
    private let isKeptBelow: Bool

    /// Creates the middleware that limits a call as a whole.
    ///
    /// - Parameters:
    ///   - limit: The time for a call that brings no deadline of its own; `nil` for none.
    ///   - clock: The source of time.
    ///   - isKeptBelow: Whether the remaining middleware and the transport end by the deadline themselves, as the middleware
    ///     of this package and a transport with ``RingTransport/keepsDeadlines`` do.
    package init(limit: Duration?, clock: any RingClock, isKeptBelow: Bool = false) {
        self.limit = limit
        self.clock = clock
        self.isKeptBelow = isKeptBelow
    }

    /// Runs the remaining middleware, and ends it when the time is up.
    ///
    /// - Throws: `RingError` with ``RingError/Code/deadlineExceeded`` when the time is up; what `next` throws.
    package func intercept(
        _ request: RingHTTPRequest, context: RingRequestContext, next: Next
    ) async throws -> RingHTTPResponse {
        var context = context
        if context.deadline == nil, let limit, context.operation.lane == .documents {
            context.deadline = RingDeadline(in: limit, clock: self.clock)
        }
        guard let deadline = context.deadline else { return try await next(request, context) }
        let bounded = context
        if self.isKeptBelow {
            guard deadline.remaining(self.clock) > .zero else { throw RingError.deadlineExceeded(context.operation) }
            return try await next(request, bounded)
        }
        return try await withoutActuallyEscaping(next) { next in
            try await deadline.run(self.clock, of: bounded.operation) { try await next(request, bounded) }
        }
    }
}
