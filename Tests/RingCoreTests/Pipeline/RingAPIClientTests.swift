import FoundationEssentials
import RingCore
import RingJSONAPI
import RingTesting
import Testing

/// The outcomes of a response: a document, or an error with all details, and the events that the observer gets.
@Suite struct RingAPIClientTests {
    private let observer = RecordingObserver()
    private let clock = ManualClock(autoAdvance: true)

    private func client(_ transport: StubTransport) throws -> RingAPIClient {
        let origin = try #require(URL(string: "https://api.example.test"))
        let shared = RingSharedPipeline(
            transport: transport, callLimit: nil,
            environment: RingEnvironment(clock: self.clock, observer: self.observer, documentLimit: 4_096))
        return RingAPIClient(
            baseURL: origin, account: "a",
            transport: shared.pipeline(tokens: RingFixedToken(RingAccessToken("token")), origin: origin),
            environment: shared.environment)
    }

    private func refusal(_ response: RingHTTPResponse) async throws -> (error: RingError, sent: Int) {
        let transport = StubTransport(response)
        let api = try self.client(transport)
        let request = try api.request(path: ["v1", "devices"])
        let error = await #expect(throws: RingError.self) { try await api.document(request, for: .devices) }
        return (try #require(error), transport.requests.count)
    }

    @Test(arguments: [429, 503]) func aLongWaitIsAnErrorWithTheTime(status: Int) async throws {
        for (field, wait) in [
            ("120", Duration.seconds(120)), ("86400", .seconds(86_400)), ("999999999", .seconds(86_400)),
            ("Wed, 18 Nov 2026 11:08:40 GMT", .seconds(120)),
        ] {
            let (error, sent) = try await self.refusal(
                RingHTTPResponse(status: status, headerFields: [.retryAfter: field]))
            #expect(error.code == (status == 429 ? .rateLimited : .serverFailure))
            #expect(error.retryAfter == wait)
            #expect(sent == 1)
        }
        #expect(!self.clock.sleeps.contains { $0 > .seconds(60) })
        #expect(self.observer.events(RingRequestRetried.self).isEmpty)
    }

    @Test func aBadElementAndARepeatedNameAreToldAndTheRestIsRead() async throws {
        let api = try self.client(
            StubTransport(
                .json(
                    #"{"data":[{"type":"t","id":"1","attributes":{"size":1,"size":2,"+49 170 1234567":1,"#
                        + #""+49 170 1234567":2}},7],"meta":null}"#)))
        let document = try await api.document(try api.request(path: ["v1"]), for: .history)
        #expect(document.resources.map(\.id) == ["1"])
        #expect(document.resources.first?.attributes?["size"]?.int64 == 2)
        let told = self.observer.events(RingDocumentProblem.self).map {
            "\($0.operation?.name ?? "") \($0.kind) \($0.path)"
        }
        #expect(
            told == [
                "history.list unreadable /data/1", "history.list repeated_member /data/0/attributes/size",
                "history.list repeated_member /data/0/attributes/*",
            ])
    }

    @Test(arguments: ["", "[]", "null", "7", "<html>", "{", "\u{feff}[]", "\u{feff}\u{feff}{}", #"{"a":1}x"#])
    func whatIsNoDocumentIsAMalformedResponse(body: String) async throws {
        let (error, sent) = try await self.refusal(RingHTTPResponse(status: 200, body: RingHTTPBody(body)))
        #expect(error.code == .malformedResponse)
        #expect(error.operation == .devices && error.delivery == .responded)
        #expect(sent == 1)
    }

    @Test func aRefusedTextIsNamedByItsByteAndPathWithoutItsContent() async throws {
        let (error, _) = try await self.refusal(.json(#"{"data":[{"email":"a@example.test","n":01}]}"#))
        #expect(error.message.contains("at byte 40"))
        #expect(error.message.contains(#""/data/0/n""#))
        #expect(!"\(error)".contains("example.test"))
    }

    @Test func aResponseBeyondTheLimitIsRefused() async throws {
        let body = RingHTTPBody("{\"data\":[\(String(repeating: "1,", count: 3_000))1]}")
        #expect(try await self.refusal(RingHTTPResponse(status: 200, body: body)).error.code == .responseTooLarge)
    }

    @Test func requestsGoUnderTheOriginWithEveryIdentifierOneSegment() async throws {
        let transport = StubTransport(.json("{}"))
        let api = try self.client(transport)
        _ = try await api.document(
            try api.request(
                path: ["v1", "devices", "../../users/me?x#y"], query: [("include", "a,b"), ("none", nil)]),
            for: .device)
        _ = try await api.document(
            try api.request(following: "/v1/x?page%5Bkey%5D=a%3A1%2B2&q=%25", for: .history), for: .history)
        #expect(
            transport.targets == [
                "/v1/devices/..%2F..%2Fusers%2Fme%3Fx%23y?include=a%2Cb", "/v1/x?page%5Bkey%5D=a%3A1%2B2&q=%25",
            ])
        #expect(throws: RingError.self) { try api.request(following: "https://evil.test/v1/x", for: .history) }
    }
}
