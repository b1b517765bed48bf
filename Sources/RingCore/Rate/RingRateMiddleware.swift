/// Sends a request when the rate budget allows, and lets the budget learn from the response.
///
/// Requests that do not count against the client id's limit – the pre-signed media origin – pass at once.
package struct RingRateMiddleware: RingMiddleware {
    private let budget: any RingRateBudget
    private let environment: RingEnvironment

    /// Creates the middleware that waits for the rate budget.
    ///
    /// - Parameters:
    ///   - budget: Shared by all accounts of the client id.
    ///   - environment: The clock that `Retry-After` dates are compared with.
    package init(budget: any RingRateBudget, environment: RingEnvironment) {
        self.budget = budget
        self.environment = environment
    }

    /// Waits for the budget, sends, and reports the response.
    ///
    /// - Throws: What the budget or `next` throws.
    package func intercept(
        _ request: RingHTTPRequest, context: RingRequestContext, next: Next
    ) async throws -> RingHTTPResponse {
        guard context.operation.countsAgainstRateLimit else { return try await next(request, context) }
        try await self.admit(context)
        let response = try await next(request, context)
        let fields = response.headerFields
        let decision = RingRateDecision(
            isLimited: response.status == 429, limit: Self.number(fields[.rateLimitLimit]),
            remaining: Self.number(fields[.rateLimitRemaining]),
            retryAfter: RingRetryAfter.parse(fields, now: self.environment.clock.now()))
        if decision.isLimited || decision.limit != nil || decision.remaining != nil { self.budget.learn(decision) }
        return response
    }

    private static func number(_ field: String?) -> Int? { field?.trimmed.decimalNumber.map(Int.init(clamping:)) }

    private func admit(_ context: RingRequestContext) async throws {
        do { try await self.wait(context) } catch let error as RingError where error.code == .storageFailed {
            self.environment.observer.observe(
                RingRateBudgetFailed(operation: context.operation, account: context.account, failure: error))
            throw error
        }
    }

    private func wait(_ context: RingRequestContext) async throws {
        let (budget, account, priority) = (self.budget, context.account, context.priority)
        guard let deadline = context.waitingEnds, !budget.keepsDeadlines else {
            return try await budget.admit(account: account, priority: priority, deadline: context.waitingEnds)
        }
        try await deadline.run(self.environment.clock, of: context.operation) {
            try await budget.admit(account: account, priority: priority, deadline: deadline)
        }
    }
}

/// The rate budget failed, so that a request was not sent.
package struct RingRateBudgetFailed: RingObservation {
    /// `rate_budget.failed`.
    package static let name = "rate_budget.failed"
    /// What the request was for.
    package var operation: RingOperation
    /// The account it was for, if any.
    package var account: RingAccountID?
    /// What the budget's storage said.
    package var failure: RingError

    package var level: RingObservationLevel { .error }
    /// The operation, the account, and the error's code and message.
    package var attributes: [(key: String, value: String)] {
        var attributes = [(key: "operation", value: self.operation.name)]
        if let account { attributes.append(("account", account.rawValue)) }
        return attributes + [("failure", "\(self.failure.code): \(self.failure.message)")]
    }
}
