import Foundation
import RingCore
import RingTesting
import RingWHEP
import Testing

/// What WHEP offers beyond the one exchange Ring documents: counter-offers, links, ICE changes.
@Suite(.timeLimit(.minutes(1))) struct WHEPProtocolTests {
    private actor AnsweringEngine: WHEPEngine {
        private let direction: String
        private(set) var asked: SDP?
        private(set) var accepted = 0
        init(direction: String = "recvonly") { self.direction = direction }
        func offer() async throws -> SDP { try Fixture.sdp("offer-aiortc-video") }
        func accept(answer: SDP) async throws { self.accepted += 1 }
        func answer(counterOffer: SDP) async throws -> SDP? {
            self.asked = counterOffer
            return try Fixture.edited("answer-aiortc-to-aiortc-video", ("a=sendonly", "a=\(self.direction)"))
        }
        func close() async {}
    }

    private static let counterOffer: LiveStub.Handler = { _, _ in
        try LiveStub.response(
            status: 406, type: #"application/sdp; valid-until="Sat, 21 Nov 2026 01:00:00 GMT""#,
            body: Fixture.bytes("offer-janus112-server"))
    }

    @Test func aCounterOfferIsAnsweredWithAPatchWhenAllowed() async throws {
        let stub = LiveStub(post: Self.counterOffer)
        let engine = AnsweringEngine()
        let session = try await stub.client().open(
            LiveStub.device, engine: engine, options: WHEPSessionOptions(acceptsCounterOffer: true))
        #expect(session.isCounterOffer)
        #expect(await engine.asked?.text.contains("s=Mountpoint 1\r\n") == true)
        #expect(await engine.accepted == 0)
        let patch = try #require(stub.requests.first { $0.method == .patch })
        #expect(patch.headerFields[.contentType] == "application/sdp")
        #expect(patch.headerFields[.authorization] == "Bearer canary-token")
        #expect(patch.url == session.url)
        #expect(patch.body.bytes?.starts(with: Array("v=0\r\n".utf8)) == true)
        await session.close()
        #expect(stub.count(.post) == 1 && stub.count(.patch) == 1 && stub.count(.delete) == 1)
    }

    @Test(arguments: [(false, "recvonly", 204, 0), (true, "sendrecv", 204, 0), (true, "recvonly", 400, 1)])
    func aCounterOfferThatComesToNothingIsClosed(
        isAllowed: Bool, direction: String, status: Int, patches: Int
    ) async throws {
        let stub = LiveStub(post: Self.counterOffer, patch: { _, _ in RingHTTPResponse(status: status) })
        await #expect(throws: RingError.self) {
            try await stub.client().open(
                LiveStub.device, engine: AnsweringEngine(direction: direction),
                options: WHEPSessionOptions(acceptsCounterOffer: isAllowed))
        }
        #expect(stub.count(.patch) == patches && stub.count(.delete) == 1)
    }

    @Test func linksNameICEServers() async throws {
        let stub = LiveStub(post: { _, _ in
            var response = try LiveStub.response(more: ["ETag": "\"tag-1\""])
            response.headerFields.append(
                RingHTTPField(name: .link, value: #"<stun:stun.example.net>; rel="ice-server""#))
            response.headerFields.append(
                RingHTTPField(
                    name: .link,
                    value: #"<turn:turn.example.net?transport=udp>; rel="ice-server"; username="user,1"; "#
                        + #"credential="p;w\"x"; credential-type="password", "#
                        + #"<turns:turn.example.net?transport=tcp>; rel=ice-server; username=u; credential=c"#))
            response.headerFields.append(
                RingHTTPField(
                    name: .link,
                    value:
                        #"</sse>; rel="urn:ietf:params:whep:ext:core:server-sent-events"; events="active,inactive", "#
                        + #"<https://x.example/help>; rel="help", rubbish, <unfinished"#))
            return response
        })
        let session = try await stub.open()
        #expect(
            session.iceServers.map(\.url) == [
                "stun:stun.example.net", "turn:turn.example.net?transport=udp", "turns:turn.example.net?transport=tcp",
            ])
        #expect(session.iceServers.map(\.username) == [nil, "user,1", "u"])
        #expect(session.iceServers.map(\.credential?.revealed) == [nil, #"p;w"x"#, "c"])
        #expect(!String(reflecting: session.iceServers).contains("p;w"))
        #expect(session.acceptsICEChanges)
        await session.close()
    }

    @Test func candidatesAreSentWithTheEntityTag() async throws {
        let stub = LiveStub(
            post: { _, _ in
                try LiveStub.response(more: ["ETag": "\"tag-1\"", "Accept-Patch": "application/trickle-ice-sdpfrag"])
            })
        let session = try await stub.open()
        let offer = try Fixture.sdp("offer-aiortc-video")
        try await session.trickle(SDPFragment(offer: offer))
        let patch = try #require(stub.requests.first { $0.method == .patch })
        #expect(patch.headerFields[.ifMatch] == "\"tag-1\"")
        #expect(patch.headerFields[.contentType] == "application/trickle-ice-sdpfrag")
        #expect(patch.url == session.url)
        await session.close()
        let error = await #expect(throws: RingError.self) { try await session.trickle(SDPFragment(offer: offer)) }
        #expect(error?.code == .liveSessionEnded)
        #expect(stub.count(.patch) == 1)
    }

    @Test func anICERestartReplacesTagAndCredentials() async throws {
        let newFragment =
            "a=ice-ufrag:fresh\r\na=ice-pwd:0123456789012345678901\r\nm=video 9 X 0\r\na=mid:0\r\n"
            + "a=candidate:1 1 udp 1 192.0.2.1 5 typ host\r\n"
        let stub = LiveStub(
            post: { _, _ in try LiveStub.response(more: ["ETag": "\"tag-1\""]) },
            patch: { _, number in
                guard number == 1 else { return RingHTTPResponse(status: 204) }
                return RingHTTPResponse(
                    status: 200, headerFields: [.contentType: "application/trickle-ice-sdpfrag", .eTag: "\"tag-2\""],
                    body: RingHTTPBody(newFragment))
            })
        let session = try await stub.open()
        let fragment = try SDPFragment(offer: Fixture.sdp("offer-aiortc-video"))
        let new = try await session.restartICE(fragment)
        #expect(new.userFragment == "fresh")
        #expect(new.candidates == ["candidate:1 1 udp 1 192.0.2.1 5 typ host"])
        try await session.trickle(fragment)
        let tags = stub.requests.filter { $0.method == .patch }.map { $0.headerFields[.ifMatch] }
        #expect(tags == ["*", "\"tag-2\""])
        await session.close()
    }

    @Test(arguments: [
        (405, "ice_update_unsupported"), (422, "ice_update_unsupported"), (501, "ice_update_unsupported"),
        (412, "unexpected_status"), (428, "unexpected_status"), (404, "not_found"), (500, "server_failure"),
    ])
    func aRefusedChangeLeavesTheSessionAlive(status: Int, code: String) async throws {
        let stub = LiveStub(patch: { _, _ in RingHTTPResponse(status: status) })
        let session = try await stub.open()
        let fragment = try SDPFragment(offer: Fixture.sdp("offer-aiortc-video"))
        let trickled = await #expect(throws: RingError.self) { try await session.trickle(fragment) }
        let restarted = await #expect(throws: RingError.self) { try await session.restartICE(fragment) }
        #expect(trickled?.code.rawValue == code && restarted?.code.rawValue == code)
        #expect(stub.count(.patch) == 2 && stub.count(.delete) == 0)
        #expect(session.endReason == nil)
        await session.close()
    }

    @Test(
        arguments: [
            (204, nil, ""), (201, "application/trickle-ice-sdpfrag", "a=ice-ufrag:fresh\r\n"),
            (200, "text/html", "<html>"),
            (200, nil, ""), (200, "application/trickle-ice-sdpfrag", ""),
            (200, "application/trickle-ice-sdpfrag", "<html>"),
            (200, "application/trickle-ice-sdpfrag", "a=ice-ufrag:fresh\r\n"),
            (200, "application/trickle-ice-sdpfrag", "a=ice-ufrag:abcd\r\na=ice-pwd:short\r\n"),
        ] as [(Int, String?, String)])
    func aRestartWithoutNewCredentialsIsATypedErrorAndTheSessionGoesOn(status: Int, type: String?, body: String)
        async throws
    {
        let stub = LiveStub(patch: { _, _ in
            var fields: RingHTTPFields = [:]
            fields[.contentType] = type
            return RingHTTPResponse(status: status, headerFields: fields, body: RingHTTPBody(body))
        })
        let session = try await stub.open()
        let fragment = try SDPFragment(offer: Fixture.sdp("offer-aiortc-video"))
        let error = await #expect(throws: RingError.self) { try await session.restartICE(fragment) }
        #expect(error?.code == .malformedResponse && error?.operation == .updateLive)
        #expect(error?.message.contains("the session goes on") == true)
        #expect(session.endReason == nil && stub.count(.delete) == 0)
        await session.close()
    }

    @Test func aFragmentOfAServerThatIsTooLongIsRefused() async throws {
        let stub = LiveStub(patch: { _, _ in
            RingHTTPResponse(
                status: 200, headerFields: [.contentType: "application/trickle-ice-sdpfrag"],
                body: RingHTTPBody([UInt8](repeating: 97, count: 200_000)))
        })
        let session = try await stub.open()
        let fragment = try SDPFragment(offer: Fixture.sdp("offer-aiortc-video"))
        await #expect(throws: RingError.self) { try await session.restartICE(fragment) }
        #expect(session.endReason == nil)
        await session.close()
    }

    @Test(arguments: [
        ("a=sendonly", "a=recvonly"), ("a=sendonly", "a=inactive"), ("m=video 9", "m=video 0"), ("m=video", "m=audio"),
    ])
    func aCounterOfferThatSendsNoVideoIsRefused(old: String, new: String) async throws {
        let offer = try Fixture.edited("offer-janus112-server", (old, new)).encoded()
        let stub = LiveStub(post: { _, _ in try LiveStub.response(status: 406, body: offer) })
        let engine = AnsweringEngine()
        let error = await #expect(throws: RingError.self) {
            try await stub.client().open(
                LiveStub.device, engine: engine, options: WHEPSessionOptions(acceptsCounterOffer: true))
        }
        #expect(error?.code == .unusableAnswer)
        #expect(await engine.asked == nil)
        #expect(stub.count(.patch) == 0 && stub.count(.delete) == 1)
    }

    /// The first video section may be a rejected one.
    @Test func aCounterOfferMayRejectAnotherVideoSection() async throws {
        let text = try Fixture.text("offer-janus112-server")
        let video = try #require(text.range(of: "m=video")).lowerBound
        let offer =
            text[..<video] + "m=video 0 UDP/TLS/RTP/SAVPF 0\r\nc=IN IP4 0.0.0.0\r\na=mid:old\r\n" + text[video...]
        let stub = LiveStub(post: { _, _ in try LiveStub.response(status: 406, body: Array(offer.utf8)) })
        let session = try await stub.client().open(
            LiveStub.device, engine: AnsweringEngine(), options: WHEPSessionOptions(acceptsCounterOffer: true))
        #expect(stub.count(.patch) == 1)
        await session.close()
    }

    @Test func rtspsHelpersNeverPutTheTokenIntoTheURL() throws {
        let token = RingAccessToken("canary-token")
        let stream = try RTSPSStream(device: "cam/1", component: "2")
        #expect(
            stream.url.absoluteString
                == "rtsps://video.rtsp.amazonvision.com:322/v1/devices/cam%2F1/stream?component_id=2")
        #expect(stream.tokenField(token) == RingHTTPField(name: "X-Auth-Token", value: "canary-token"))
        #expect(stream.basicField(token).value == "Basic OmNhbmFyeS10b2tlbg==")
        #expect(!"\(stream)".contains("canary-token"))
        for (device, origin) in [
            ("..", "rtsps://host"), ("", "rtsps://host"), ("a", "rtsp://host"), ("a", "rtsps://u:p@host"),
            ("a", "rtsps://"),
        ] {
            #expect(throws: RingError.self) {
                try RTSPSStream(device: RingDeviceID(rawValue: device), origin: origin)
            }
        }
    }
}
