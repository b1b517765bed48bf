/// Tells the observer of every request that is really sent, and of its response.
package struct RingObserveMiddleware: RingMiddleware {
    private let environment: RingEnvironment
    private let clocks: RingClockComparison

    /// Creates the middleware that tells the observer.
    ///
    /// - Parameters:
    ///   - environment: The observer to tell and the clock to measure with.
    ///   - clocks: Compares the dates of responses; one for all pipelines.
    package init(environment: RingEnvironment, clocks: RingClockComparison = RingClockComparison()) {
        self.environment = environment
        self.clocks = clocks
    }

    /// Sends, between two events.
    ///
    /// - Throws: What `next` throws.
    package func intercept(
        _ request: RingHTTPRequest, context: RingRequestContext, next: Next
    ) async throws -> RingHTTPResponse {
        guard self.environment.isObserved else { return try await next(request, context) }
        let observer = self.environment.observer
        let start = self.environment.clock.uptime()
        observer.observe(RingRequestStarted(request, context))
        do {
            let response = try await next(request, context)
            self.clocks.compare(response, to: request, self.environment)
            observer.observe(
                RingRequestFinished(
                    operation: context.operation, account: context.account, status: response.status,
                    requestID: response.requestID, failure: nil, duration: self.environment.clock.uptime() - start))
            return response
        } catch {
            let failure = (error as? RingError)?.code.rawValue ?? (error is CancellationError ? "cancelled" : "other")
            observer.observe(
                RingRequestFinished(
                    operation: context.operation, account: context.account, status: nil, requestID: nil,
                    failure: failure, duration: self.environment.clock.uptime() - start))
            throw error
        }
    }
}
