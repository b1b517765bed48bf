import Foundation
import RingWHEP
import Testing

@Suite(.timeLimit(.minutes(1))) struct SDPOfferCheckTests {
    @Test(arguments: Fixture.offers.filter { $0 != "offer-janus112-server" })
    func offersOfRealEnginesHaveNoErrors(name: String) throws {
        #expect(try Fixture.sdp(name).offerFindings().errors == [])
    }

    @Test func aServersOfferIsNoViewersOffer() throws {
        #expect(try Fixture.sdp("offer-janus112-server").offerFindings().errors.map(\.code) == [.direction])
    }

    @Test(
        arguments: [
            ([("a=recvonly", "a=sendrecv")], SDPFinding.Code.direction, SDPFinding.Severity.error, 9),
            ([("a=recvonly", "a=sendonly")], .direction, .error, 9),
            ([("a=recvonly\r\n", "")], .direction, .error, 7),
            ([("m=video 34847", "m=audio 34847")], .noVideo, .error, nil),
            ([("m=video 34847", "m=video 0")], .noVideo, .error, 7),
            ([("a=candidate", "x=candidate")], .noCandidates, .error, nil),
            (
                [("a=candidate:16572de626da4e5384a0ce2d0d93678a 1", "a=candidate:1 one")], .unreadableCandidate,
                .warning, 39
            ),
            ([("a=rtcp-mux\r\n", "")], .rtcpMux, .error, 7),
            ([("a=fingerprint", "a=fingerprunt")], .fingerprint, .error, 7),
            (
                [("fingerprint:sha-256", "x"), ("fingerprint:sha-384", "x"), ("sha-512", "sha-1")], .fingerprint,
                .warning, 45
            ),
            ([("a=ice-pwd:9U9NfChaT9MyD5GdVE3LOi", "a=ice-pwd:short")], .iceCredentials, .error, 41),
            ([("a=ice-ufrag:abnQ\r\n", "")], .iceCredentials, .error, 7),
            ([("a=setup:actpass", "a=setup:passive")], .setup, .warning, 46),
            ([("a=setup:actpass", "a=setup:holdconn")], .setup, .error, 46),
            ([("H264/90000", "VP9/90000")], .noH264, .error, 7),
            ([("H264/90000", "H265/90000")], .noH264, .warning, 7),
            ([("packetization-mode=1", "packetization-mode=0")], .packetizationMode, .warning, 29),
            ([("42e01f", "5046314")], .h264Profile, .warning, 36),
            ([], .noHighProfile, .warning, 7),
            ([], .unreachableCandidates, .warning, 39),
            ([("a=mid:0\r\n", "")], .mid, .warning, 7),
        ] as [([(String, String)], SDPFinding.Code, SDPFinding.Severity?, Int?)])
    func findsWhatCannotWork(
        edits: [(String, String)], code: SDPFinding.Code, severity: SDPFinding.Severity?, line: Int?
    ) throws {
        var sdp = try Fixture.sdp("offer-aiortc-video")
        if !edits.isEmpty {
            var text = try Fixture.text("offer-aiortc-video")
            for (old, new) in edits {
                #expect(text.contains(old))
                text = text.replacing(old, with: new)
            }
            sdp = try SDP(text)
        }
        let found = sdp.offerFindings().first { $0.code == code }
        #expect(found?.severity == severity)
        if found != nil { #expect(found?.line == line) }
        #expect(found?.message.isEmpty != true && found?.fix.isEmpty != true)
    }

    @Test func aHighLineBesideBaselineIsWhatRingWants() throws {
        let sdp = try Fixture.edited("offer-aiortc-video", ("42e01f", "64001f"))
        #expect(!sdp.offerFindings().contains { $0.code == .noHighProfile })
    }

    @Test func aDataChannelIsAnError() throws {
        let text =
            try Fixture.text("offer-aiortc-video") + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\n"
        let findings = try SDP(text).offerFindings()
        #expect(findings.errors.map(\.code) == [.dataChannel])
        #expect(findings.errors.first?.line == 47)
    }

    @Test func soundInBothDirectionsIsAWarningOnly() throws {
        var text = try Fixture.text("offer-aiortc-video-audio")
        let audio = try #require(text.range(of: "m=audio"))
        text = String(text[..<audio.lowerBound] + text[audio.lowerBound...].replacing("a=recvonly", with: "a=sendrecv"))
        let finding = try SDP(text).offerFindings().first { $0.code == .direction }
        #expect(finding?.severity == .warning)
    }

    @Test func sectionsOutsideTheBundleAndEqualNamesAreFound() throws {
        let loose = try Fixture.edited("offer-aiortc-video-audio", ("a=group:BUNDLE 0 1", "a=group:BUNDLE 0"))
        #expect(loose.offerFindings().contains { $0.code == .bundle && $0.severity == .warning })
        let equal = try Fixture.edited("offer-aiortc-video-audio", ("a=mid:1", "a=mid:0"))
        #expect(equal.offerFindings().errors.map(\.code) == [.mid])
    }

    @Test func candidatesThatNobodyOutsideReachesAreNamed() throws {
        let mdns = try Fixture.edited("offer-aiortc-video", ("udp 2130706431 127.0.0.1", "udp 2130706431 a-b.local"))
        #expect(mdns.offerFindings().first { $0.code == .unreachableCandidates }?.message.contains("mDNS") == true)
        let reflexive = try Fixture.edited("offer-aiortc-video", ("typ host", "typ srflx raddr 10.0.0.1 rport 1"))
        #expect(!reflexive.offerFindings().contains { $0.code == .unreachableCandidates })
        #expect(
            try !Fixture.sdp("offer-chromium156-video").offerFindings().contains { $0.code == .unreachableCandidates })
    }

    @Test func oddLineEndsAreANoteBecauseTheyAreRepairedWhenSent() throws {
        let sdp = try SDP(try Fixture.text("offer-aiortc-video").replacing("\r\n", with: "\n"))
        #expect(sdp.offerFindings().first?.code == .lineEnds)
        #expect(sdp.offerFindings().errors == [])
        #expect(try sdp.encoded() == Fixture.bytes("offer-aiortc-video"))
    }

    // MARK: Nothing to show

    @Test func anOfferWhoseOnlyVideoIsRejectedIsRefused() throws {
        let errors = try Fixture.sdp("offer-video-port-0").offerFindings().errors
        #expect(errors.map(\.code) == [.noVideo] && errors.first?.line == 7)
        let all = try Fixture.edited("offer-video-port-0", ("m=audio 56035", "m=audio 0"))
        #expect(all.offerFindings().errors.map(\.code) == [.noVideo])
    }

    @Test func aRejectedVideoSectionBesideAnotherIsFine() throws {
        let text = try Fixture.text("offer-aiortc-video")
        let rejected = "m=video 0 UDP/TLS/RTP/SAVPF 97\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\na=mid:1\r\n"
        #expect(try SDP(text + rejected).offerFindings().errors == [])
    }

    @Test(arguments: ["a=group:BUNDLE v a", "a=group:BUNDLE a v"]) func videoInTheBundleOnlyNeedsASectionWithAPort(
        group: String
    ) throws {
        let offer = try Self.soundFirst().replacing("a=group:BUNDLE a v", with: group)
        #expect(try SDP(offer).offerFindings().errors == [])
        let alone = try SDP(offer.replacing("m=audio 9", with: "m=audio 0"))
        #expect(alone.offerFindings().errors.contains { $0.code == .noVideo })
        let loose = try SDP(offer.replacing(group, with: "a=group:BUNDLE a"))
        #expect(loose.offerFindings().errors.contains { $0.code == .noVideo })
    }

    // MARK: Bundles

    /// An offer with the policy max-bundle and sound first.
    private static func soundFirst() throws -> String {
        let text = try Fixture.text("offer-bundle-only-without-rtcp-mux")
        let start = try #require(text.range(of: "m=video")).lowerBound
        let audio = try #require(text.range(of: "m=audio")).lowerBound
        let prefixes = ["a=ice", "a=fing", "a=setup", "a=rtcp-mux", "a=cand"]
        let lines = text[start..<audio].split(separator: "\r\n").map { String($0) + "\r\n" }
        let transport = lines.filter { line in prefixes.contains { line.hasPrefix($0) } }
        let video = lines.filter { !transport.contains($0) }.joined().replacing("m=video 9", with: "m=video 0")
        let sound = text[audio...].replacing("m=audio 0", with: "m=audio 9").replacing("a=bundle-only\r\n", with: "")
        var offer = text[..<start].replacing("BUNDLE v a", with: "BUNDLE a v")
        offer += sound
        offer += transport.joined() + video + "a=bundle-only\r\n"
        return String(offer)
    }

    @Test func aSectionInTheBundleOnlyLeavesItsTransportToTheFirst() throws {
        let offer = try Fixture.sdp("offer-bundle-only-without-rtcp-mux")
        #expect(offer.offerFindings().errors == [])
        #expect(!offer.offerFindings().contains { $0.code == .bundle })
    }

    @Test(arguments: ["a=rtcp-mux\r\n", "a=ice-ufrag:ETEn\r\n", "a=fingerprint:sha-256 00:11\r\n"])
    func theFirstSectionHasToHaveIt(line: String) throws {
        let offer = try Fixture.edited("offer-bundle-only-without-rtcp-mux", (line, ""))
        #expect(offer.offerFindings().errors.count == 2)
    }

    @Test func otherSectionsThatLeaveItToTheFirstAreAWarning() throws {
        let offer = try Fixture.edited(
            "offer-bundle-only-without-rtcp-mux", ("a=bundle-only\r\n", ""), ("m=audio 0", "m=audio 9"))
        #expect(offer.offerFindings().errors == [])
        #expect(offer.offerFindings().contains { $0.code == .bundle && $0.severity == .warning })
    }

    @Test func aSectionInTheBundleOnlyHasToBeInABundle() throws {
        let offer = try Fixture.edited("offer-bundle-only-without-rtcp-mux", ("BUNDLE v a", "BUNDLE v"))
        #expect(offer.offerFindings().errors.contains { $0.code == .bundle })
    }

    @Test func aBundleThatNamesAMissingSectionIsAWarning() throws {
        let offer = try Fixture.edited("offer-aiortc-video", ("BUNDLE 0", "BUNDLE 0 1"))
        #expect(offer.offerFindings().contains { $0.code == .bundle && $0.severity == .warning })
    }

    @Test func numbersWithTwoMeaningsAreAWarning() throws {
        let format = try Fixture.edited(
            "offer-aiortc-video-audio", (" 96 9 0 8", " 97 9 0 8"), ("a=rtpmap:96 ", "a=rtpmap:97 "))
        #expect(format.offerFindings().contains { $0.message.contains("two codecs") && $0.severity == .warning })
        let mapping = try Fixture.edited("offer-aiortc-video-audio", ("a=extmap:2 ", "a=extmap:3 "))
        #expect(mapping.offerFindings().contains { $0.message.contains("two URIs") && $0.severity == .warning })
    }

    // MARK: The picture

    @Test(arguments: [
        (
            ["a=rtcp-fb:99 nack\r\n", "a=rtcp-fb:101 nack\r\n", "a=fmtp:100 apt=99\r\n", "a=fmtp:102 apt=101\r\n"],
            "NACK and RTX"
        ),
        (["a=rtcp-fb:99 nack\r\n", "a=rtcp-fb:101 nack\r\n"], "with NACK"),
        (["a=fmtp:100 apt=99\r\n", "a=fmtp:102 apt=101\r\n"], "with RTX"),
        (["a=rtcp-fb:99 nack\r\n", "a=fmtp:102 apt=101\r\n"], "with RTX"),
    ])
    func anOfferWithoutRetransmissionIsAWarning(lines: [String], missing: String) throws {
        var text = try Fixture.text("offer-aiortc-video")
        for line in lines {
            #expect(text.contains(line))
            text = text.replacing(line, with: "")
        }
        let finding = try SDP(text).offerFindings().first { $0.message.contains(missing) }
        #expect(finding?.severity == .warning)
    }

    @Test(arguments: ["offer-aiortc-video", "offer-chromium156-video"]) func browsersOfferRetransmission(name: String)
        throws
    {
        #expect(
            !(try Fixture.sdp(name).offerFindings().contains {
                $0.message.contains("NACK") || $0.message.contains("RTX")
            }))
    }

    @Test func aNACKForAllFormatsCounts() throws {
        let text = try Fixture.text("offer-aiortc-video").replacing(
            "a=rtcp-fb:99 nack\r\n", with: "a=rtcp-fb:* nack\r\n")
        #expect(!(try SDP(text).offerFindings().contains { $0.message.contains("NACK") }))
    }

    @Test func aMissingConnectionLineIsAWarning() throws {
        let offer = try Fixture.edited("offer-aiortc-video", ("c=IN IP4 127.0.0.1\r\n", ""))
        #expect(offer.offerFindings().contains { $0.message == "no c= line" && $0.severity == .warning })
    }
}
