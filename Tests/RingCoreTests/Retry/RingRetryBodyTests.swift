import FoundationEssentials
import RingCore
import RingJSONAPI
import RingTesting
import Synchronization
import Testing

/// The body is a part of the attempt: what breaks off is repeated, within the limits of the call.
@Suite(.timeLimit(.minutes(1))) struct RingRetryBodyTests {
    private let clock = ManualClock(autoAdvance: true)

    private static let document = #"{"data":[]}"#

    /// A body that has a beginning, and fails, stalls or ends.
    private static func body(_ text: String, failing error: (any Error)? = nil) -> RingHTTPBody {
        RingHTTPBody(
            streaming: AsyncThrowingStream<[UInt8], any Error> { continuation in
                if !text.isEmpty { continuation.yield(Array(text.utf8)) }
                continuation.finish(throwing: error)
            })
    }

    private static func error(
        _ code: RingError.Code, _ delivery: RingError.Delivery = .unknown
    ) -> RingError { RingError(code: code, message: "broken", delivery: delivery) }

    /// A client whose first responses have these bodies; the last one repeats.
    private func client(
        _ stub: StubTransport, policy: RingRetryPolicy = RingRetryPolicy(), callLimit: Duration? = nil,
        documentLimit: Int = 1_000
    ) throws -> RingAPIClient {
        let url = try #require(URL(string: "https://api.example.test"))
        let shared = RingSharedPipeline(
            transport: stub, retryPolicy: policy, callLimit: callLimit,
            environment: RingEnvironment(clock: self.clock, documentLimit: documentLimit))
        return RingAPIClient(
            baseURL: url,
            transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken("token-of-the-account")), origin: url),
            environment: shared.environment)
    }

    private func bodies(_ bodies: (@Sendable () -> RingHTTPBody)..., status: Int = 200) -> StubTransport {
        let next = Mutex(0)
        return StubTransport { _ in
            let index = next.withLock { index in
                defer { index += 1 }
                return min(index, bodies.count - 1)
            }
            return RingHTTPResponse(status: status, body: bodies[index]())
        }
    }

    @Test(
        arguments: [
            ("", RingError.Code.connectionLost), (#"{"da"#, .connectionLost), ("", .timedOut), ("{", .timedOut),
        ])
    func aReadWhoseBodyBreaksIsRepeated(beginning: String, code: RingError.Code) async throws {
        let broken = Self.error(code)
        let stub = self.bodies(
            { Self.body(beginning, failing: broken) }, { Self.body(beginning, failing: broken) },
            { Self.body(Self.document) })
        let client = try self.client(stub)
        let document = try await client.document(client.request(path: ["v1", "devices"]), for: .devices)
        #expect(document.resources.isEmpty)
        #expect(stub.requests.count == 3)
        #expect(self.clock.sleeps.count == 2)
    }

    @Test func theLastErrorIsThrownAfterAllAttempts() async throws {
        let stub = self.bodies({ Self.body("{", failing: Self.error(.connectionLost)) })
        let client = try self.client(stub)
        let error = await #expect(throws: RingError.self) {
            try await client.json(client.request(path: ["v1", "devices"]), for: .devices)
        }
        #expect(error?.code == .connectionLost && error?.operation == .devices)
        #expect(stub.requests.count == 3)
    }

    /// The POST of a link may be repeated, and the second refusal of its nonce then proves nothing.
    @Test func aChangeThatMayBeRepeatedRemembersThatItMayHaveHappened() async throws {
        let number = Mutex(0)
        let stub = StubTransport { _ in
            number.withLock { $0 += 1 }
            guard number.withLock({ $0 }) == 1 else { return RingHTTPResponse(status: 400) }
            return RingHTTPResponse(status: 200, body: Self.body("{", failing: Self.error(.connectionLost)))
        }
        let client = try self.client(stub)
        let error = await #expect(throws: RingError.self) {
            try await client.send(client.request(.post, path: ["v1"], json: .object([])), for: .confirmLink)
        }
        #expect(error?.status == 400 && error?.followsUnknownOutcome == true)
        #expect(stub.requests.count == 2)
    }

    @Test(arguments: [
        RingOperation.startLive, .playChime, .endLive, .tokenRefresh, .codeExchange, RingOperation("own"),
    ])
    func whatMayHaveHadItsEffectIsNotRepeated(operation: RingOperation) async throws {
        let stub = self.bodies({ Self.body("{", failing: Self.error(.connectionLost)) })
        let client = try self.client(stub)
        let response = try await client.send(client.request(.post, path: ["v1"], json: .object([])), for: operation)
        await #expect(throws: RingError.self) { try await response.body.collect(upTo: 100) }
        #expect(stub.requests.count == 1)
    }

    /// A caller has got a part of such a body: it is passed on while it arrives.
    @Test func mediaIsNotReadAhead() async throws {
        let stub = self.bodies({ Self.body("abc", failing: Self.error(.connectionLost)) })
        let client = try self.client(stub)
        let response = try await client.send(client.request(path: ["v1"]), for: .testMediaRequest)
        #expect(response.body.bytes == nil)
        var iterator = response.body.makeAsyncIterator()
        #expect(try await iterator.next() == Array("abc".utf8))
        #expect(stub.requests.count == 1)
    }

    /// The status is the outcome, and it is known.
    @Test func anErrorStatusIsNotRepeatedForItsBody() async throws {
        let stub = self.bodies({ Self.body("{", failing: Self.error(.connectionLost)) }, status: 404)
        let client = try self.client(stub)
        let error = await #expect(throws: RingError.self) {
            try await client.json(client.request(path: ["v1", "devices", "a"]), for: .device)
        }
        #expect(error?.code == .deviceNotFound)
        #expect(stub.requests.count == 1)
    }

    @Test(arguments: [RingError.Code.malformedResponse, .responseTooLarge, .deadlineExceeded, .tlsFailed])
    func noOtherFailureOfABodyIsRepeated(code: RingError.Code) async throws {
        let stub = self.bodies({ Self.body("{", failing: Self.error(code)) })
        let client = try self.client(stub)
        let error = await #expect(throws: RingError.self) {
            try await client.json(client.request(path: ["v1", "devices"]), for: .devices)
        }
        #expect(error?.code == code)
        #expect(stub.requests.count == 1)
    }

    @Test func theLimitOfADocumentHolds() async throws {
        let stub = self.bodies({ Self.body(String(repeating: " ", count: 11)) })
        let client = try self.client(stub, documentLimit: 10)
        let error = await #expect(throws: RingError.self) {
            try await client.json(client.request(path: ["v1", "devices"]), for: .devices)
        }
        #expect(error?.code == .responseTooLarge && error?.operation == .devices)
        #expect(stub.requests.count == 1)
    }

    /// The retries of a body that never comes whole end by the deadline of the call.
    @Test func theDeadlineOfTheCallHolds() async throws {
        let clock = self.clock
        let stub = StubTransport { _, context in
            let stalled = AsyncThrowingStream<[UInt8], any Error>(unfolding: { () async throws -> [UInt8]? in
                let left = context.deadline?.remaining(clock) ?? .seconds(1)
                try await clock.sleep(for: min(left, .seconds(4)))
                throw Self.error(.timedOut)
            })
            return RingHTTPResponse(status: 200, body: RingHTTPBody(streaming: stalled))
        }
        let client = try self.client(stub, policy: RingRetryPolicy(attempts: 100), callLimit: .seconds(10))
        let start = clock.uptime()
        let error = await #expect(throws: RingError.self) {
            try await client.json(client.request(path: ["v1", "devices"]), for: .devices)
        }
        #expect(error?.code == .timedOut || error?.code == .deadlineExceeded)
        #expect(clock.uptime() - start <= .seconds(10))
        #expect((2...3).contains(stub.requests.count))
    }
}
