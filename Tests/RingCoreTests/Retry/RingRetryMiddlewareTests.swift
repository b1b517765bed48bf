import FoundationEssentials
import RingCore
import RingTesting
import Testing

@Suite struct RingRetryMiddlewareTests {
    let clock = ManualClock(autoAdvance: true)

    private func send(
        _ operation: RingOperation, budget: RingRetryBudget = RingRetryBudget(), deadline: RingDeadline? = nil,
        body: RingHTTPBody = .empty, through stub: StubTransport
    ) async throws -> RingHTTPResponse {
        var environment = RingEnvironment(clock: self.clock)
        environment.random = { 0 }
        let pipeline = RingPipeline(
            stub, middlewares: [RingRetryMiddleware(budget: budget, environment: environment)])
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
        ("2", Duration.seconds(2)), ("0", .zero), ("-5", .milliseconds(500)), ("nan", .milliseconds(500)),
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

    /// A gateway's way to say that it does not know: repeated like a request without a response, and nothing else is.
    @Test(arguments: [408, 520, 521, 522, 523, 524, 525, 526, 527, 528, 529])
    func aStatusOfATimeoutFollowsTheAmbiguousColumn(status: Int) async throws {
        for (operation, attempts) in [
            (RingOperation.devices, 3), (.confirmLink, 3), (.clipRequest, 3), (.clipDownload, 1), (.startLive, 1),
            (.endLive, 1), (.playChime, 1), (.tokenRefresh, 1), (.codeExchange, 1), (RingOperation("x"), 1),
        ] {
            let stub = StubTransport(RingHTTPResponse(status: status))
            let response = try await self.send(operation, through: stub)
            #expect(stub.requests.count == attempts, "\(operation)")
            #expect(response.followsUnknownOutcome == (attempts > 1), "\(operation)")
            let error = await RingError.from(response, operation: operation, clock: self.clock)
            #expect(error.code == .serverFailure && error.isTransient, "\(operation)")
        }
    }

    /// RFC 8470 section 5.2: the request was not processed.
    @Test func tooEarlyFollowsTheColumnOfWhatWasNotSent() async throws {
        for (operation, attempts) in [
            (RingOperation.devices, 3), (.tokenRefresh, 3), (.codeExchange, 1), (.startLive, 1), (.endLive, 2),
        ] {
            let stub = StubTransport(RingHTTPResponse(status: 425))
            #expect(try await self.send(operation, through: stub).followsUnknownOutcome == false)
            #expect(stub.requests.count == attempts, "\(operation)")
        }
    }

    @Test(arguments: [400, 404, 407, 409, 418, 424, 426, 451, 501, 505, 511, 519, 530, 599])
    func everyOtherStatusIsFinal(status: Int) async throws {
        let stub = StubTransport(RingHTTPResponse(status: status))
        #expect(try await self.send(.devices, through: stub).status == status)
        #expect(stub.requests.count == 1)
    }

    @Test func retryAfterCountsForEveryStatusThatIsRepeated() async throws {
        let stub = StubTransport(
            RingHTTPResponse(status: 529, headerFields: [.retryAfter: "7"]),
            RingHTTPResponse(status: 503, headerFields: [.retryAfter: "3"]), RingHTTPResponse(status: 200))
        #expect(try await self.send(.devices, through: stub).status == 200)
        #expect(self.clock.sleeps == [.seconds(7), .seconds(3)])
    }

    @Test func aStreamedBodyIsSentOnce() async throws {
        let stub = StubTransport(RingHTTPResponse(status: 503))
        let chunks = AsyncStream<[UInt8]> { $0.finish() }
        _ = try await self.send(.clipRequest, body: RingHTTPBody(streaming: chunks), through: stub)
        #expect(stub.requests.count == 1)
    }

    @Test func aFailingServiceGetsNoMoreThanTenPercentExtra() async throws {
        let stub = StubTransport(RingHTTPResponse(status: 500))
        let budget = RingRetryBudget()
        for _ in 0..<2_000 { _ = try await self.send(.devices, budget: budget, through: stub) }
        #expect(stub.requests.count <= 2_000 + 200 + 20)
        #expect(stub.requests.count >= 2_000 + 190)
    }
}
