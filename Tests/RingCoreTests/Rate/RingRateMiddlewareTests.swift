import FoundationEssentials
import RingCore
import RingTesting
import Synchronization
import Testing

/// The calls of the rate middleware to a budget, here one of the application's own, such as one over a shared store.
@Suite struct RingRateMiddlewareTests {
    private final class SharedBudget: RingRateBudget {
        let admitted = Mutex<[(RingAccountID?, RingPriority, RingDeadline?)]>([])
        let learned = Mutex<[RingRateDecision]>([])
        func admit(account: RingAccountID?, priority: RingPriority, deadline: RingDeadline?) async throws {
            self.admitted.withLock { $0.append((account, priority, deadline)) }
        }
        func learn(_ decision: RingRateDecision) { self.learned.withLock { $0.append(decision) } }
    }

    private let budget = SharedBudget()

    private func send(
        _ response: RingHTTPResponse, operation: RingOperation = .devices, account: RingAccountID? = nil,
        priority: RingPriority = .normal, deadline: RingDeadline? = nil
    ) async throws {
        let shared = RingSharedPipeline(
            transport: StubTransport(response), rateBudget: self.budget, retryPolicy: RingRetryPolicy(attempts: 1),
            callLimit: nil, environment: RingEnvironment(clock: ManualClock()))
        let url = try #require(URL(string: "https://api.example.test/v1/devices"))
        let pipeline = shared.pipeline(tokens: RingFixedToken(RingAccessToken("token")), origin: url)
        _ = try await pipeline.send(
            RingCall(
                url: url, operation: operation, account: account, priority: priority, deadline: deadline))
    }

    @Test func asksOnBehalfOfTheAccountWithPriorityAndDeadline() async throws {
        let deadline = RingDeadline(uptime: .seconds(10))
        try await self.send(
            RingHTTPResponse(status: 200), account: "a", priority: .background, deadline: deadline)
        let asked = self.budget.admitted.withLock { $0 }
        #expect(asked.count == 1)
        #expect(asked.first?.0 == "a" && asked.first?.1 == .background && asked.first?.2 == deadline)
        #expect(self.budget.learned.withLock { $0 }.isEmpty)
    }

    @Test func reportsTheLimitThatTheResponseNames() async throws {
        try await self.send(
            RingHTTPResponse(status: 200, headerFields: [.rateLimitLimit: " 100", .rateLimitRemaining: "7 "]))
        try await self.send(RingHTTPResponse(status: 429, headerFields: [.retryAfter: "2"]))
        try await self.send(RingHTTPResponse(status: 429))
        try await self.send(
            RingHTTPResponse(status: 200, headerFields: [.rateLimitLimit: "many", .rateLimitRemaining: "0x7"]))
        #expect(
            self.budget.learned.withLock { $0 } == [
                RingRateDecision(isLimited: false, limit: 100, remaining: 7),
                RingRateDecision(isLimited: true, retryAfter: .seconds(2)), RingRateDecision(isLimited: true),
            ])
    }

    @Test func theMediaOriginIsNotCounted() async throws {
        try await self.send(
            RingHTTPResponse(status: 200, headerFields: [.rateLimitRemaining: "0"]), operation: .clipDownload)
        #expect(self.budget.admitted.withLock { $0 }.isEmpty)
        #expect(self.budget.learned.withLock { $0 }.isEmpty)
    }

    /// Every attempt counts at Ring, so every attempt asks.
    @Test func aRepeatAsksAgain() async throws {
        let shared = RingSharedPipeline(
            transport: StubTransport(RingHTTPResponse(status: 503)), rateBudget: self.budget, callLimit: nil,
            environment: RingEnvironment(clock: ManualClock(autoAdvance: true)))
        let url = try #require(URL(string: "https://api.example.test/v1/devices"))
        let pipeline = shared.pipeline(tokens: RingFixedToken(RingAccessToken("token")), origin: url)
        _ = try await pipeline.send(RingCall(url: url, operation: .devices))
        #expect(self.budget.admitted.withLock { $0.count } == 3)
    }
}
