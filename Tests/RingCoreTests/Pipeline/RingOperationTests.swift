import RingCore
import Testing

@Suite struct RingOperationTests {
    @Test func theDefaultsAreSafeForARequestThatChangesSomething() {
        let operation = RingOperation("application.change")
        #expect(operation.carriesAccessToken && operation.countsAgainstRateLimit)
        #expect(operation.lane == .documents)
        #expect(operation.retry == .whenNotSent)
        #expect(operation.retry.tokenRefusals == [401])
        #expect(operation.retry.rateLimited == .always && operation.retry.notSent == .always)
        #expect(operation.retry.serverFailure == .never && operation.retry.ambiguous == .never)
        #expect(operation.redaction.quotesResponses)
    }

    @Test func operationsAreComparedByName() {
        #expect(RingOperation("a") == RingOperation("a", retry: .never, lane: .media))
        #expect(RingOperation("a") != RingOperation("b"))
        #expect(Set([RingOperation("a"), RingOperation("a", retry: .idempotent)]).count == 1)
        #expect("\(RingOperation("a"))" == "a")
    }
}
