import Foundation
import RingCore
import RingCrypto
import RingTesting
import RingWebhooks
import Testing

/// What Ring signed is accepted, whatever an intermediary or another serializer did to its form.
@Suite(.timeLimit(.minutes(1))) struct RingWebhookSignedTests {
    let signer: WebhookSigner
    let clock = ManualClock()
    let observer = RecordingObserver()
    let inbox: RingWebhookInbox

    init() throws {
        self.signer = try WebhookSigner()
        self.inbox = RingWebhookInbox(
            verifier: try RingWebhookVerifier(keys: [self.signer.key]), storage: RingMemoryStorage(),
            environment: RingEnvironment(clock: self.clock, observer: self.observer), handler: { _ in })
    }

    private func draft() -> RingWebhookDraft {
        RingWebhookDraft(kind: .buttonPress, account: "a", device: "d", occurredAt: self.clock.now())
    }

    @Test(
        arguments: [
            "application/json", "Application/JSON; charset=utf-8", "application/vnd.api+json", "text/json",
            "image/json",
            "application/jsonx", nil, "", "text/plain", "text/plain; charset=utf-8", "application/octet-stream", "*/*",
            "json",
            "application/x-www-form-urlencoded", "application/json; charset=ISO-8859-1", "multipart/form-data", "\u{0}",
        ] as [String?])
    func theContentTypeDecidesNothing(type: String?) async throws {
        let body = self.draft().body
        var headers = self.signer.headers(for: body)
        headers[.contentType] = type
        #expect(await self.inbox.handle(headers: headers, body: body).outcome == .accepted)
        // An unsigned or forged request is told so, and nothing else.
        headers = self.signer.forgedHeaders(for: body)
        headers[.contentType] = type
        #expect(await self.inbox.handle(headers: headers, body: body).outcome == .forged)
        #expect(await self.inbox.handle(headers: [.contentType: type ?? ""], body: body).outcome == .unsigned)
    }

    @Test(arguments: ["", "\n", "\r\n", "\n\n\t "]) func whiteSpaceAroundADocumentIsNoReason(space: String) async {
        let body = Array(space.utf8) + self.draft().body + Array(space.utf8)
        #expect(await self.inbox.handle(headers: self.signer.headers(for: body), body: body).outcome == .accepted)
    }

    @Test func theOrderOfMembersAndUnknownOnesAreNoReason() async throws {
        let text =
            #"{"jsonapi":{"version":"1.1"},"data":{"relationships":null,"attributes":{"timestamp":1,"source_type":"#
            + #""devices","source":"d","later":[{}]},"links":{},"type":"button_press","id":"e"},"included":[],"#
            + #""meta":{"later":null,"account_id":"a","request_id":"r","time":"\#(self.time)"}}"#
        let response = await self.send(text)
        #expect(response.outcome == .accepted)
        #expect(response.event?.deviceID == "d")
    }

    @Test(arguments: ["\u{FEFF}", ""], [#""\ud800""#, "\"a\u{1}b\"", "5e0", "null"])
    func anOddBeginningOrAnOddStringIsNoReason(mark: String, odd: String) async throws {
        let response = await self.send(
            #"\#(mark){"meta":{"time":"\#(self.time)","request_id":"r"},"data":{"id":"e","type":"motion_detected","#
                + #""attributes":{"source":"d","source_type":"devices","sub_type":\#(odd),"note":\#(odd)}}}"#)
        #expect(response.outcome == .accepted)
        #expect(response.event?.deviceID == "d")
    }

    private var time: String { "2026-11-18T11:06:40Z" }

    private func send(_ text: String) async -> RingWebhookResponse {
        let body = Array(text.utf8)
        return await self.inbox.handle(headers: self.signer.headers(for: body), body: body)
    }

    /// An event with these spellings of its names.
    private func event(
        request: String, id: String, account: String = #""a""#, source: String = #""d""#, time: String? = nil
    ) -> String {
        #"{"meta":{"version":1.1,"time":\#(time ?? "\"\(self.time)\""),"request_id":\#(request),"#
            + #""account_id":\#(account)},"data":{"id":\#(id),"type":"motion_detected","attributes":{"source":"#
            + #"\#(source),"source_type":"devices","sub_type":5,"timestamp":1795000000500}}}"#
    }

    @Test func aNumberWhereANameIsExpectedIsThatName() async throws {
        let response = await self.send(
            self.event(request: "12345678901234567890123", id: "7", account: "8", source: "9"))
        #expect(response.outcome == .accepted)
        let event = try #require(response.event)
        #expect(event.version == "1.1")
        #expect(event.requestID == "12345678901234567890123")
        #expect(event.id == "7")
        #expect(event.accountID == "8")
        #expect(event.deviceID == "9")
        #expect(event.subType?.rawValue == "5")
        // The same names as strings are the same event.
        let again = self.event(request: #""12345678901234567890123""#, id: #""7""#, account: #""8""#, source: #""9""#)
        #expect(await self.send(again).outcome == .duplicate)
        // Another number is another event.
        #expect(await self.send(self.event(request: "12345678901234567890123", id: "6")).outcome == .accepted)
    }

    @Test func aSubscriptionsNumbersAreNames() async throws {
        let text =
            #"{"meta":{"time":"\#(self.time)","request_id":1},"data":{"id":2,"type":"subscription_activated","#
            + #""attributes":{"source":"subscriptions","source_id":3,"plan_id":4,"sub_type":"paid","#
            + #""expires_at":1797552000000},"relationships":{"devices":{"data":[{"type":"device","id":5}]}}}}"#
        let event = try #require(await self.send(text).event)
        guard case .subscription(let subscription) = event.content else {
            Issue.record("the event is no subscription: \(event.content)")
            return
        }
        #expect(subscription.subscription == "3")
        #expect(subscription.planID == "4")
        #expect(subscription.devices == ["5"])
        #expect(subscription.expiresAt == RingWebhookEventTests.at(1_797_552_000_000))
    }

    @Test(arguments: ["1795000000500", #""1795000000500""#, "1795000000", "1795000000.5", #""2026-11-18T11:06:40.5Z""#])
    func theSendTimeIsReadInEveryForm(time: String) async throws {
        let response = await self.send(self.event(request: "1", id: "2", time: time))
        #expect(response.outcome == .accepted)
        let sentAt = try #require(response.event?.sentAt)
        #expect(abs(sentAt.timeIntervalSince(RingWebhookEventTests.at(1_795_000_000_500))) <= 0.5)
    }

    @Test func aRepetitionWithoutARequestIDIsKnownByItsEvent() async throws {
        func text(_ time: String, _ id: String) -> String {
            #"{"meta":{"time":"\#(time)"},"data":{"id":"\#(id)","type":"button_press"}}"#
        }
        #expect(await self.send(text("2026-11-18T11:06:40Z", "e1")).outcome == .accepted)
        // Ring sends it once more, and says when.
        #expect(await self.send(text("2026-11-18T11:06:45Z", "e1")).outcome == .duplicate)
        #expect(await self.send(text("2026-11-18T11:06:45Z", "e2")).outcome == .accepted)
    }

    @Test func aBodyThatBreaksIsAskedForOnceMore() async throws {
        struct Cut: Error {}
        let stream = AsyncThrowingStream<[UInt8], any Error> { continuation in
            continuation.yield(Array("{".utf8))
            continuation.finish(throwing: Cut())
        }
        let request = RingHTTPRequest(
            method: .post, url: try #require(URL(string: "http://127.0.0.1/hook")), headerFields: [.signature: "x"],
            body: RingHTTPBody(streaming: stream))
        let response = await self.inbox.handle(request)
        #expect(response.status == 503)
        #expect(response.headerFields[.retryAfter] == "5")
        #expect(self.inbox.consecutiveRefusals == 0)
        #expect(self.observer.events(RingWebhookReceived.self).map(\.outcome) == [.incomplete])
    }

    @Test func aStreamThatIsTooLongIsReported() async throws {
        let endless = AsyncStream<[UInt8]>(unfolding: { [UInt8](repeating: 32, count: 65_536) })
        let request = RingHTTPRequest(
            method: .post, url: try #require(URL(string: "http://127.0.0.1/hook")),
            body: RingHTTPBody(streaming: endless))
        #expect(await self.inbox.handle(request).status == 413)
        #expect(self.observer.events(RingWebhookReceived.self).map(\.outcome) == [.tooLarge])
        #expect(self.inbox.consecutiveRefusals == 1)
    }
}
