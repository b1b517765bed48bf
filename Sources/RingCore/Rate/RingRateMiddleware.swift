/// Sends a request when the rate budget allows, and lets the budget learn from the answer.
///
/// Requests that do not count against the client id's limit – the pre-signed media origin – pass at once.
public struct RingRateMiddleware: RingMiddleware {
    private let budget: any RingRateBudget
    private let environment: RingEnvironment

    /// Creates the layer that asks the rate budget.
    ///
    /// - Parameters:
    ///   - budget: Shared by all accounts of the client id.
    ///   - environment: The clock that `Retry-After` dates are compared with.
    public init(budget: any RingRateBudget, environment: RingEnvironment) {
        self.budget = budget
        self.environment = environment
    }

    /// Waits for the budget, sends, and reports the answer.
    ///
    /// - Throws: What the budget or `next` throws.
    public func intercept(
        _ request: RingHTTPRequest, next: @Sendable (RingHTTPRequest) async throws -> RingHTTPResponse
    ) async throws -> RingHTTPResponse {
        guard request.operation.kind != .presignedGet else { return try await next(request) }
        try await self.admit(request)
        let response = try await next(request)
        let fields = response.headerFields
        let answer = RingRateAnswer(
            isLimited: response.status == 429, limit: fields[.rateLimitLimit].flatMap { Int($0.trimmed) },
            remaining: fields[.rateLimitRemaining].flatMap { Int($0.trimmed) },
            retryAfter: RingRetryAfter.parse(fields[.retryAfter], now: self.environment.clock.now()))
        if answer.isLimited || answer.limit != nil || answer.remaining != nil { self.budget.learn(answer) }
        return response
    }

    private func admit(_ request: RingHTTPRequest) async throws {
        let (budget, account, priority) = (self.budget, request.account, request.priority)
        // The local budget keeps deadlines; one behind a network may hang with it.
        guard let deadline = request.deadline, !(budget is RingLocalRateBudget) else {
            return try await budget.admit(account: account, priority: priority, deadline: request.deadline)
        }
        try await deadline.run(self.environment.clock, of: request.operation) {
            try await budget.admit(account: account, priority: priority, deadline: deadline)
        }
    }
}
