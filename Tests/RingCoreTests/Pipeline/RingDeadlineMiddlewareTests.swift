import FoundationEssentials
import RingCore
import RingTesting
import Testing

@Suite struct RingDeadlineMiddlewareTests {
    @Test func theWholeCallEndsWhenTheTimeIsUp() async throws {
        let clock = ManualClock()
        let stub = StubTransport { _ in
            try await clock.sleep(for: .seconds(3_600))
            return RingHTTPResponse(status: 200)
        }
        let pipeline = RingPipeline(stub, middlewares: [RingDeadlineMiddleware(limit: .seconds(10), clock: clock)])
        let url = try #require(URL(string: "https://api.example.test/"))
        let call = Task { try await pipeline.send(RingCall(url: url, operation: .devices)) }
        await clock.sleepers(atLeast: 2)
        clock.advance(by: .seconds(10))
        let error = await #expect(throws: RingError.self) { try await call.value }
        #expect(error?.code == .deadlineExceeded)
        #expect(error?.operation == .devices)
    }

    @Test func middlewaresBelowSeeTheDeadline() async throws {
        let clock = ManualClock()
        let stub = StubTransport(RingHTTPResponse(status: 200))
        let pipeline = RingPipeline(stub, middlewares: [RingDeadlineMiddleware(limit: .seconds(10), clock: clock)])
        let url = try #require(URL(string: "https://api.example.test/"))
        _ = try await pipeline.send(RingCall(url: url, operation: .devices))
        _ = try await pipeline.send(RingCall(url: url, operation: .clipDownload))
        #expect(stub.contexts.map(\.deadline) == [RingDeadline(uptime: .seconds(10)), nil])
    }
}
