import FoundationEssentials
import RingCore
import RingTesting
import Synchronization
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

    /// The rule that ``RingDeadline/run(_:of:_:)`` states: nothing goes on behind the caller's back.
    @Test func workThatIgnoresItsCancellationIsWaitedFor() async throws {
        let clock = ManualClock()
        let (open, gate) = AsyncStream<Void>.makeStream()
        let hasEnded = Mutex(false)
        let deadline = RingDeadline(in: .seconds(10), clock: clock)
        let call = Task {
            try await deadline.run(clock, of: .devices) {
                // A task of its own is not cancelled with this one.
                await Task { for await _ in open {} }.value
                hasEnded.withLock { $0 = true }
                throw CancellationError()
            }
        }
        await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(10))
        await clock.quiet()
        gate.finish()
        let error = await #expect(throws: RingError.self) { try await call.value }
        #expect(error?.code == .deadlineExceeded)
        #expect(hasEnded.withLock { $0 })
    }

    /// A response may hold new tokens, so a result that is there is returned although the time is up.
    @Test func aResultThatComesTooLateIsReturned() async throws {
        let clock = ManualClock()
        let deadline = RingDeadline(in: .seconds(10), clock: clock)
        let (open, gate) = AsyncStream<Void>.makeStream()
        let call = Task {
            try await deadline.run(clock, of: .devices) {
                await Task { for await _ in open {} }.value
                return "tokens"
            }
        }
        await clock.sleepers(atLeast: 1)
        clock.advance(by: .seconds(11))
        await clock.quiet()
        gate.finish()
        #expect(try await call.value == "tokens")
    }

    @Test func nothingBeginsAfterTheDeadline() async throws {
        let clock = ManualClock()
        let deadline = RingDeadline(in: .seconds(1), clock: clock)
        clock.advance(by: .seconds(1))
        let error = await #expect(throws: RingError.self) {
            try await deadline.run(clock, of: .devices) { Issue.record("it began") }
        }
        #expect(error?.code == .deadlineExceeded && error?.operation == .devices)
        #expect(deadline.remaining(clock) == .zero)
    }
}
