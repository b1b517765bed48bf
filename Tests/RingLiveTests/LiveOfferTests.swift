import Foundation
import RingCore
import RingLive
import RingWHEP
import Testing

/// What the engine offers, and the answers of real engines to it. Needs GStreamer, no peer.
@Suite(.enabled(LivePeer.reason) { await LivePeer.hasEngine() }, .timeLimit(.minutes(2))) struct LiveOfferTests {
    private func engine(_ options: RingLiveOptions = RingLiveOptions()) -> RingLiveEngine {
        RingLiveEngine(options: options, environment: RingEnvironment(), hasLoopback: true)
    }

    @Test(arguments: [false, true]) func theOfferPassesTheCheck(withAudio: Bool) async throws {
        let engine = self.engine(RingLiveOptions(receivesAudio: withAudio))

        let offer = try await engine.offer()
        await engine.close()

        // A machine behind a router has no address of its own that can be reached, and this test no STUN server.
        #expect(offer.offerFindings().filter { $0.code != .unreachableCandidates } == [])
        #expect(offer.media.count == (withAudio ? 2 : 1))
        let codecs = try #require(offer.video?.codecs)
        for codec in codecs where codec.isNamed("H264") {
            #expect(codecs.contains { $0.isNamed("rtx") && $0.parameter("apt") == codec.format })
            #expect(codec.feedback.contains("nack") && codec.feedback.contains("nack pli"))
        }
        #expect(codecs.compactMap(\.h264Profile?.isHigh).sorted { !$0 && $1 } == [false, true])
        #expect(offer.text.contains("127.0.0.1"))
    }

    @Test func loopbackIsOfferedOnRequestOnly() async throws {
        let engine = self.engine(RingLiveOptions(offersLoopback: false))

        let offer = try await engine.offer()
        await engine.close()

        #expect(!offer.text.contains("127.0.0.1") && !offer.text.contains(" ::1 "))
    }

    @Test func everyOfferHasACertificateOfItsOwn() async throws {
        let engine = self.engine()

        let first = try await engine.offer()
        let second = try await engine.offer()
        await engine.close()

        #expect(first.video?.fingerprints != second.video?.fingerprints)
        #expect(first.video?.fingerprints.count == 1)
    }

    @Test func aServerThatDoesNotRespondDoesNotHoldUpTheOffer() async throws {
        let engine = self.engine(
            RingLiveOptions(iceServers: [
                WHEPICEServer(url: "stun:192.0.2.99:3478"),
                WHEPICEServer(url: "turn:192.0.2.98:3478", username: "u", credential: WHEPICECredential("p")),
            ]))
        let begin = ContinuousClock.now

        let offer = try await engine.offer()
        await engine.close()

        #expect(offer.video?.candidates.isEmpty == false)
        #expect(ContinuousClock.now - begin < .seconds(20))
    }

    @Test(
        arguments: [
            "answer-aiortc-to-aiortc-video", "answer-aiortc-to-aiortc-video-audio-served",
            "answer-aiortc-to-chromium156-video", "answer-aiortc-to-gstreamer122-video-audio",
            "offer-chromium156-video",
            "offer-gstreamer122-video", "offer-janus112-server", "offer-libdatachannel024-video",
        ])
    func answersInTheMannerOfRealEnginesAreAccepted(sample: String) async throws {
        let engine = self.engine()
        let offer = try await engine.offer()
        let answer = try SDP(Self.answer(in: sample, to: offer)).checked(against: offer)

        try await engine.accept(answer: answer.sdp)
        await engine.close()
    }

    /// An answer may leave its transport to the session or to the first section of a bundle, and reject a section with two lines.
    @Test(arguments: [
        "whole", "bundled", "session", "role in the session", "no role", "rejected", "missing",
        "other ICE", "other hash",
    ])
    func answersThatLeaveOutTheTransportAreAccepted(form: String) async throws {
        let engine = self.engine(RingLiveOptions(receivesAudio: true))
        let offer = try await engine.offer()
        let names = offer.media.compactMap(\.mid)
        let ice = ["a=ice-ufrag:abcd", "a=ice-pwd:0123456789012345678901"]
        let hash = "a=fingerprint:sha-256 " + Array(repeating: "AB", count: 32).joined(separator: ":")
        let transport = ice + [hash, "a=setup:active"]
        var session = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        if form == "session" { session += transport }
        if form == "role in the session" { session.append("a=setup:active") }
        session.append(
            "a=group:BUNDLE " + names.prefix(form == "rejected" || form == "missing" ? 1 : 2).joined(separator: " "))
        var lines = session
        for (index, section) in offer.media.enumerated() where index == 0 || form != "missing" {
            let isRejected = index > 0 && form == "rejected"
            let codec = try #require(section.codecs.first { ["H264", "OPUS"].contains($0.name.uppercased()) })
            lines += [
                "m=\(section.kind.rawValue) \(isRejected ? 0 : 9) UDP/TLS/RTP/SAVPF \(codec.format)",
                "c=IN IP4 0.0.0.0",
                "a=mid:\(names[index])",
            ]
            if isRejected { continue }
            let channels = codec.channels.map { "/\($0)" } ?? ""
            lines += [
                "a=sendonly", "a=rtcp-mux", "a=rtpmap:\(codec.format) \(codec.name)/\(codec.clockRate ?? 0)\(channels)",
            ]
            switch form {
            case "session": break
            case "bundled" where index > 0: break
            case "no role", "role in the session": lines += ice + [hash]
            case "other ICE" where index > 0:
                lines += ["a=ice-ufrag:other", "a=ice-pwd:other-password-of-22-letters", hash, "a=setup:active"]
            case "other hash" where index > 0:
                lines += ice + [hash.replacing("AB", with: "CD"), "a=setup:passive"]
            default: lines += transport
            }
        }
        let answer = try SDP(lines.map { $0 + "\r\n" }.joined()).checked(against: offer)

        try await engine.accept(answer: answer.sdp)
        await engine.close()
    }

    /// GStreamer quotes what it compares.
    @Test func anErrorHasNoCredentialsOfTheAnswer() throws {
        let answer = try SDP(
            "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=ice-ufrag:abcd\r\na=ice-pwd:0123456789012345678901\r\n"
                + "m=audio 9 UDP/TLS/RTP/SAVPF 97\r\na=ice-ufrag:abcdef\r\na=ice-pwd:xx0123456789012345678901\r\n")

        let error = RingLiveError(
            .engineFailed, "media 1 differs: 0123456789012345678901 != xx0123456789012345678901, abcd != abcdef"
        ).without(answer)

        #expect(error.message == "media 1 differs: … != …, … != …" && error.code == .engineFailed)
    }

    /// libnice reports such candidates to standard error, and may end the process.
    @Test(arguments: [
        "2 300 udp 1 192.0.2.1 9 typ host", "2 0 udp 1 192.0.2.1 9 typ host", "2 1 tcp 1 192.0.2.1 9 typ host",
        "2 01 udp 1 192.0.2.1 9 typ relay raddr 0.0.0.0 rport 0",
        "2 1 UDP 1 192.0.2.1 09 typ prflx raddr 0.0.0.0 rport 0",
    ]) func candidatesThatLibniceDoesNotTakeAreLeftOut(candidate: String) throws {
        let head =
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
            + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n"

        let answer = try SDP(head + "a=candidate:" + candidate + "\r\n")

        #expect(LiveAnswer.text(of: answer) == head)
    }

    /// GLib never frees a name. One for each `a=ssrc` line would grow with every session.
    @Test func theNumbersOfAnAnswersSourcesAreNotKept() async throws {
        let engine = self.engine()
        let offer = try await engine.offer()
        let number = UInt32.random(in: 1...(.max))
        let sources = "a=ssrc:\(number) cname:camera\r\na=ssrc:\(number) msid:camera video\r\n"
        let text = try Self.answer(in: "offer-janus112-server", to: offer) + sources

        try await engine.accept(answer: SDP(text))

        #expect(Self.keepsName("media") == true)
        #expect(Self.keepsName("ssrc-\(number)-cname") == false)
        #expect(Self.keepsName("ssrc-\(number)-msid") == false)
        await engine.close()
    }

    /// Neither are words that a peer thinks up.
    @Test func theWordsOfAnAnswerAreNotKept() async throws {
        let engine = self.engine()
        let offer = try await engine.offer()
        let word = "word\(UInt32.random(in: 1...(.max)))"
        let lines = [
            "\(word)a:1", "\(word)b", "fmtp:96 \(word)c=1;packetization-mode=1;\(word)d", "rtcp-fb:96 \(word)e",
            "rtcp-fb:96 nack \(word)f", "extmap:7 \(word)g", "ssrc:7 \(word)h:1",
        ]
        let text = try Self.answer(in: "offer-janus112-server", to: offer) + lines.map { "a=\($0)\r\n" }.joined()

        try await engine.accept(answer: SDP(text))

        for name in ["\(word)a", "a-\(word)a", "\(word)b", "a-\(word)b", "\(word)c", "\(word)d", "rtcp-fb-\(word)e"] {
            #expect(Self.keepsName(name) == false, "\(name)")
        }
        for name in ["rtcp-fb-nack-\(word)f", "extmap-7", "ssrc-7-\(word)h"] {
            #expect(Self.keepsName(name) == false, "\(name)")
        }
        await engine.close()
    }

    /// libnice may end the process when it is told so.
    @Test func oneAddressIsACandidateOfOneKind() throws {
        let other = "a=candidate:3 1 UDP 5 2001:DB8::1 9 typ srflx raddr :: rport 9"
        let lines = [
            "v=0", "o=- 0 0 IN IP4 0.0.0.0", "s=-", "t=0 0", "m=video 9 UDP/TLS/RTP/SAVPF 96", "a=mid:0",
            "a=candidate:1 1 udp 9 192.0.2.1 5000 typ host", "a=candidate:2 1 udp 5 192.0.2.1 5001 typ srflx", other,
        ]
        let repeated = [
            "a=candidate:4 1 UDP 5 192.0.2.1 5000 typ srflx", "a=candidate:5 1 udp 7 2001:db8::1 9 typ relay",
            "a=candidate:6",
        ]

        let answer = try SDP((lines + repeated).map { $0 + "\r\n" }.joined())

        #expect(LiveAnswer.text(of: answer) == lines.map { $0 + "\r\n" }.joined())
    }

    /// The payload type stays apart from what is left, whichever parameter is left out.
    @Test(arguments: [
        ("x-google-start-bitrate=300;packetization-mode=1;apt=97", "packetization-mode=1;apt=97"),
        ("packetization-mode=1;x=2; apt=97", "packetization-mode=1; apt=97"),
        ("x=1; apt=97", "apt=97"),
    ]) func whatIsLeftOfAFormatBelongsToItsPayloadType(parameters: String, left: String) throws {
        let head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=fmtp:96 "

        let answer = try SDP(head + parameters + "\r\n")

        #expect(LiveAnswer.text(of: answer) == head + left + "\r\n")
    }

    /// Lines end with CR and LF; other characters that break a line are part of it.
    @Test(arguments: ["\u{2028}", "\u{85}", "\u{B}", "\u{C}"]) func aLineOfAnAnswerStaysOne(breaking: String) throws {
        let head = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"

        let answer = try SDP(head + "a=tool:x\(breaking)m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n")

        #expect(LiveAnswer.text(of: answer) == head)
    }

    /// Whether GLib has a name; `nil` when it cannot be asked.
    private static func keepsName(_ name: String) -> Bool? {
        guard let library = unsafe dlopen("libglib-2.0.so.0", RTLD_NOW | RTLD_NOLOAD),
            let symbol = unsafe dlsym(library, "g_quark_try_string")
        else { return nil }
        let find = unsafe unsafeBitCast(symbol, to: (@convention(c) (UnsafePointer<CChar>) -> UInt32).self)
        return unsafe find(name) != 0
    }

    @Test func anAnswerWithAnotherCodecIsRefused() async throws {
        let engine = self.engine()
        let offer = try await engine.offer()
        let answer = try SDP(
            Self.answer(in: "offer-janus112-server", to: offer).replacing("H264/90000", with: "VP8/90000"))

        await #expect {
            try await engine.accept(answer: answer)
        } throws: {
            ($0 as? RingLiveError)?.code == .noVideo
        }
        await engine.close()
    }

    @Test func aPeerThatCannotBeReachedIsAnError() async throws {
        let engine = self.engine(RingLiveOptions(offersLoopback: false, connectTimeout: .seconds(1)))
        let offer = try await engine.offer()
        try await engine.accept(answer: SDP(Self.answer(in: "offer-janus112-server", to: offer)))

        await #expect {
            try await engine.feed.next()
        } throws: {
            ($0 as? RingLiveError)?.code == .connectionFailed
        }
        await engine.close()
    }

    @Test func closingEndsWhatIsUnderWay() async throws {
        let engine = self.engine()
        async let offer = engine.offer()
        await engine.close()
        await engine.close()
        // The offer was made before, or it fails; both end.
        _ = try? await offer
        await #expect(throws: RingLiveError.self) { try await engine.accept(answer: SDP("v=0\r\n")) }
    }

    /// The video section of a sample, as an answer to an offer with H.264 as 96 and its retransmission as 97.
    private static func answer(in sample: String, to offer: SDP) throws -> String {
        let mid = try #require(offer.video?.mid)
        let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "RingWHEPTests/Fixtures/SDP/\(sample).sdp")
        let lines = try String(contentsOf: file, encoding: .utf8).split(whereSeparator: \.isNewline).map(String.init)
        let sample = try SDP(lines.map { $0 + "\r\n" }.joined())
        let codec = try #require(sample.video?.codecs.first { $0.isNamed("H264") && $0.packetizationMode == 1 })
        let repair = sample.video?.codecs.first { $0.parameter("apt") == codec.format }
        var result: [String] = []
        var section = ""
        for line in lines {
            if line.hasPrefix("m=") { section = String(line.dropFirst(2).prefix { $0 != " " }) }
            guard section.isEmpty || section == "video" else { continue }
            if line.hasPrefix("m=") {
                let words = line.split(separator: " ")
                result.append(([words[0], "9", words[2], "96"] + (repair == nil ? [] : ["97"])).joined(separator: " "))
            } else if ["a=recvonly", "a=sendrecv", "a=sendonly"].contains(line) {
                result.append("a=sendonly")
            } else if line.hasPrefix("a=setup:") {
                result.append("a=setup:active")
            } else if line.hasPrefix("a=group:BUNDLE") {
                result.append("a=group:BUNDLE \(mid)")
            } else if line.hasPrefix("a=mid:") {
                result.append("a=mid:\(mid)")
            } else if let colon = line.firstIndex(of: ":"),
                ["a=rtpmap", "a=fmtp", "a=rtcp-fb"].contains(line[..<colon])
            {
                let value = line[line.index(after: colon)...]
                let format = value.prefix { $0 != " " }
                guard format == codec.format || format == repair?.format ?? "" else { continue }
                let number = format == codec.format ? "96" : "97"
                let rest = value.drop { $0 != " " }.replacing("apt=\(codec.format)", with: "apt=96")
                result.append("\(line[...colon])\(number)\(rest)")
            } else if !line.hasPrefix("a=extmap:") {
                result.append(line)
            }
        }
        return result.map { $0 + "\r\n" }.joined()
    }
}
