/// Tells the observer of every request that really goes out, and of its answer.
public struct RingObserveMiddleware: RingMiddleware {
    private let environment: RingEnvironment

    /// Creates the layer that tells the observer.
    ///
    /// - Parameter environment: The observer to tell and the clock to measure with.
    public init(environment: RingEnvironment) { self.environment = environment }

    /// Sends, between two events.
    ///
    /// - Throws: What `next` throws.
    public func intercept(
        _ request: RingHTTPRequest, next: @Sendable (RingHTTPRequest) async throws -> RingHTTPResponse
    ) async throws -> RingHTTPResponse {
        let observer = self.environment.observer
        guard !(observer is RingSilentObserver) else { return try await next(request) }
        let start = self.environment.clock.uptime()
        observer.observe(RingRequestStarted(request))
        do {
            let response = try await next(request)
            observer.observe(
                RingRequestFinished(
                    operation: request.operation, account: request.account, status: response.status,
                    requestID: response.requestID, failure: nil, duration: self.environment.clock.uptime() - start))
            return response
        } catch {
            let failure = (error as? RingError)?.code.rawValue ?? (error is CancellationError ? "cancelled" : "other")
            observer.observe(
                RingRequestFinished(
                    operation: request.operation, account: request.account, status: nil, requestID: nil,
                    failure: failure, duration: self.environment.clock.uptime() - start))
            throw error
        }
    }
}
