import RingWHEP
import Testing

@Suite(.timeLimit(.minutes(1))) struct SDPReadersTests {
    @Test func readsEverythingInABrowserOffer() throws {
        let sdp = try Fixture.sdp("offer-chromium156-video")
        let video = try #require(sdp.video)
        #expect(video.port == 39701)
        #expect(video.transportProtocol == "UDP/TLS/RTP/SAVPF")
        #expect(video.formats.count == 34)
        #expect(video.direction == .recvonly)
        #expect(video.mid == "0")
        #expect(sdp.bundle == SDPGroup(semantics: "BUNDLE", members: ["0"]))
        #expect(video.iceCredentials?.userFragment == "Q2Ug")
        #expect(video.fingerprints.map(\.algorithm) == ["sha-256"])
        #expect(video.setup == .actpass)
        #expect(video.hasRTCPMux)
        #expect(video.extensionMappings.count == 11)
        #expect(video.candidates.map(\.address) == ["192.0.2.2", "fd00::2"])
        #expect(video.candidates.first?.attributeValue.hasSuffix(" generation 0 network-cost 999") == true)
        #expect(video.codecs.count == 34)
        let h264 = video.codecs.filter { $0.isNamed("h264") }
        #expect(h264.count == 8)
        #expect(h264.first?.packetizationMode == 1)
        #expect(h264.first?.h264Profile?.kind == .baseline)
        #expect(h264.first?.feedback == ["goog-remb", "transport-cc", "ccm fir", "nack", "nack pli"])
        #expect(video.codecs.first { $0.format == "103" }?.associatedFormat == "102")
        #expect(video.codec?.name == "VP8")
    }

    @Test func sessionAttributesCountForSectionsWithoutTheirOwn() throws {
        let sdp = try Fixture.sdp("offer-libdatachannel024-video")
        let video = try #require(sdp.video)
        #expect(video.fingerprints.count == 1)
        #expect(sdp.groups.map(\.semantics) == ["BUNDLE", "LS"])
        let text = """
            v=0
            a=recvonly
            a=ice-ufrag:abcd
            a=ice-pwd:0123456789012345678901
            a=setup:passive
            m=video 9 UDP/TLS/RTP/SAVPF 96
            m=audio 9 UDP/TLS/RTP/SAVPF 0
            a=sendrecv
            a=setup:active
            a=ice-ufrag:wxyz
            """
        let inherited = try SDP(text)
        #expect(inherited.media.map(\.direction) == [.recvonly, .sendrecv])
        #expect(inherited.media.map(\.setup) == [.passive, .active])
        #expect(inherited.media.map { $0.iceCredentials?.userFragment } == ["abcd", "wxyz"])
        #expect(inherited.audio?.codec?.name == "PCMU")
    }

    @Test func severalFingerprintsAreAllRead() throws {
        let answer = try Fixture.sdp("answer-aiortc-to-aiortc-video-audio")
        #expect(answer.video?.fingerprints.map(\.algorithm) == ["sha-256", "sha-384", "sha-512"])
        #expect(answer.audio?.direction == .inactive)
        #expect(answer.video?.setup == .active)
        #expect(answer.video?.codec?.h264Profile?.kind == .baseline)
    }

    @Test(
        arguments: [
            ("42e01f", SDPH264Profile.Kind.constrainedBaseline, 31), ("42001f", .baseline, 31), ("4d001f", .main, 31),
            ("4D0032", .main, 50), ("640029", .high, 41), ("64001f", .high, 31), ("640c1f", .constrainedHigh, 31),
            ("f4001f", .other(244), 31), ("58e01f", .constrainedBaseline, 31),
            ("58A01F", .baseline, 31), ("58801f", .baseline, 31), ("58c01f", .constrainedBaseline, 31),
            ("58001f", .extended, 31), ("42f00b", .constrainedBaseline, 11), ("4d801f", .constrainedBaseline, 31),
        ] as [(String, SDPH264Profile.Kind, UInt8)])
    func readsProfiles(text: String, kind: SDPH264Profile.Kind, level: UInt8) throws {
        let profile = try #require(SDPH264Profile(profileLevelID: text))
        #expect(profile.kind == kind)
        #expect(profile.levelIDC == level)
        #expect(profile.isHigh == text.hasPrefix("64"))
    }

    @Test(arguments: [
        ("42f00b", "constrainedBaseline level 1b"), ("42e00b", "constrainedBaseline level 1.1"),
        ("64100b", "high level 1.1"), ("4d101f", "main level 3.1"),
    ])
    func theFourthFlagTurnsLevelOneOneIntoOneB(text: String, description: String) {
        #expect(SDPH264Profile(profileLevelID: text)?.description == description)
    }

    @Test(arguments: ["", "42e0", "5046314", "42e0zz", "42e01f ", "４２ｅ０"])
    func oddProfilesAreRefused(text: String) {
        #expect(SDPH264Profile(profileLevelID: text) == nil)
    }

    @Test func anAbsentProfileIsBaselineLevelOneAndAnAbsentModeIsZero() throws {
        let sdp = try SDP(
            "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=rtpmap:96 H264/90000\r\na=rtpmap:97 H264/90000\r\na=fmtp:97 profile-level-id=5046314"
        )
        #expect(sdp.video?.codec?.h264Profile == .assumed)
        #expect(sdp.video?.codec?.packetizationMode == 0)
        #expect(sdp.video?.codecs.last?.h264Profile == nil)
    }

    @Test(arguments: [
        "1 1 UDP 2015364095 127.0.0.1 35264 typ host",
        "3 1 TCP 1010828287 127.0.0.1 47179 typ host tcptype passive",
        "842163049 1 udp 1677729535 203.0.113.9 46154 typ srflx raddr 10.0.0.17 rport 46154 generation 0 network-cost 50",
        "1 2 udp 1 9d1c2b3a.local 9 typ host",
    ])
    func candidatesRoundTrip(text: String) throws {
        let candidate = try #require(SDPCandidate(attributeValue: text))
        #expect(candidate.attributeValue == text)
        #expect(SDPCandidate(attributeValue: "candidate:" + text) == candidate)
    }

    @Test(arguments: [
        "", "1 1 udp", "1 1 udp 99999999999 127.0.0.1 1 typ host", "1 1 udp 1 127.0.0.1 70000 typ host",
        "1 x udp 1 127.0.0.1 1 typ host", "1 1 udp -1 127.0.0.1 1 typ host", "1 1 udp 1 127.0.0.1 1 type host",
    ])
    func oddCandidatesAreRefusedWithoutHarm(text: String) {
        #expect(SDPCandidate(attributeValue: text) == nil)
    }

    @Test(arguments: [
        ("203.0.113.9", SDPAddressReach.publicNetwork), ("10.1.2.3", .privateNetwork), ("172.31.0.1", .privateNetwork),
        ("172.32.0.1", .publicNetwork), ("192.168.1.1", .privateNetwork), ("100.64.0.1", .privateNetwork),
        ("127.0.0.1", .loopback), ("::1", .loopback), ("169.254.1.1", .linkLocal), ("fe80::1", .linkLocal),
        ("fd00::2", .privateNetwork), ("2001:db8::1", .publicNetwork), ("::ffff:10.0.0.1", .privateNetwork),
        ("ABC.LOCAL", .multicastDNS), ("999.1.1.1", .publicNetwork), ("", .publicNetwork), (":", .publicNetwork),
    ])
    func addressesAreJudgedByWhoCanReachThem(address: String, reach: SDPAddressReach) {
        #expect(SDPAddressReach(of: address) == reach)
    }

    @Test func parametersAreFoundWithoutCaseAndSpaces() throws {
        let sdp = try SDP(
            "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n"
                + "a=fmtp:96 Level-Asymmetry-Allowed=1; packetization-mode = 1;x;y=\r\n")
        let codec = try #require(sdp.video?.codec)
        #expect(codec.parameter("level-asymmetry-allowed") == "1")
        #expect(codec.parameter("PACKETIZATION-MODE") == "1")
        #expect(codec.parameter("x") == "" && codec.parameter("y") == "")
        #expect(codec.parameter("z") == nil)
    }
}
