/// Repeats what the operation allows to repeat (``RingRetryBehavior``), inside one deadline and one retry budget.
package struct RingRetryMiddleware: RingMiddleware {
    private let policy: RingRetryPolicy
    private let budget: RingRetryBudget
    private let environment: RingEnvironment

    /// Creates the middleware that repeats what may be repeated.
    ///
    /// - Parameters:
    ///   - policy: How often and after which waits.
    ///   - budget: Shared by everything in the process that talks to the same service.
    ///   - environment: The clock to wait by, the observer to tell.
    package init(policy: RingRetryPolicy, budget: RingRetryBudget, environment: RingEnvironment) {
        self.policy = policy
        self.budget = budget
        self.environment = environment
    }

    /// Sends, and repeats while the operation, the policy, the budget and the deadline allow.
    ///
    /// - Throws: What `next` throws on the last attempt.
    package func intercept(
        _ request: RingHTTPRequest, context: RingRequestContext, next: Next
    ) async throws -> RingHTTPResponse {
        let behavior = context.operation.retry
        self.budget.recordAttempt()
        var repeats = 0
        var isUnknown = false
        while true {
            let outcome: Result<RingHTTPResponse, RingError>
            do {
                var response = try await next(request, context)
                response.followsUnknownOutcome = isUnknown
                outcome = .success(response)
                // A gateway may say so after the service has done what was asked.
                isUnknown = isUnknown || response.status >= 500
            } catch var error as RingError {
                error.followsUnknownOutcome = isUnknown
                outcome = .failure(error)
                isUnknown = isUnknown || error.delivery != .notSent
            }
            guard
                let wait = self.wait(
                    after: outcome, behavior: behavior, repeats: repeats, request: request, context: context),
                self.budget.takeRepeat()
            else { return try outcome.get() }
            repeats += 1
            self.environment.observer.observe(
                RingRequestRetried(
                    operation: context.operation, account: context.account, attempt: repeats + 1, wait: wait,
                    reason: Self.reason(outcome)))
            try await self.environment.clock.sleep(for: wait)
        }
    }

    /// How long to wait before a repeat; `nil` when this outcome is final.
    private func wait(
        after outcome: Result<RingHTTPResponse, RingError>, behavior: RingRetryBehavior, repeats: Int,
        request: RingHTTPRequest, context: RingRequestContext
    ) -> Duration? {
        guard repeats + 1 < self.policy.attempts, request.body.bytes != nil else { return nil }
        let allowed: RingRetryBehavior.Repeats
        var asked: Duration?
        switch outcome {
        case .success(let response):
            switch response.status {
            case 429: allowed = behavior.rateLimited
            case 500, 502, 503, 504: allowed = behavior.serverFailure
            default: return nil
            }
            asked = RingRetryAfter.parse(response.headerFields[.retryAfter], now: self.environment.clock.now())
        case .failure(let error):
            guard Self.isNetworkFailure(error.code) else { return nil }
            allowed = error.delivery == .notSent ? behavior.notSent : behavior.ambiguous
        }
        guard allowed == .always || (allowed == .once && repeats == 0) else { return nil }
        let wait = asked ?? self.policy.backoff(repeats, random: self.environment.randomUnit())
        // A longer wait is the caller's to decide: the response goes back, with the time in it.
        guard wait <= self.policy.longestWait else { return nil }
        if let deadline = context.deadline, deadline.remaining(self.environment.clock) <= wait { return nil }
        return wait
    }

    private static func isNetworkFailure(_ code: RingError.Code) -> Bool {
        switch code {
        case .hostNotFound, .connectionFailed, .connectionLost, .timedOut, .protocolViolation: return true
        default: return false
        }
    }

    private static func reason(_ outcome: Result<RingHTTPResponse, RingError>) -> String {
        switch outcome {
        case .success(let response): return "status \(response.status)"
        case .failure(let error): return error.code.rawValue
        }
    }
}
