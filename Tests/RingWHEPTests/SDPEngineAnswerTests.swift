import Foundation
import RingWHEP
import Testing

/// Answers in the manner of the engines that servers use: nothing legal is refused, and what is written is read by the
/// strictest engine.
@Suite(.timeLimit(.minutes(1))) struct SDPEngineAnswerTests {
    struct Engine: CustomTestStringConvertible, Sendable {
        var name: String
        var session: [String]
        var video: [String]
        var audio: [String]
        var repairs: Set<SDPRepair.Kind> = []

        var testDescription: String { self.name }

        func text(lineEnd: String = "\r\n") -> String {
            (self.session + self.video + self.audio).map { $0 + lineEnd }.joined()
        }
    }

    private static let ice = ["a=ice-ufrag:abcd", "a=ice-pwd:0123456789012345678901"]
    private static let hash = "a=fingerprint:sha-256 " + Array(repeating: "AB", count: 32).joined(separator: ":")
    private static let host = "a=candidate:1 1 udp 2130706431 192.0.2.1 5000 typ host"
    private static let h264 = [
        "a=rtpmap:99 H264/90000", "a=fmtp:99 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=64001f",
        "a=rtcp-fb:99 nack", "a=rtcp-fb:99 nack pli", "a=rtpmap:100 rtx/90000", "a=fmtp:100 apt=99",
    ]
    private static let head = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]

    static let engines: [Engine] = [
        // libwebrtc: a blank after the colon, which is part of the text.
        Engine(
            name: "libwebrtc",
            session: Self.head + ["a=group:BUNDLE 0 1", "a=extmap-allow-mixed", "a=msid-semantic: WMS s"],
            video: [
                "m=video 9 UDP/TLS/RTP/SAVPF 99 100", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0",
                Self.host + " generation 0 network-id 1",
            ]
                + Self.ice + [
                    "a=ice-options:trickle", Self.hash, "a=setup:active", "a=mid:0", "a=sendonly", "a=msid:s v",
                    "a=rtcp-mux", "a=rtcp-rsize",
                ]
                + Self.h264 + ["a=ssrc-group:FID 1 2", "a=ssrc:1 cname:x", "a=ssrc:2 cname:x"],
            audio: ["m=audio 9 UDP/TLS/RTP/SAVPF 96", "c=IN IP4 0.0.0.0"] + Self.ice
                + [Self.hash, "a=setup:active", "a=mid:1", "a=sendonly", "a=rtcp-mux", "a=rtpmap:96 opus/48000/2"]),
        // pion, and LiveKit with it: a blank after `nack`, hash of the session, a rejected section of two lines.
        Engine(
            name: "pion", session: Self.head + [Self.hash, "a=group:BUNDLE 0"],
            video: ["m=video 9 UDP/TLS/RTP/SAVPF 99 100", "c=IN IP4 0.0.0.0", "a=setup:active", "a=mid:0"] + Self.ice
                + ["a=rtcp-mux", "a=rtcp-rsize"] + Self.h264.map { $0 == "a=rtcp-fb:99 nack" ? $0 + " " : $0 }
                + ["a=sendonly", Self.host, "a=end-of-candidates"],
            audio: ["m=audio 0 UDP/TLS/RTP/SAVPF 0"], repairs: [.blanks, .connection, .mid]),
        // mediasoup and Janus: ICE lite, everything of the transport in the session or in each section.
        Engine(
            name: "mediasoup",
            session: Self.head + ["a=ice-lite", Self.hash, "a=msid-semantic: WMS *", "a=group:BUNDLE 0"],
            video: ["m=video 7 UDP/TLS/RTP/SAVPF 99 100", "c=IN IP4 127.0.0.1"] + Self.h264
                + ["a=setup:passive", "a=mid:0", "a=sendonly"] + Self.ice + [
                    Self.host, "a=end-of-candidates", "a=ice-options:renomination", "a=rtcp-mux", "a=rtcp-rsize",
                ],
            audio: ["m=audio 0 UDP/TLS/RTP/SAVPF 0", "c=IN IP4 127.0.0.1", "a=inactive", "a=mid:1"]),
        Engine(
            name: "Janus",
            session: [
                "v=0", "o=- 1 1 IN IP4 10.0.0.1", "s=Mountpoint 1", "t=0 0", "a=group:BUNDLE 0 1",
                "a=ice-options:trickle", Self.hash, "a=msid-semantic: WMS *",
            ],
            video: ["m=video 9 UDP/TLS/RTP/SAVPF 99 100", "c=IN IP4 10.0.0.1", "a=sendonly", "a=mid:0", "a=rtcp-mux"]
                + Self.ice
                + ["a=setup:active"] + Self.h264 + [Self.host, "a=end-of-candidates"],
            audio: ["m=audio 0 UDP/TLS/RTP/SAVPF 0", "c=IN IP4 10.0.0.1", "a=inactive", "a=mid:1"], repairs: [.bundle]),
        // Firefox: a direction and a hash of the session.
        Engine(
            name: "Firefox",
            session: [
                "v=0", "o=mozilla...THIS_IS_SDPARTA-99.0 1 0 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=sendrecv", Self.hash,
                "a=group:BUNDLE 0 1", "a=ice-options:trickle", "a=msid-semantic:WMS *",
            ],
            video: [
                "m=video 9 UDP/TLS/RTP/SAVPF 99 100", "c=IN IP4 0.0.0.0", Self.host, "a=sendonly",
                "a=end-of-candidates",
            ] + Self.h264
                + Self.ice + [
                    "a=mid:0", "a=msid:{s} {v}", "a=rtcp-mux", "a=rtcp-rsize", "a=setup:active", "a=ssrc:1 cname:{x}",
                ],
            audio: ["m=audio 9 UDP/TLS/RTP/SAVPF 96", "c=IN IP4 0.0.0.0", "a=sendonly"] + Self.ice
                + ["a=mid:1", "a=rtcp-mux", "a=setup:active", "a=rtpmap:96 opus/48000/2"]),
        // GStreamer and libdatachannel: a group of lip synchronisation, `ice-options` twice, a real port.
        Engine(
            name: "GStreamer",
            session: Self.head + [
                "a=ice-options:trickle", "a=group:LS 0 1", "a=group:BUNDLE 0 1", "a=ice-options:ice2",
            ],
            video: ["m=video 5000 UDP/TLS/RTP/SAVPF 99 100", "c=IN IP4 192.0.2.1"] + Self.ice + [
                "a=rtcp-mux", "a=sendonly",
            ] + Self.h264
                + ["a=setup:active", "a=mid:0", Self.hash, Self.host],
            audio: ["m=audio 5000 UDP/TLS/RTP/SAVPF 96", "c=IN IP4 192.0.2.1"] + Self.ice
                + ["a=rtcp-mux", "a=sendonly", "a=rtpmap:96 OPUS/48000/2", "a=setup:active", "a=mid:1", Self.hash]),
        // FreeSWITCH and doors: no names, no bundle, one connection line for all, another transport protocol, parameters of a
        // format that the section does not have.
        Engine(
            name: "FreeSWITCH",
            session: [
                "v=0", "o=FreeSWITCH 1 1 IN IP4 192.0.2.1", "s=FreeSWITCH", "c=IN IP4 192.0.2.1", "t=0 0",
                "a=msid-semantic: WMS x",
            ],
            video: ["m=video 5000 UDP/TLS/RTP/SAVP 99"] + Self.h264 + [
                Self.hash, "a=setup:active", "a=rtcp-mux", "a=rtcp:5000 IN IP4 192.0.2.1",
            ] + Self.ice + [Self.host],
            audio: [
                "m=audio 5002 UDP/TLS/RTP/SAVP 96", "a=rtpmap:96 opus/48000/2", Self.hash, "a=setup:active",
                "a=rtcp-mux",
            ] + Self.ice
                + [Self.host, "a=silenceSupp:off - - - -", "a=ptime:20"], repairs: [.mid, .direction, .emptyLines]),
        // Firmware of cameras: everything by hand.
        Engine(
            name: "a camera",
            session: ["v=0", "s=", "o=camera 1 1 IN IP4 192.0.2.1", "a=group:BUNDLE 0 1", "x=model 7"],
            video: ["m=video  9  UDP/TLS/RTP/SAVPF  99", "a=mid: 0", "a=sendrecv "] + Self.h264 + [
                "a=fmtp:99", Self.hash, "a=setup:passive", "a=rtcp-mux",
            ] + Self.ice + [Self.host, "a=candidate:"],
            audio: [],
            repairs: [
                .emptyLines, .blanks, .sessionLines, .missingSection, .direction, .connection, .candidate, .bundle,
            ]),
    ]

    @Test(arguments: Self.engines) func answersOfEnginesAreUsed(engine: Engine) throws {
        let offer = try Fixture.sdp("offer-aiortc-video-audio")
        let checked = try SDP(engine.text()).checked(against: offer)
        #expect(Set(checked.repairs.map(\.kind)) == engine.repairs)
        #expect(StrictReader.problem(in: checked.sdp.text, to: offer.text) == nil)
        #expect(checked.sdp.video?.isRejected == false)
        #expect(checked.sdp.video?.codec?.h264Profile?.isHigh == true)
        #expect(checked.findings.errors == [])
        if engine.repairs.isEmpty { #expect(checked.sdp.text == engine.text()) }
    }

    /// The same repairs, whatever is wrong with the line ends.
    @Test(arguments: Self.engines, ["\n", " \r\n", "\r\r\n", "\r\n\r\n"])
    func lineEndsChangeNothingElse(engine: Engine, lineEnd: String) throws {
        let offer = try Fixture.sdp("offer-aiortc-video-audio")
        let good = try SDP(engine.text()).checked(against: offer)
        let checked = try SDP(engine.text(lineEnd: lineEnd)).checked(against: offer)
        #expect(checked.sdp.media.map(\.codecs) == good.sdp.media.map(\.codecs))
        #expect(StrictReader.problem(in: checked.sdp.text, to: offer.text) == nil)
        #expect(checked.findings.map(\.message) == good.findings.map(\.message))
    }

    @Test(arguments: Fixture.answers) func recordedAnswersAreGoodForTheStrictReader(answer: String, offer: String)
        throws
    {
        #expect(StrictReader.problem(in: try Fixture.text(answer), to: try Fixture.text(offer)) == nil)
    }

    /// The flawed samples are what the strict reader refuses.
    @Test(arguments: [
        "answer-bundle-names-rejected", "answer-rejected-audio-without-format", "answer-pion-rtcpfb-trailing-space",
        "answer-without-c-line",
    ])
    func flawedSamplesAreRefusedBeforeTheRepairOnly(name: String) throws {
        let offer = try Fixture.sdp("offer-aiortc-video-audio")
        #expect(StrictReader.problem(in: try Fixture.text(name), to: offer.text) != nil)
        let checked = try Fixture.sdp(name).checked(against: offer)
        #expect(StrictReader.problem(in: checked.sdp.text, to: offer.text) == nil)
    }
}
