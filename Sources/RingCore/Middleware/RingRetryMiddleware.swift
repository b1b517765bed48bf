/// Repeats what the operation allows to repeat (``RingRetryBehavior``), inside one deadline and one retry budget.
///
/// An attempt ends with the body of a successful response, if the operation may be repeated after an ambiguous failure and its
/// responses are documents: a body that breaks off is repeated like a head that does not arrive. Other bodies are passed on
/// while they arrive, since a caller may have got a part of them.
package struct RingRetryMiddleware: RingMiddleware {
    private let budget: RingRetryBudget
    private let environment: RingEnvironment
    private var policy: RingRetryPolicy { self.budget.policy }

    /// Creates the middleware that repeats what may be repeated.
    ///
    /// - Parameters:
    ///   - budget: Shared by everything in the process that talks to the same service, with its policy.
    ///   - environment: The clock to wait by, the observer to tell.
    package init(budget: RingRetryBudget, environment: RingEnvironment) {
        self.budget = budget
        self.environment = environment
    }

    /// How often this call was sent again.
    private struct Count {
        /// After failures.
        var repeats = 0
        /// After 429, which is no failure of an attempt: the request was not processed.
        var refusals = 0
    }

    /// The wait before a repeat.
    private struct Wait {
        var duration: Duration
        /// Whether the request goes back to the rate budget's queue after a 429.
        var isForRate = false
    }

    /// Sends, and repeats while the operation, the policy, the budget and the deadline allow.
    ///
    /// - Throws: What `next` throws on the last attempt.
    package func intercept(
        _ request: RingHTTPRequest, context: RingRequestContext, next: Next
    ) async throws -> RingHTTPResponse {
        self.budget.recordAttempt()
        var count = Count()
        var isUnknown = false
        while true {
            let outcome: Result<RingHTTPResponse, RingError>
            do {
                var response = try await next(request, context)
                if Self.includesBody(of: response, context.operation) {
                    let bytes = try await response.body.bytes(
                        upTo: self.environment.documentLimit, of: context.operation)
                    response.body = RingHTTPBody(bytes)
                }
                response.followsUnknownOutcome = isUnknown
                outcome = .success(response)
                // A gateway may say so after the service has done what was asked.
                isUnknown = isUnknown || response.status >= 500 || RingRetryBehavior.isAmbiguous(response.status)
            } catch var error as RingError {
                error.followsUnknownOutcome = isUnknown
                outcome = .failure(error)
                isUnknown = isUnknown || error.delivery != .notSent
            }
            guard request.body.bytes != nil, let wait = self.wait(after: outcome, count, context) else {
                return try outcome.get()
            }
            if wait.isForRate {
                count.refusals += 1
            } else {
                guard self.budget.takeRepeat() else { return try outcome.get() }
                count.repeats += 1
            }
            self.environment.observer.observe(
                RingRequestRetried(
                    operation: context.operation, account: context.account,
                    attempt: count.repeats + count.refusals + 1, wait: wait.duration, reason: Self.reason(outcome)))
            try await self.environment.clock.sleep(for: wait.duration)
        }
    }

    /// Whether the attempt ends with a body that has not arrived yet.
    private static func includesBody(of response: RingHTTPResponse, _ operation: RingOperation) -> Bool {
        response.body.bytes == nil && (200..<300).contains(response.status) && operation.retry.ambiguous != .never
            && operation.lane == .documents
    }

    /// How long to wait before a repeat; `nil` when this outcome is final.
    private func wait(
        after outcome: Result<RingHTTPResponse, RingError>, _ count: Count, _ context: RingRequestContext
    ) -> Wait? {
        let behavior = context.operation.retry
        let allowed: RingRetryBehavior.Repeats
        var asked: Duration?
        switch outcome {
        case .success(let response):
            guard let rule = behavior.repeats(after: response.status) else { return nil }
            allowed = rule
            asked = RingRetryAfter.parse(response.headerFields, now: self.environment.clock.now())
            if response.status == 429, context.deadline != nil {
                return self.waitForRate(asked, allowed, count, context)
            }
        case .failure(let error):
            guard Self.isNetworkFailure(error.code) else { return nil }
            allowed = error.delivery == .notSent ? behavior.notSent : behavior.ambiguous
        }
        guard count.repeats + 1 < self.policy.attempts else { return nil }
        guard allowed == .always || (allowed == .once && count.repeats == 0) else { return nil }
        return self.possible(Wait(duration: asked ?? self.backoff(count.repeats)), context)
    }

    /// The wait after a 429 before the request goes back to the queue. That paces the requests of all callers, so the waits do
    /// not grow unless the request passes the queue by.
    private func waitForRate(
        _ asked: Duration?, _ allowed: RingRetryBehavior.Repeats, _ count: Count, _ context: RingRequestContext
    ) -> Wait? {
        guard self.policy.attempts > 1, allowed == .always || (allowed == .once && count.refusals == 0) else {
            return nil
        }
        let own = self.backoff(context.operation.countsAgainstRateLimit ? 0 : count.refusals)
        // A server that asks for no wait is believed once.
        let least = count.refusals == 0 ? .zero : own
        return self.possible(Wait(duration: max(asked ?? own, least), isForRate: true), context)
    }

    private func possible(_ wait: Wait, _ context: RingRequestContext) -> Wait? {
        // A longer wait is the caller's to decide: the response goes back, with the time in it.
        guard wait.duration <= self.policy.longestWait else { return nil }
        if let end = context.waitingEnds, end.remaining(self.environment.clock) <= wait.duration { return nil }
        return wait
    }

    private func backoff(_ index: Int) -> Duration {
        self.policy.backoff(index, random: self.environment.randomUnit())
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
