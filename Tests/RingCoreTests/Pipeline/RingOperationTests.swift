import FoundationEssentials
import RingCore
import RingTesting
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

    /// An application's own request may carry secrets that only the application knows.
    @Test func anOperationOfTheApplicationNamesItsSecrets() async throws {
        let operation = RingOperation("locks.open", secrets: { request in [request.headerFields["X-Pin"] ?? ""] })
        let url = try #require(URL(string: "https://api.example.test/v1"))
        let call = RingCall(
            url: url, headerFields: ["X-Pin": "hunter2hunter2", .authorization: "Bearer token-of-the-account"],
            operation: operation)
        for (status, id) in [(403, "abc"), (200, "id-hunter2hunter2"), (200, "HUNTER2-hunter2")] {
            let stub = StubTransport(
                .json(
                    #"{"errors":[{"detail":"hunter2hunter2 and token-of-the-account are wrong"}]}"#, status: status,
                    headerFields: [.requestID: id]))
            let response = try await RingPipeline(stub, middlewares: []).send(call)
            #expect(response.requestID?.rawValue == (status == 403 ? "abc" : nil))
            guard status == 403 else { continue }
            let error = await RingError.from(response, operation: operation, clock: ManualClock())
            #expect(error.description.contains("… and … are wrong"))
        }
        #expect(RingOperation("plain").redaction.secrets(call.request).isEmpty)
    }
}
