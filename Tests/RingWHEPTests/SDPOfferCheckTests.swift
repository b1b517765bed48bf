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
            ([("m=video 34847", "m=video 0")], .noVideo, nil, nil),
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
}
