import FoundationEssentials
import RingCore
import RingTesting
import Synchronization
import Testing

/// What an observer hears of requests, in order and with every fact.
@Suite struct RingObserveMiddlewareTests {
    private let observer = RecordingObserver()

    private func facts() -> [String] {
        self.observer.all.map { event in
            "\(event.name) \(event.level) "
                + event.attributes.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        }
    }

    private func send(_ transport: StubTransport, operation: RingOperation = .devices) async throws -> Int {
        var environment = RingEnvironment(clock: ManualClock(autoAdvance: true), observer: self.observer)
        environment.random = { 0 }
        let shared = RingSharedPipeline(transport: transport, callLimit: nil, environment: environment)
        let url = try #require(URL(string: "https://api.example.test/v1/devices?token=s3cr3t"))
        let pipeline = shared.pipeline(tokens: RingFixedToken(RingAccessToken("token-s3cr3t")), origin: url)
        return try await pipeline.send(RingCall(url: url, operation: operation, account: "a-1")).status
    }

    @Test func everyAttemptStartsAndEndsAndEveryRepeatIsTold() async throws {
        let stub = StubTransport(
            RingHTTPResponse(status: 503, headerFields: [.requestID: "r-1"]),
            RingHTTPResponse(status: 429, headerFields: [.retryAfter: "3"]), RingHTTPResponse(status: 200))
        #expect(try await self.send(stub) == 200)
        #expect(
            self.facts() == [
                "request.started debug operation=devices.list method=GET host=api.example.test account=a-1",
                "request.finished warning operation=devices.list status=503 ms=0 request_id=r-1 account=a-1",
                "request.retried info operation=devices.list attempt=2 wait_ms=500 reason=status 503 account=a-1",
                "request.started debug operation=devices.list method=GET host=api.example.test account=a-1",
                "request.finished warning operation=devices.list status=429 ms=0 account=a-1",
                "request.retried info operation=devices.list attempt=3 wait_ms=3000 reason=status 429 account=a-1",
                "request.started debug operation=devices.list method=GET host=api.example.test account=a-1",
                "request.finished debug operation=devices.list status=200 ms=0 account=a-1",
            ])
        #expect(!self.observer.transcript.contains("s3cr3t"))
    }

    @Test func aRequestWithoutAResponseFinishesWithTheFailure() async throws {
        let stub = StubTransport { _ in
            throw RingError(code: .connectionLost, message: "cut", delivery: .unknown)
        }
        await #expect(throws: RingError.self) { try await self.send(stub, operation: .playChime) }
        #expect(
            self.facts() == [
                "request.started debug operation=chime.play method=GET host=api.example.test account=a-1",
                "request.finished warning operation=chime.play failure=connection_lost ms=0 account=a-1",
            ])
    }

    @Test func aCancelledRequestFinishesToo() async throws {
        let stub = StubTransport { _ in throw CancellationError() }
        await #expect(throws: CancellationError.self) { try await self.send(stub) }
        #expect(self.observer.events(RingRequestFinished.self).map(\.failure) == ["cancelled"])
    }

    /// Adapters make dictionaries of them, and most of those trap on a key that comes twice.
    @Test func noEventHasTwoFactsOfOneName() async throws {
        _ = try await self.send(StubTransport(RingHTTPResponse(status: 503)))
        for event in self.observer.all {
            #expect(Set(event.attributes.map(\.key)).count == event.attributes.count)
        }
    }

    /// A clock that is wrong is named, and not for every response.
    @Test func aDateThatDiffersFromTheClockIsReported() async throws {
        let clock = ManualClock()
        let observer = RecordingObserver()
        let dates = Mutex<[RingHTTPFields]>([])
        let transport = StubTransport { _ in
            RingHTTPResponse(status: 200, headerFields: dates.withLock { $0.removeFirst() })
        }
        let shared = RingSharedPipeline(
            transport: transport, environment: RingEnvironment(clock: clock, observer: observer))
        func send(_ fields: RingHTTPFields) async throws -> [String] {
            dates.withLock { $0 = [fields] }
            let pipeline = shared.pipelineWithoutAccessToken()
            let request = RingHTTPRequest(url: try #require(URL(string: "https://api.example/v1/x?secret=1")))
            _ = try await pipeline.send(request, for: RingOperation("test", carriesAccessToken: false))
            return observer.all.filter { $0.name == "clock.differs" }.map { "\($0.level) \($0.attributes)" }
        }
        func date(_ offset: Double) -> String { RingHTTPDate.format(clock.now() + offset) }
        for fields in [
            [:], ["Date": date(0)], ["Date": date(59)], ["Date": date(-59)], ["Date": "soon"],
            ["Date": date(-3_600), "Age": "3600"],
        ] as [RingHTTPFields] {
            #expect(try await send(fields).isEmpty, "\(fields)")
        }
        let first = try await send(["Date": date(3_600)])
        #expect(first == [#"warning [(key: "host", value: "api.example"), (key: "ahead_ms", value: "3600000")]"#])
        #expect(try await send(["Date": date(3_600)]).count == 1)
        clock.advance(by: .seconds(600))
        #expect(try await send(["Date": date(-120)]).last?.contains("-120000") == true)
    }
}
