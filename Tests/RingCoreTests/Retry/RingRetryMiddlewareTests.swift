import FoundationEssentials
import RingCore
import RingTesting
import Testing

@Suite struct RingRetryMiddlewareTests {
    let clock = ManualClock(autoAdvance: true)

    private func send(
        _ operation: RingOperation, policy: RingRetryPolicy = RingRetryPolicy(),
        budget: RingRetryBudget = RingRetryBudget(), deadline: RingDeadline? = nil,
        body: RingHTTPBody = .empty, through stub: StubTransport
    ) async throws -> RingHTTPResponse {
        var environment = RingEnvironment(clock: self.clock)
        environment.random = { 0 }
        let pipeline = RingPipeline(
            stub, middlewares: [RingRetryMiddleware(policy: policy, budget: budget, environment: environment)])
        let url = try #require(URL(string: "https://api.example.test/v1/devices"))
        return try await pipeline.send(
            RingCall(url: url, body: body, operation: operation, deadline: deadline))
    }

    @Test func aReadIsRepeatedWithGrowingWaits() async throws {
        let stub = StubTransport(
            RingHTTPResponse(status: 503), RingHTTPResponse(status: 500), RingHTTPResponse(status: 200))
        let response = try await self.send(.devices, through: stub)
        #expect(response.status == 200)
        #expect(stub.requests.count == 3)
        #expect(self.clock.sleeps == [.milliseconds(500), .seconds(1)])
    }

    @Test func theLastResponseIsReturnedAfterAllAttempts() async throws {
        let stub = StubTransport(RingHTTPResponse(status: 502))
        #expect(try await self.send(.devices, through: stub).status == 502)
        #expect(stub.requests.count == 3)
    }

    @Test(arguments: [RingOperation.startLive, .playChime, .tokenRefresh, .codeExchange])
    func whatHasAnEffectIsNeverRepeatedOn5xx(operation: RingOperation) async throws {
        let stub = StubTransport(RingHTTPResponse(status: 503), RingHTTPResponse(status: 200))
        #expect(try await self.send(operation, through: stub).status == 503)
        #expect(stub.requests.count == 1)
    }

    @Test(arguments: [
        (RingOperation.tokenRefresh, RingError.Delivery.unknown, 1), (.tokenRefresh, .notSent, 3),
        (.codeExchange, .notSent, 1), (.startLive, .unknown, 1), (.devices, .unknown, 3), (.endLive, .notSent, 2),
        (.endLive, .unknown, 1), (.clipDownload, .unknown, 1), (.clipRequest, .unknown, 3),
    ])
    func aBrokenConnectionIsRepeatedOnlyWhereTheTableSaysSo(
        operation: RingOperation, delivery: RingError.Delivery, attempts: Int
    ) async throws {
        let stub = StubTransport { _ in
            throw RingError(code: .connectionLost, message: "cut", delivery: delivery)
        }
        await #expect(throws: RingError.self) { try await self.send(operation, through: stub) }
        #expect(stub.requests.count == attempts)
    }

    @Test(arguments: [
        ("2", Duration.seconds(2)), ("0", .zero), ("-5", .zero), ("nan", .milliseconds(500)),
        ("inf", .milliseconds(500)), ("soon", .milliseconds(500)), ("Wed, 18 Nov 2026 11:06:50 GMT", .seconds(10)),
    ])
    func retryAfterIsBelievedWithinBounds(field: String, wait: Duration) async throws {
        let stub = StubTransport(
            RingHTTPResponse(status: 429, headerFields: [.retryAfter: field]), RingHTTPResponse(status: 200))
        _ = try await self.send(.devices, through: stub)
        #expect(self.clock.sleeps == [wait])
    }

    @Test func aLongWaitGoesBackToTheCallerWithTheTime() async throws {
        let stub = StubTransport(RingHTTPResponse(status: 429, headerFields: [.retryAfter: "86400"]))
        let response = try await self.send(.devices, through: stub)
        #expect(response.status == 429)
        #expect(stub.requests.count == 1)
        #expect(self.clock.sleeps.isEmpty)
    }

    @Test func noWaitOutlivesTheDeadline() async throws {
        let stub = StubTransport(RingHTTPResponse(status: 503, headerFields: [.retryAfter: "5"]))
        let deadline = RingDeadline(in: .seconds(3), clock: self.clock)
        #expect(try await self.send(.devices, deadline: deadline, through: stub).status == 503)
        #expect(self.clock.sleeps.isEmpty)
    }

    @Test func aStreamedBodyIsSentOnce() async throws {
        let stub = StubTransport(RingHTTPResponse(status: 503))
        let chunks = AsyncStream<[UInt8]> { $0.finish() }
        _ = try await self.send(.clipRequest, body: RingHTTPBody(streaming: chunks), through: stub)
        #expect(stub.requests.count == 1)
    }

    @Test func aFailingServiceGetsNoMoreThanTenPercentExtra() async throws {
        let stub = StubTransport(RingHTTPResponse(status: 500))
        let budget = RingRetryBudget(capacity: 20, share: 0.1)
        for _ in 0..<2_000 { _ = try await self.send(.devices, budget: budget, through: stub) }
        #expect(stub.requests.count <= 2_000 + 200 + 20)
        #expect(stub.requests.count >= 2_000 + 190)
    }
}
