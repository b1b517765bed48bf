/// Gives every call one deadline over token, waits, retries and body together.
public struct RingDeadlineMiddleware: RingMiddleware {
    private let limit: Duration?
    private let clock: any RingClock
    private let isKeptBelow: Bool

    /// Creates the layer that limits a call as a whole.
    ///
    /// - Parameters:
    ///   - limit: The time for a call that brings no deadline of its own; `nil` for none.
    ///   - clock: The source of time.
    ///   - isKeptBelow: Whether every layer below ends by the request's deadline itself, as the layers of this package and
    ///     a transport with ``RingTransport/keepsDeadlines`` do.
    public init(limit: Duration?, clock: any RingClock, isKeptBelow: Bool = false) {
        self.limit = limit
        self.clock = clock
        self.isKeptBelow = isKeptBelow
    }

    /// Runs the layers below, and ends them when the time is up.
    ///
    /// - Throws: `RingError` with ``RingError/Code/deadlineExceeded`` when the time is up; what `next` throws.
    public func intercept(
        _ request: RingHTTPRequest, next: @Sendable (RingHTTPRequest) async throws -> RingHTTPResponse
    ) async throws -> RingHTTPResponse {
        var request = request
        if request.deadline == nil, let limit, request.operation.kind != .presignedGet {
            request.deadline = RingDeadline(in: limit, clock: self.clock)
        }
        guard let deadline = request.deadline else { return try await next(request) }
        let bounded = request
        if self.isKeptBelow {
            guard deadline.remaining(self.clock) > .zero else { throw RingError.deadlineExceeded(request.operation) }
            return try await next(bounded)
        }
        return try await withoutActuallyEscaping(next) { next in
            try await deadline.run(self.clock, of: bounded.operation) { try await next(bounded) }
        }
    }
}
