import Foundation
import RingCore
import RingTesting
import RingWHEP
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5))) struct WHEPNegotiationTests {
    @Test func postsTheOfferOnceAndClosesOnce() async throws {
        let stub = LiveStub()
        let session = try await stub.open(WHEPSessionOptions(component: "1"))
        let post = try #require(stub.requests.first)
        #expect(stub.targets(.post) == [LiveStub.sessions + "?component_id=1"])
        #expect(post.headerFields[.contentType] == "application/sdp")
        #expect(post.headerFields[.accept] == "application/sdp")
        #expect(try post.body.bytes == Fixture.bytes("offer-aiortc-video"))
        #expect(try Array(session.answer.utf8) == Fixture.bytes("answer-aiortc-to-aiortc-video"))
        #expect(try await stub.ledger.records().map(\.sessionURL) == [session.url])

        async let first = session.close()
        async let second = session.close()
        let outcomes = await [first, second, session.close()]
        #expect(outcomes.map(\.isOver) == [true, true, true])
        #expect(stub.targets(.delete) == [LiveStub.sessions + "/s1"])
        #expect(session.endReason == .closed)
        #expect(try await stub.ledger.records() == [])
    }

    @Test func sendsLineEndsRightWhateverTheOfferHad() async throws {
        let stub = LiveStub()
        let offer = try SDP(try Fixture.text("offer-aiortc-video").replacing("\r\n", with: "\n"))
        let session = try await stub.client().open(LiveStub.device, offer: offer)
        #expect(try stub.requests.first?.body.bytes == Fixture.bytes("offer-aiortc-video"))
        await session.close()
    }

    @Test func anOfferThatCannotWorkIsNotSent() async throws {
        let stub = LiveStub()
        let offer = try Fixture.edited("offer-aiortc-video", ("a=recvonly", "a=sendrecv"))
        let error = await #expect(throws: RingError.self) {
            try await stub.client().open(LiveStub.device, offer: offer)
        }
        #expect(error?.code == .unusableOffer)
        #expect((error?.cause as? SDPCheckError)?.findings.errors.first?.line == 9)
        #expect(stub.requests.isEmpty)
        #expect(try await stub.ledger.records() == [])
        let session = try await stub.client().open(
            LiveStub.device, offer: offer, options: WHEPSessionOptions(sendsOfferWithErrors: true))
        await session.close()
    }

    @Test(arguments: ["application/sdp", "application/sdp; charset=utf-8", "Application/SDP", "application/sdp;x=y"])
    func mediaTypesAreComparedWithoutCaseAndParameters(type: String) async throws {
        let stub = LiveStub(post: { _, _ in try LiveStub.response(type: type) })
        await #expect(try stub.open().close().isOver)
    }

    @Test(arguments: [
        "\(LiveStub.sessions)/s1", "sessions/s1", "\(LiveStub.origin):443\(LiveStub.sessions)/s1",
        "HTTPS://API.example.test\(LiveStub.sessions)/s1", "//api.example.test\(LiveStub.sessions)/s1",
        "\(LiveStub.sessions)/s1/", "  \(LiveStub.sessions)/s1 ", "\(LiveStub.sessions)/s%201?x=1",
        "/v1/devices/cam%2f1/media/streaming/whep/sessions/s1",
    ])
    func locationsInsideTheDeviceAreUsed(location: String) async throws {
        let stub = LiveStub(post: { _, _ in try LiveStub.response(location: location) })
        await #expect(try stub.open().close().isOver)
        #expect(stub.count(.delete) == 1)
        #expect(stub.targets(.delete).first?.contains("whep/sessions/s") == true)
    }

    @Test(arguments: [
        "https://evil.example\(LiveStub.sessions)/s1", "http://api.example.test\(LiveStub.sessions)/s1",
        "https://api.example.test:8443\(LiveStub.sessions)/s1", "https://user@api.example.test\(LiveStub.sessions)/s1",
        "/v1/devices/other/media/streaming/whep/sessions/s1", "\(LiveStub.sessions)/../../../../../../users/me",
        "\(LiveStub.sessions)/%2e%2e", "\(LiveStub.sessions)/a/b", "\(LiveStub.sessions)", "\(LiveStub.sessions)/", "",
        "/", "//evil.example/x", "javascript:alert(1)", "\(LiveStub.sessions)/%zz",
    ])
    func locationsElsewhereNeverSeeTheToken(location: String) async throws {
        let stub = LiveStub(post: { _, _ in try LiveStub.response(location: location) })
        let error = await #expect(throws: RingError.self) { try await stub.open() }
        #expect(error?.code == .unusableAnswer)
        #expect(stub.count(.post) == 1 && stub.count(.delete) == 0)
        // It cannot be closed, so the ledger keeps the device reserved until it has certainly ended.
        #expect(try await stub.ledger.records().map(\.sessionURL) == [nil])
        #expect(stub.observer.events(WHEPStartLost.self).count == 1)
    }

    @Test func aMissingLocationIsAnErrorThatSaysSo() async throws {
        let stub = LiveStub(post: { _, _ in
            var response = try LiveStub.response()
            response.headerFields[.location] = nil
            return response
        })
        let error = await #expect(throws: RingError.self) { try await stub.open() }
        #expect(error?.message.contains("no Location") == true)
        #expect(stub.count(.delete) == 0)
    }

    static let unusable: [(String, @Sendable () throws -> RingHTTPResponse)] = [
        ("status 200", { try LiveStub.response(status: 200) }), ("status 202", { try LiveStub.response(status: 202) }),
        ("html", { try LiveStub.response(type: "text/html") }), ("no type", { try LiveStub.response(type: nil) }),
        ("garbage", { try LiveStub.response(body: Array("<html></html>".utf8)) }),
        ("empty", { try LiveStub.response(body: []) }),
        ("too large", { try LiveStub.response(body: Array("v=0\r\n".utf8) + [UInt8](repeating: 65, count: 200_000)) }),
        ("actpass", { try LiveStub.response(body: Self.answer("a=setup:active", "a=setup:actpass")) }),
        ("inactive", { try LiveStub.response(body: Self.answer("a=sendonly", "a=inactive")) }),
        ("no fingerprint", { try LiveStub.response(body: Self.answer("a=fingerprint", "a=f")) }),
        (
            "cut body",
            {
                var response = try LiveStub.response()
                response.body = RingHTTPBody(
                    streaming: AsyncThrowingStream<[UInt8], any Error> { continuation in
                        continuation.yield(Array("v=0\r\n".utf8))
                        continuation.finish(
                            throwing: RingError(code: .connectionLost, message: "cut", delivery: .responded))
                    })
                return response
            }
        ),
        ("counter-offer", { try LiveStub.response(status: 406, body: Fixture.bytes("offer-janus112-server")) }),
    ]

    private static func answer(_ old: String, _ new: String) throws -> [UInt8] {
        try Fixture.edited("answer-aiortc-to-aiortc-video", (old, new)).encoded()
    }

    @Test(arguments: Self.unusable.indices)
    func everyFailureAfterTheServerOpenedASessionSendsOneDelete(index: Int) async throws {
        let (name, answer) = Self.unusable[index]
        let stub = LiveStub(post: { _, _ in try answer() })
        let error = await #expect(throws: RingError.self, "\(name)") { try await stub.open() }
        #expect(stub.count(.post) == 1 && stub.count(.delete) == 1, "\(name)")
        #expect(error?.message.contains("the session was closed") == true, "\(name)")
        #expect(error?.operation == .startLive)
        #expect(try await stub.ledger.records() == [])
        let said = "\(String(describing: error)) \(stub.observer.transcript)"
        for secret in ["canary-token", "KvQzzmlGUF", "/s1", "127.0.0.1"] { #expect(!said.contains(secret), "\(name)") }
    }

    @Test(arguments: [
        (400, "bad_request"), (403, "forbidden"), (404, "device_not_found"), (409, "conflict"), (415, "bad_request"),
        (422, "unprocessable"), (500, "server_failure"), (503, "device_unavailable"), (418, "unexpected_status"),
        (406, "unexpected_status"),
    ])
    func refusalsAreTypedAndNeverRepeated(status: Int, code: String) async throws {
        let stub = LiveStub(post: { _, _ in .json(#"{"errors":[{"title":"Nope"}]}"#, status: status) })
        let error = await #expect(throws: RingError.self) { try await stub.open() }
        #expect(error?.code.rawValue == code && error?.status == status)
        #expect(stub.count(.post) == 1 && stub.count(.delete) == 0)
        #expect(try await stub.ledger.records() == [])
    }

    static let gateway = "<html>gateway</html>"
    static let ring = #"{"errors":[{"title":"Nope"}]}"#

    /// Responses that a gateway may send while Ring opens a session.
    @Test(arguments: [
        (502, Self.gateway), (504, Self.gateway), (408, Self.gateway), (500, Self.gateway), (503, Self.gateway),
        (502, Self.ring), (504, Self.ring), (408, Self.ring), (500, ""), (503, ""), (520, ""), (303, ""), (499, ""),
        (600, ""),
    ])
    func whatAGatewayMayHaveSaidDoesNotMeanThatThereIsNoSession(status: Int, body: String) async throws {
        let isFirst = Mutex(true)
        let stub = LiveStub(post: { _, number in
            guard
                isFirst.withLock({ isFirst in
                    defer { isFirst = false }; return isFirst
                })
            else {
                return try LiveStub.response(number: number)
            }
            return RingHTTPResponse(
                status: status, headerFields: [.retryAfter: "1", .location: LiveStub.sessions + "/x"],
                body: RingHTTPBody(body))
        })
        let governor = WHEPGovernor(limits: .none, clock: stub.clock)
        let client = try stub.client(governor: governor)
        // Not even a policy that tries again does so.
        let error = await #expect(throws: RingError.self) {
            try await client.open(
                LiveStub.device, engine: StubEngine(),
                options: WHEPSessionOptions(retry: WHEPRetryPolicy(maximumOfferCount: 3)))
        }
        #expect(error?.status == status && error?.delivery == .unknown)
        #expect(stub.count(.post) == 1 && stub.count(.delete) == 0)
        #expect(try await stub.ledger.records().map(\.sessionURL) == [nil])
        #expect(stub.observer.events(WHEPStartLost.self).count == 1)

        let offer = try Fixture.sdp("offer-aiortc-video")
        let busy = await #expect(throws: RingError.self) { try await client.open(LiveStub.device, offer: offer) }
        #expect(busy?.code == .liveSessionBusy && busy?.retryAfter == .seconds(60))
        stub.clock.advance(by: .seconds(61))
        await (try await client.open(LiveStub.device, offer: offer)).close()
        #expect(try await client.recover().expired.count == 1)
        #expect(try await stub.ledger.records() == [])
    }

    @Test(arguments: [200, 201, 202, 204, 406]) func aMissingLocationKeepsTheRecord(status: Int) async throws {
        let stub = LiveStub(post: { _, _ in
            var response = try LiveStub.response(status: status, body: Fixture.bytes("offer-janus112-server"))
            response.headerFields[.location] = nil
            return response
        })
        let governor = WHEPGovernor(limits: .none, clock: stub.clock)
        await #expect(throws: RingError.self) {
            try await stub.client(governor: governor).open(LiveStub.device, offer: Fixture.sdp("offer-aiortc-video"))
        }
        #expect(try await stub.ledger.records().map(\.sessionURL) == [nil])
        #expect(await governor.openSessionCount == 1)
    }

    @Test func aBodyThatIsCutAfterTheSessionWasOpenedAndCannotBeClosedKeepsTheURL() async throws {
        let stub = LiveStub(
            post: { _, _ in try LiveStub.response(body: []) }, delete: { _, _ in RingHTTPResponse(status: 403) })
        let governor = WHEPGovernor(limits: .none, clock: stub.clock)
        await #expect(throws: RingError.self) {
            try await stub.client(governor: governor).open(LiveStub.device, offer: Fixture.sdp("offer-aiortc-video"))
        }
        #expect(try await stub.ledger.records().map(\.sessionURL?.lastPathComponent) == ["s1"])
        #expect(await governor.openSessionCount == 1)
    }

    @Test func aLostAnswerIsNotRepeatedAndStaysInTheLedger() async throws {
        let stub = LiveStub(post: { _, _ in
            throw RingError(code: .timedOut, message: "no response", delivery: .unknown)
        })
        let error = await #expect(throws: RingError.self) { try await stub.open() }
        #expect(error?.code == .timedOut)
        #expect(stub.count(.post) == 1)
        #expect(try await stub.ledger.records().map(\.sessionURL) == [nil])
    }

    @Test func aRequestThatWasNeverSentLeavesNothingBehind() async throws {
        let stub = LiveStub(post: { _, _ in throw RingError(code: .connectionFailed, message: "no") })
        await #expect(throws: RingError.self) { try await stub.open() }
        #expect(try await stub.ledger.records() == [])
    }

    // MARK: Redirects

    @Test(arguments: [307, 308])
    func redirectsOfThePostAreFollowedWithBodyAndToken(status: Int) async throws {
        let stub = LiveStub(post: { request, number in
            if number == 1 {
                return RingHTTPResponse(status: status, headerFields: [.location: "/edge" + LiveStub.sessions])
            }
            return try LiveStub.response(location: "sessions/s9")
        })
        let session = try await stub.open()
        #expect(stub.targets(.post) == [LiveStub.sessions, "/edge" + LiveStub.sessions])
        #expect(stub.requests.allSatisfy { $0.headerFields[.authorization] == "Bearer canary-token" })
        #expect(try stub.requests.last?.body.bytes == Fixture.bytes("offer-aiortc-video"))
        await session.close()
        #expect(stub.targets(.delete) == ["/edge" + LiveStub.sessions + "/s9"])
    }

    /// The bytes of the redirect and of the session's URL reach the server as they were given.
    @Test func encodesNoLocationTwice() async throws {
        let stub = LiveStub(post: { _, number in
            if number == 1 {
                return RingHTTPResponse(
                    status: 307, headerFields: [.location: LiveStub.sessions + "?t=a%2Bb&name=x|y"])
            }
            return try LiveStub.response(location: "sessions/s%2B9|")
        })
        let session = try await stub.open()
        #expect(stub.targets(.post).last == LiveStub.sessions + "?t=a%2Bb&name=x%7Cy")
        await session.close()
        #expect(stub.targets(.delete) == [LiveStub.sessions + "/s%2B9%7C"])
    }

    @Test(arguments: [
        (301, "/edge"), (302, "/edge"), (303, "/edge"), (307, "https://evil.example/edge"),
        (307, "http://api.example.test/edge"), (308, "//evil.example/"), (307, ""),
    ])
    func otherRedirectsAreRefused(status: Int, location: String) async throws {
        let stub = LiveStub(post: { _, _ in
            RingHTTPResponse(status: status, headerFields: location.isEmpty ? [:] : [.location: location])
        })
        let error = await #expect(throws: RingError.self) { try await stub.open() }
        #expect(error?.code == .redirectRefused)
        #expect(stub.requests.count == 1)
    }

    @Test func aRedirectLoopEnds() async throws {
        let stub = LiveStub(post: { _, _ in RingHTTPResponse(status: 307, headerFields: [.location: LiveStub.sessions])
        })
        let error = await #expect(throws: RingError.self) { try await stub.open() }
        #expect(error?.code == .redirectRefused)
        #expect(stub.count(.post) == 6)
    }

    // MARK: Tokens

    private actor Rotating: RingTokenProvider {
        private var number = 1
        func rotate() { self.number += 1 }
        func accessToken() async throws -> RingAccessToken { RingAccessToken("token-\(self.number)") }
        func accessToken(replacing refused: RingAccessToken) async throws -> RingAccessToken {
            self.rotate()
            return RingAccessToken("token-\(self.number)")
        }
    }

    @Test func aRefusedTokenIsReplacedOnceAndTheDeleteUsesTheTokenOfThatMoment() async throws {
        let tokens = Rotating()
        let stub = LiveStub(
            post: { _, number in try number == 1 ? RingHTTPResponse(status: 401) : LiveStub.response() },
            delete: { request, _ in
                RingHTTPResponse(status: request.headerFields[.authorization] == "Bearer token-4" ? 200 : 401)
            })
        let session = try await stub.client(tokens: tokens)
            .open(LiveStub.device, offer: Fixture.sdp("offer-aiortc-video"))
        await tokens.rotate()
        #expect(await session.close().isOver)
        #expect(
            stub.requests.map { $0.headerFields[.authorization] } == [
                "Bearer token-1", "Bearer token-2", "Bearer token-3", "Bearer token-4",
            ])
    }

    // MARK: Closing

    @Test(arguments: [200, 202, 204, 404, 410])
    func theseStatusesMeanClosed(status: Int) async throws {
        let stub = LiveStub(delete: { _, _ in RingHTTPResponse(status: status) })
        #expect(try await stub.open().close().isOver)
        #expect(stub.count(.delete) == 1)
    }

    /// Whatever its status: what stands before Ring has told no camera.
    @Test(arguments: ["<html><body>Sign in to the network</body></html>", #"{"errors":[{"title":"x"}]}"#])
    func aPageClosesNothing(body: String) async throws {
        let stub = LiveStub(
            delete: { _, number in
                RingHTTPResponse(status: 200, body: RingHTTPBody(Array((number == 1 ? body : "{}").utf8)))
            })
        let session = try await stub.open()
        guard case .failed(let error) = await session.close() else {
            Issue.record("closed by a page")
            return
        }
        #expect(error.code == .malformedResponse)
        #expect(try await stub.ledger.records().count == 1)
        #expect(await session.close().isOver)
        #expect(try await stub.ledger.records() == [])
    }

    /// It may be longer than what is read of it.
    @Test func aLongPageClosesNothing() async throws {
        let page = "<html>" + String(repeating: "x", count: 200_000)
        let stub = LiveStub(
            delete: { _, _ in
                RingHTTPResponse(
                    status: 200, headerFields: [.contentType: "text/html; charset=utf-8"],
                    body: RingHTTPBody(Array(page.utf8)))
            })
        let session = try await stub.open()
        #expect(!(await session.close().isOver))
        #expect(try await stub.ledger.records().count == 1)
    }

    @Test func aListWithoutErrorsClosesTheSession() async throws {
        let stub = LiveStub(
            delete: { _, _ in
                RingHTTPResponse(status: 200, body: RingHTTPBody(Array(#"{"success":true,"errors":[]}"#.utf8)))
            })
        let session = try await stub.open()
        #expect(await session.close().isOver)
        #expect(try await stub.ledger.records() == [])
    }

    @Test func aFailedCloseIsReportedStaysInTheLedgerAndCanBeTriedAgain() async throws {
        let isDown = Mutex(true)
        let stub = LiveStub(
            clock: ManualClock(autoAdvance: false),
            delete: { _, _ in RingHTTPResponse(status: isDown.withLock { $0 } ? 403 : 200) })
        let session = try await stub.open()
        guard case .failed(let error) = await session.close() else {
            Issue.record("closed although the server refused")
            return
        }
        #expect(error.code == .forbidden)
        #expect(try await stub.ledger.records().count == 1)
        isDown.withLock { $0 = false }
        #expect(await session.close().isOver)
        #expect(stub.count(.delete) == 2)
        #expect(try await stub.ledger.records() == [])
        #expect(stub.observer.events(WHEPSessionEnded.self).map(\.mayStillRun) == [true, false])
    }

    @Test func closingIsBoundedInTime() async throws {
        let clock = ManualClock()
        let stub = LiveStub(
            clock: clock,
            delete: { _, _ in
                try await Task.sleep(for: .seconds(3600))
                return RingHTTPResponse(status: 200)
            })
        let session = try await stub.open()
        async let outcome = session.close()
        try await eventually { stub.count(.delete) == 1 && clock.sleeperCount >= 3 }
        clock.advance(by: .seconds(6))
        guard case .failed(let error) = await outcome else {
            Issue.record("closed although the server never answered")
            return
        }
        #expect(error.code == .deadlineExceeded)
    }

    @Test func closingByURLIsPinnedToTheOrigin() async throws {
        let stub = LiveStub()
        let session = try await stub.open()
        let other = try stub.client()
        #expect(try await other.close(session.url).isOver)
        #expect(try await stub.ledger.records() == [])
        for text in [
            "https://evil.example\(LiveStub.sessions)/s1", "\(LiveStub.origin)/v1/users/me",
            "\(LiveStub.origin)\(LiveStub.sessions)/", "http://api.example.test\(LiveStub.sessions)/s1",
            "\(LiveStub.origin)\(LiveStub.sessions)/../../../../../x",
        ] {
            let url = try #require(URL(string: text))
            let error = await #expect(throws: RingError.self) { try await other.close(url) }
            #expect(error?.code == .invalidArgument)
        }
        #expect(stub.count(.delete) == 1)
        await session.close()
    }

    // MARK: Repairs

    @Test func repairsAreReportedAndTheirResultIsPassedOn() async throws {
        let flawed = try Fixture.edited(
            "answer-aiortc-to-aiortc-video", ("c=IN IP4 127.0.0.1\r\n", ""), ("a=sendonly", "a=sendonly\t"))
        let stub = LiveStub(post: { _, _ in try LiveStub.response(body: flawed.encodedAsReceived()) })
        let engine = StubEngine()
        let session = try await stub.client().open(LiveStub.device, engine: engine)
        let accepted = await engine.accepted
        #expect(accepted.map(\.text) == [session.answer])
        #expect(session.answer.contains("a=sendonly\r\n") && session.answer.contains("c=IN IP4 0.0.0.0\r\n"))
        let opened = try #require(stub.observer.events(WHEPSessionOpened.self).first)
        #expect(opened.attributes.first { $0.key == "repairs" }?.value == "blanks,connection")
        await session.close()
    }
}
