import FoundationEssentials
import RingCore
import RingTesting
import Testing

/// The standard pipeline over a transport that ends by the deadline itself, so that no timer runs beside the call.
@Suite struct RingKeptDeadlineTests {
    /// Responds at once, unless the deadline has passed.
    private struct PunctualTransport: RingTransport {
        var keepsDeadlines: Bool { true }
        func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
            RingHTTPResponse(status: 200)
        }
    }

    /// A token that does not come while anybody waits for it.
    private struct StuckTokens: RingTokenProvider {
        let clock: ManualClock
        func accessToken() async throws -> RingAccessToken {
            try await self.clock.sleep(for: .seconds(3_600))
            return RingAccessToken("late")
        }
        func accessToken(replacing refused: RingAccessToken) async throws -> RingAccessToken {
            try await self.accessToken()
        }
    }

    /// A budget behind a network that hangs.
    private struct StuckBudget: RingRateBudget {
        let clock: ManualClock
        func admit(account: RingAccountID?, priority: RingPriority, deadline: RingDeadline?) async throws {
            try await self.clock.sleep(for: .seconds(3_600))
        }
        func learn(_ decision: RingRateDecision) {}
    }

    private func endsInTime(
        _ clock: ManualClock, tokens: any RingTokenProvider, budget: (any RingRateBudget)? = nil
    ) async throws {
        let origin = try #require(URL(string: "https://api.example.test"))
        let shared = RingSharedPipeline(
            transport: PunctualTransport(), rateBudget: budget, callLimit: .seconds(10),
            environment: RingEnvironment(clock: clock))
        let pipeline = shared.pipeline(tokens: tokens, origin: origin)
        let call = Task { try await pipeline.send(RingCall(url: origin, operation: .devices)) }
        await clock.sleepers(atLeast: 2)
        clock.advance(by: .seconds(10))
        let error = await #expect(throws: RingError.self) { try await call.value }
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.operation == .devices)
    }

    @Test func aTokenThatDoesNotComeEndsTheCallInTime() async throws {
        let clock = ManualClock()
        try await self.endsInTime(clock, tokens: StuckTokens(clock: clock))
    }

    @Test func aBudgetThatHangsEndsTheCallInTime() async throws {
        let clock = ManualClock()
        let tokens = RingFixedToken(RingAccessToken("token"))
        try await self.endsInTime(clock, tokens: tokens, budget: StuckBudget(clock: clock))
    }

    @Test func aTokenThatIsThereNeedsNoTimer() async throws {
        let clock = ManualClock()
        let origin = try #require(URL(string: "https://api.example.test"))
        let shared = RingSharedPipeline(
            transport: PunctualTransport(), callLimit: .seconds(10), environment: RingEnvironment(clock: clock))
        let pipeline = shared.pipeline(tokens: RingFixedToken(RingAccessToken("token")), origin: origin)
        #expect(try await pipeline.send(RingCall(url: origin, operation: .devices)).status == 200)
        let late = RingCall(url: origin, operation: .devices, deadline: RingDeadline(uptime: .zero))
        let error = await #expect(throws: RingError.self) { try await pipeline.send(late) }
        #expect(error?.code == .deadlineExceeded)
    }
}
