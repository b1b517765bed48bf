#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What all accounts of one client id share below their tokens: the transport, the limits, the budgets.
public struct RingSharedPipeline: Sendable {
    /// Sends in the end.
    package var transport: any RingTransport
    /// The rate budget of the client id.
    package var rateBudget: any RingRateBudget
    /// The retry budget of the process, with the policy.
    package let retryBudget: RingRetryBudget
    /// The time for a call that brings no deadline of its own.
    package var callLimit: Duration?
    /// The clock, the observer and the caps. With the retry budget, for the features.
    package var environment: RingEnvironment
    /// Middleware of the application, outside all other.
    package var middlewares: [any RingMiddleware]
    private let clocks = RingClockComparison()

    /// Creates the shared part.
    public init(
        transport: any RingTransport, rateBudget: (any RingRateBudget)? = nil,
        retryPolicy: RingRetryPolicy = RingRetryPolicy(),
        callLimit: Duration? = .seconds(60), environment: RingEnvironment = RingEnvironment(),
        middlewares: [any RingMiddleware] = []
    ) {
        self.transport = transport
        self.rateBudget = rateBudget ?? RingLocalRateBudget(clock: environment.clock)
        let retryBudget = RingRetryBudget(retryPolicy)
        self.retryBudget = retryBudget
        self.callLimit = callLimit
        self.environment = environment
        self.environment.retryBudget = retryBudget
        self.middlewares = middlewares
    }

    /// The pipeline of one account: `Deadline → Retry → Authorize → RateBudget → Observe → transport`.
    public func pipeline(tokens: any RingTokenProvider, origin: URL) -> any RingTransport {
        self.pipeline(authorize: [
            RingAuthorizeMiddleware(tokens: tokens, origin: origin, clock: self.environment.clock)
        ])
    }

    /// The pipeline of calls that carry no access token: the token endpoint, and the pre-signed media origin.
    public func pipelineWithoutAccessToken() -> any RingTransport { self.pipeline(authorize: []) }

    private func pipeline(authorize: [any RingMiddleware]) -> RingPipeline {
        RingPipeline(
            self.transport,
            middlewares: self.middlewares + [
                RingDeadlineMiddleware(
                    limit: self.callLimit, clock: self.environment.clock, isKeptBelow: self.transport.keepsDeadlines),
                RingRetryMiddleware(budget: self.retryBudget, environment: self.environment),
            ] + authorize + [
                RingRateMiddleware(budget: self.rateBudget, environment: self.environment),
                RingObserveMiddleware(environment: self.environment, clocks: self.clocks),
            ])
    }
}
