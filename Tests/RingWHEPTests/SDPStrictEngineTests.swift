import Foundation
import RingWHEP
import Testing

/// Answers that browsers refuse: repaired where that is safe, a finding otherwise.
@Suite(.timeLimit(.minutes(1))) struct SDPStrictEngineTests {
    private static let answer = "answer-aiortc-to-aiortc-video-audio-served"

    private func offer() throws -> SDP { try Fixture.sdp("offer-aiortc-video-audio") }

    private func checked(_ edits: (String, String)...) throws -> SDPCheckedAnswer {
        var text = try Fixture.text(Self.answer)
        for (old, new) in edits {
            #expect(text.contains(old))
            text = text.replacing(old, with: new)
        }
        return try SDP(text).checked(against: self.offer())
    }

    /// The answer with its audio section rejected and unnamed in the bundle, as a correct server writes it.
    private func rejectedAudio(_ mediaLine: String = "m=audio 0 UDP/TLS/RTP/SAVPF 0") throws -> String {
        var text = try Fixture.text("answer-bundle-names-rejected").replacing("BUNDLE 0 1", with: "BUNDLE 0")
        text = text.replacing("m=audio 0 UDP/TLS/RTP/SAVPF 0", with: mediaLine)
        return text
    }

    private func group(_ checked: SDPCheckedAnswer) -> [String] {
        checked.sdp.text.split(separator: "\r\n").filter { $0.hasPrefix("a=group:") }.map(String.init)
    }

    // MARK: Bundles

    @Test func aRejectedSectionLeavesTheBundle() throws {
        let checked = try Fixture.sdp("answer-bundle-names-rejected").checked(against: self.offer())
        #expect(checked.sdp.text == (try self.rejectedAudio()))
        #expect(checked.repairs.map(\.line) == [5])
        #expect(try self.checked(("m=audio 45352", "m=audio 0")).sdp.bundle?.members == ["0"])
    }

    @Test(arguments: [
        ("BUNDLE 0 1 2", ["a=group:BUNDLE 0 1"]), ("BUNDLE 9 0 1", ["a=group:BUNDLE 0 1"]),
        ("BUNDLE 0 1 1", ["a=group:BUNDLE 0 1"]), ("BUNDLE 0 1\r\na=group:BUNDLE 1", ["a=group:BUNDLE 0 1"]),
        ("BUNDLE 0 1\r\na=group:LS 0 1 7", ["a=group:BUNDLE 0 1", "a=group:LS 0 1"]),
        ("BUNDLE 0 1\r\na=group:LS 7", ["a=group:BUNDLE 0 1"]),
    ])
    func unknownAndRepeatedNamesLeaveTheGroups(groups: String, expected: [String]) throws {
        let checked = try self.checked(("BUNDLE 0 1", groups))
        #expect(self.group(checked) == expected)
        #expect(!checked.repairs.isEmpty)
        #expect(checked.findings.errors == [])
    }

    @Test(arguments: ["a=group:BUNDLE\r\n", "a=group:BUNDLE 7\r\n", ""]) func theOnlySectionGetsItsBundle(group: String)
        throws
    {
        let text = try Fixture.text("answer-aiortc-to-aiortc-video").replacing("a=group:BUNDLE 0\r\n", with: group)
        let checked = try SDP(text).checked(against: Fixture.sdp("offer-aiortc-video"))
        #expect(self.group(checked) == ["a=group:BUNDLE 0"])
        #expect(!checked.repairs.isEmpty)
    }

    @Test func aBundleThatWasNotOfferedGoesWhenItHasOneMember() throws {
        let offer = try Fixture.edited("offer-aiortc-video", ("a=group:BUNDLE 0\r\n", ""))
        let checked = try Fixture.sdp("answer-aiortc-to-aiortc-video").checked(against: offer)
        #expect(self.group(checked) == [])
        #expect(checked.repairs.map(\.line) == [5])
    }

    @Test func severalSectionsBundledAgainstTheOfferAreAFinding() throws {
        let offer = try Fixture.edited("offer-aiortc-video-audio", ("a=group:BUNDLE 0 1\r\n", ""))
        let checked = try Fixture.sdp(Self.answer).checked(against: offer)
        #expect(checked.findings.contains { $0.severity == .warning && $0.message.contains("bundled although") })
        #expect(self.group(checked) == ["a=group:BUNDLE 0 1"])
    }

    @Test(arguments: ["a=group:BUNDLE 0\r\n", "a=group:BUNDLE\r\n", ""])
    func sectionsOutsideTheOfferedBundleAreAFinding(group: String) throws {
        let checked = try self.checked(("a=group:BUNDLE 0 1\r\n", group))
        #expect(checked.findings.contains { $0.severity == .warning && $0.message.contains("not bundled") })
    }

    /// Its transport is described in the rejected section, so taking that out of the bundle does not help.
    @Test func aSectionThatLeavesItsTransportToARejectedOneIsAnError() throws {
        var text = try Fixture.text(Self.answer)
        let audio = try #require(text.range(of: "m=audio"))
        let rest = text[audio.lowerBound...].split(separator: "\r\n").filter {
            !$0.hasPrefix("a=ice") && !$0.hasPrefix("a=fingerprint")
        }
        text =
            text[..<audio.lowerBound].replacing("m=video 45352", with: "m=video 0")
            + rest.joined(separator: "\r\n") + "\r\n"
        let answer = try SDP(text)
        #expect(throws: SDPCheckError.self) { try answer.checked(against: self.offer()) }
    }

    // MARK: Sections

    @Test(arguments: ["m=audio 0 UDP/TLS/RTP/SAVPF", "m=audio 0 UDP/TLS/RTP/SAVPF ", "m=audio 0\tUDP/TLS/RTP/SAVPF\t"])
    func aRejectedSectionWithoutAFormatIsRead(line: String) throws {
        let answer = try SDP(try self.rejectedAudio(line))
        let checked = try answer.checked(against: self.offer())
        #expect(checked.sdp.text == (try self.rejectedAudio()))
        #expect(checked.repairs.count == 1)
        #expect(answer.text == checked.sdp.text)
    }

    @Test func theCaseOfARejectedSectionWithoutAFormatIsUsed() throws {
        let checked = try Fixture.sdp("answer-rejected-audio-without-format").checked(against: self.offer())
        #expect(checked.sdp.text == (try self.rejectedAudio()))
    }

    @Test func aMissingSectionIsAddedAsRejected() throws {
        var text = try Fixture.text(Self.answer)
        let audio = try #require(text.range(of: "m=audio"))
        text = String(text[..<audio.lowerBound])
        let checked = try SDP(text).checked(against: self.offer())
        let tail = "m=audio 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=inactive\r\na=mid:1\r\n"
        #expect(checked.sdp.text == text.replacing("BUNDLE 0 1", with: "BUNDLE 0") + tail)
        #expect(checked.sdp.audio?.isRejected == true && checked.sdp.video?.isRejected == false)
    }

    /// A server that answers video only, to an offer with sound first.
    @Test func aMissingFirstSectionIsFoundByTheNamesOfTheOthers() throws {
        let offer = try self.swapped(Fixture.text("offer-aiortc-video-audio"))
        var text = try Fixture.text(Self.answer)
        let audio = try #require(text.range(of: "m=audio"))
        text = String(text[..<audio.lowerBound])
        let checked = try SDP(text).checked(against: SDP(offer))
        #expect(checked.sdp.media.map(\.mid) == ["1", "0"])
        #expect(checked.sdp.audio?.isRejected == true && checked.sdp.video?.isRejected == false)
    }

    /// The same without names, and with both sections in another order than offered.
    @Test(arguments: [true, false]) func sectionsWithoutNamesAreFoundByTheirMediaTypes(hasAudio: Bool) throws {
        let offer = try self.swapped(Fixture.text("offer-aiortc-video-audio"))
        var text = try Fixture.text(Self.answer)
        if !hasAudio { text = String(text[..<(try #require(text.range(of: "m=audio"))).lowerBound]) }
        text = text.replacing("a=mid:0\r\n", with: "").replacing("a=mid:1\r\n", with: "")
        let checked = try SDP(text).checked(against: SDP(offer))
        #expect(checked.sdp.media.map(\.mid) == ["1", "0"])
        #expect(checked.sdp.audio?.isRejected == !hasAudio && checked.sdp.video?.isRejected == false)
        #expect(checked.sdp.bundle?.members == (hasAudio ? ["0", "1"] : ["0"]))
    }

    @Test func sectionsInAnotherOrderAreSorted() throws {
        let text = try self.swapped(Fixture.text(Self.answer))
        let checked = try SDP(text).checked(against: self.offer())
        #expect(checked.sdp.text == (try Fixture.text(Self.answer)))
        #expect(checked.repairs.count == 1)
    }

    private func swapped(_ text: String) throws -> String {
        let video = try #require(text.range(of: "m=video")).lowerBound
        let audio = try #require(text.range(of: "m=audio")).lowerBound
        return String(text[..<video] + text[audio...] + text[video..<audio])
    }

    @Test func anAnswerWithoutAnySectionIsAnError() throws {
        let answer = try SDP("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n")
        let error = #expect(throws: SDPCheckError.self) { try answer.checked(against: self.offer()) }
        #expect(error?.contains(.sectionCount) == true)
    }

    @Test func anAnswerWithoutTheVideoSectionIsAnError() throws {
        var text = try Fixture.text(Self.answer)
        let video = try #require(text.range(of: "m=video")).lowerBound
        let audio = try #require(text.range(of: "m=audio")).lowerBound
        text.removeSubrange(video..<audio)
        let answer = try SDP(text)
        let error = #expect(throws: SDPCheckError.self) { try answer.checked(against: self.offer()) }
        #expect(error?.contains(.videoRejected) == true)
    }

    // MARK: Lines

    @Test func aMissingConnectionLineIsAdded() throws {
        let checked = try Fixture.sdp("answer-without-c-line").checked(against: self.offer())
        let lines = checked.sdp.text.split(separator: "\r\n")
        #expect(lines.count { $0 == "c=IN IP4 0.0.0.0" } == 2)
        for (line, next) in zip(lines, lines.dropFirst()) where line.hasPrefix("m=") { #expect(next.hasPrefix("c=")) }
        #expect(checked.repairs.map(\.line) == [7, 40])
    }

    @Test func aConnectionLineOfTheSessionIsEnough() throws {
        let text = try Fixture.text("answer-without-c-line").replacing("t=0 0", with: "c=IN IP4 0.0.0.0\r\nt=0 0")
        let checked = try SDP(text).checked(against: self.offer())
        #expect(checked.sdp.text == text && checked.repairs == [])
    }

    @Test func theConnectionLineComesAfterTheTitle() throws {
        let text = try Fixture.text("answer-without-c-line").replacing("a=sendonly", with: "i=title\r\na=sendonly")
        let checked = try SDP(text).checked(against: self.offer())
        #expect(checked.sdp.text.contains("102\r\ni=title\r\nc=IN IP4 0.0.0.0\r\n"))
    }

    @Test(arguments: ["o=- 4004206013 4004206013 IN IP4 0.0.0.0", "s=-", "t=0 0"])
    func aMissingLineOfTheSessionIsAdded(line: String) throws {
        let checked = try self.checked((line + "\r\n", ""))
        let types = checked.sdp.text.split(separator: "\r\n").prefix(5).map { $0.prefix(2) }
        #expect(types == ["v=", "o=", "s=", "t=", "a="])
        #expect(checked.repairs.count == 1)
    }

    @Test func anEmptyNameOfTheSessionIsReplaced() throws {
        #expect(try self.checked(("s=-", "s=")).sdp.text == (try Fixture.text(Self.answer)))
        #expect(try self.checked(("s=-", "s= ")).repairs == [])
    }

    @Test func linesOfTheSessionAreSorted() throws {
        let checked = try self.checked(
            ("s=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n", "a=group:BUNDLE 0 1\r\nt=0 0\r\ns=-\r\n"))
        #expect(checked.sdp.text == (try Fixture.text(Self.answer)))
        #expect(checked.repairs.count == 1)
    }

    @Test(arguments: [
        "a=", "a= sendrecv", "b=", "A=x", "X=1", "a=fmtp:99", "a=fmtp: 99", "a=rtpmap:99 ", "a=rtcp-fb:99",
        "a=extmap:4",
        "a=ssrc:1", "a=fingerprint:sha-256", "a=fingerprint:md5 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF",
        "a=fingerprint:sha-256 AA:BB", "a=fingerprint:sha-1 AABB", "a=extmap:x urn:x", "a=extmap:0 urn:x",
        "a=extmap:4096 urn:x", "a=rtpmap:x H264/90000", "a=rtpmap:99 H264", "a=rtpmap:99 H264/x", "a=rtpmap:200 x/1",
        "a=fmtp:x a=b", "a=fmtp:* a=b", "a=fmtp:33 a=b", "a=rtcp-fb:x nack", "a=rtcp-fb:33 nack", "a=ssrc:x cname:y",
        "a=ssrc:1 cname", "a=ssrc:4294967296 cname:x", "a=ssrc-group:FID", "a=ssrc-group:FID x y",
        "a=ssrc-group:FID 1 2", "a=msid", "a=msid:", "a=msid:a b c",
        "a=mid", "a=setup", "a=ice-options",
        "a=bundle-only", "a=simulcast:x", "a=packetization:33 raw", "b=AS:x", "b=AS:-1", "b=AS 5",
        "c=IN IP4 ::1", "c=IN IP6 192.0.2.1", "c=IN IP4", "c=IN IP4 224.2.1.1/127", "c=X IP4 192.0.2.1",
    ]) func linesThatBrowsersCannotReadAreRemoved(line: String)
        throws
    {
        let checked = try self.checked(("a=mid:0", "a=mid:0\r\n" + line))
        #expect(checked.sdp.text == (try Fixture.text(Self.answer)))
        #expect(checked.repairs.count == 1)
    }

    /// Browsers use the last of them, and the first was checked.
    @Test(arguments: [
        "a=mid:7", "a=setup:passive", "a=ice-pwd:x", "a=ice-ufrag:other", "a=msid:a b",
        "a=ssrc-group:FID 635330097 558781696",
    ]) func secondLinesAreRemoved(line: String) throws {
        let text = try Fixture.text(Self.answer)
        let audio = try #require(text.firstRange(of: "m=audio")).lowerBound
        let checked = try SDP(text[..<audio] + line + "\r\n" + text[audio...]).checked(against: self.offer())
        #expect(checked.sdp.text == text)
        #expect(checked.repairs.count == 1)
    }

    @Test(arguments: [
        "a=candidate:1 1 udp 2130706431 127.0.0.1 45352", "a=candidate:", "a=candidate:1 one udp 1 1.1.1.1 1 typ host",
        "a=candidate:1 1 udp +1 1.1.1.1 1 typ host", "a=candidate:1 1 tls 1 1.1.1.1 1 typ host",
        "a=candidate:1 1 udp 1 1.1.1.1 1 typ other", "a=candidate:1 1 tcp 1 1.1.1.1 1 typ host tcptype other",
        "a=candidate:1 1 udp 1 1.1.1.1 1 typ srflx raddr 1.1.1.1 rport x",
        "a=candidate:1 1 udp 1 1.1.1.1 1 typ host generation x",
        "a=candidate:1 1 udp 1 1.1.1.1 1 typ host network-cost -1",
    ])
    func candidatesThatCannotBeParsedAreRemoved(line: String) throws {
        let checked = try self.checked(("a=mid:0", "a=mid:0\r\n" + line))
        #expect(checked.sdp.text == (try Fixture.text(Self.answer)))
        #expect(checked.repairs.count == 1)
    }

    @Test(arguments: [
        "a=candidate:1 1 UDP 1 1.1.1.1 1 typ host", "a=candidate:1 1 udp 1 camera.local 1 typ host x",
        "a=candidate:1 1 tcp 1 1.1.1.1 9 typ host tcptype active generation 0 ufrag x network-id 1 network-cost 999",
        "a=candidate:1 1 udp 1 1.1.1.1 1 typ relay raddr 0.0.0.0 rport 0", "b=TIAS:500000", "b=X-Y:1", "c=IN IP6 ::",
        "c=IN IP4 camera.example", "a=extmap:200 urn:x", "a=rtcp-fb:* ccm fir", "a=rtpmap:33 VP8/90000",
        "a=ssrc:1 msid:a b", "a=rid:x send", "a=unknown", "a=unknown:x y",
    ]) func linesThatBrowsersReadStay(line: String) throws {
        let text = try Fixture.text(Self.answer).replacing("a=mid:0", with: "a=mid:0\r\n" + line)
        let checked = try SDP(text).checked(against: self.offer())
        #expect(checked.sdp.text == text && checked.repairs == [])
    }

    @Test(arguments: ["o=- 1 1 IN IP4", "o=a name 1 1 IN IP4 0.0.0.0"]) func anUnreadableOriginIsReplaced(line: String)
        throws
    {
        let checked = try self.checked(("o=- 4004206013 4004206013 IN IP4 0.0.0.0", line))
        #expect(checked.sdp.text.hasPrefix("v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\n"))
    }

    @Test func anUnreadableConnectionOfTheSessionIsReplacedInTheSections() throws {
        let text = try Fixture.text("answer-without-c-line").replacing("t=0 0", with: "c=IN IP4 ::1\r\nt=0 0")
        let checked = try SDP(text).checked(against: self.offer())
        #expect(checked.sdp.text.split(separator: "\r\n").count { $0 == "c=IN IP4 0.0.0.0" } == 2)
        #expect(!checked.sdp.text.contains("::1"))
    }

    @Test func wordsOfASourceAreSeparatedByBlanks() throws {
        let checked = try self.checked(("a=ssrc:635330097 ", "a=ssrc:635330097\t"))
        #expect(checked.sdp.text == (try Fixture.text(Self.answer)))
        #expect(checked.repairs.map(\.kind) == [.blanks])
    }

    // MARK: Formats

    /// Servers reject a section in its `m=` line, and leave the parameters of its formats below.
    @Test(arguments: [
        "m=audio 0 UDP/TLS/RTP/SAVPF", "m=audio 0 UDP/TLS/RTP/SAVPF 0", "m=audio 0 UDP/TLS/RTP/SAVPF none",
    ])
    func aRejectedSectionKeepsNoParametersOfItsFormats(line: String) throws {
        let text =
            try self.rejectedAudio(line) + "a=rtpmap:96 opus/48000/2\r\na=rtcp-fb:96 nack\r\na=fmtp:96 stereo=1\r\n"
        let checked = try SDP(text).checked(against: self.offer())
        #expect(checked.sdp.text == (try self.rejectedAudio()) + "a=rtpmap:96 opus/48000/2\r\n")
    }

    @Test(arguments: [
        ("m=video 45352 ", "m=video 45352/2 "), ("UDP/TLS/RTP/SAVPF 99", "udp/tls/rtp/savpf 99"),
        ("SAVPF 99 100 101 102", "SAVPF 99 100 H264 101 102 200 *"),
    ])
    func theMediaLineIsWrittenAsBrowsersReadIt(old: String, new: String) throws {
        let checked = try self.checked((old, new))
        #expect(checked.sdp.text == (try Fixture.text(Self.answer)))
        #expect(checked.repairs.map(\.kind) == [.formats])
    }

    @Test(arguments: [("a=fmtp:102 apt=101\r\n", ""), ("a=fmtp:102 apt=101", "a=fmtp:102 apt=33")])
    func aRetransmissionOfNothingIsRemoved(old: String, new: String) throws {
        let checked = try self.checked((old, new))
        #expect(checked.sdp.video?.formats == ["99", "100", "101"])
        #expect(!checked.sdp.text.contains("a=fmtp:102"))
        #expect(checked.findings.errors == [])
    }

    @Test func aVideoSectionWithoutACodecIsAnError() throws {
        let answer = try Fixture.edited(
            Self.answer, ("a=rtpmap:99 H264/90000\r\n", ""), ("a=rtpmap:101 H264/90000\r\n", ""))
        let error = #expect(throws: SDPCheckError.self) { try answer.checked(against: self.offer()) }
        #expect(error?.contains(.formats) == true)
    }

    /// Engines decode with the codec of their offer, whatever the answer calls it.
    @Test func aPayloadTypeOfAnotherCodecIsAFinding() throws {
        let checked = try self.checked(("a=rtpmap:99 H264", "a=rtpmap:99 VP8"))
        #expect(checked.findings.contains { $0.severity == .warning && $0.message.contains("another codec") })
        let answer = try Fixture.edited(Self.answer, ("a=rtpmap:99 H264", "a=rtpmap:99 H265"))
        let error = #expect(throws: SDPCheckError.self) { try answer.checked(against: self.offer()) }
        #expect(error?.contains(.formats) == true)
    }

    // MARK: Numbers and bundles of the offer

    /// A server with numbers of its own (RFC 8285 section 6).
    @Test func aHeaderExtensionWithTheNumberOfAnotherIsRemoved() throws {
        let checked = try self.checked(("a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\na=extmap:3", "a=extmap:1"))
        #expect(checked.sdp.video?.extensionMappings == [])
        #expect(checked.repairs.map(\.kind) == [.extensionMapping])
    }

    /// RFC 9143 section 7.1.3 wants it so, and Chromium refuses it.
    @Test(arguments: [true, false]) func everySectionOfABundleIsMultiplexed(isFirst: Bool) throws {
        let text = try Fixture.text(Self.answer)
        let audio = try #require(text.firstRange(of: "m=audio")).lowerBound
        var parts = [String(text[..<audio]), String(text[audio...])]
        parts[isFirst ? 0 : 1].replace("a=rtcp-mux\r\n", with: "")
        let checked = try SDP(parts.joined()).checked(against: self.offer())
        #expect(checked.sdp.media.map(\.hasRTCPMux) == [true, true])
        #expect(checked.repairs.map(\.kind) == [.bundle])
        let loose = try SDP(parts.joined().replacing("a=group:BUNDLE 0 1\r\n", with: "")).checked(against: self.offer())
        #expect(loose.sdp.media.map(\.hasRTCPMux) == [!isFirst, isFirst])
    }

    @Test func aBundleBeginsLikeThatOfTheOffer() throws {
        let checked = try self.checked(("BUNDLE 0 1", "BUNDLE 1 0"))
        #expect(checked.sdp.text == (try Fixture.text(Self.answer)))
        #expect(checked.repairs.map(\.line) == [5])
        // A first section that describes no transport cannot carry the others.
        let text = try Fixture.text(Self.answer).replacing("BUNDLE 0 1", with: "BUNDLE 1 0")
        let audio = try #require(text.firstRange(of: "m=audio")).lowerBound
        let video = text[..<audio].split(separator: "\r\n").filter { !$0.hasPrefix("a=fingerprint") }
        let other = try SDP(video.joined(separator: "\r\n") + "\r\n" + text[audio...]).checked(against: self.offer())
        #expect(other.sdp.bundle?.members == ["1", "0"])
        #expect(other.findings.contains { $0.severity == .warning && $0.message.contains("does not begin") })
    }

    /// Which of two transports the server uses, only the order tells.
    @Test func aBundleOfAnotherTransportKeepsItsOrder() throws {
        let text = try Fixture.text(Self.answer).replacing("BUNDLE 0 1", with: "BUNDLE 1 0")
        let audio = try #require(text.firstRange(of: "m=audio")).lowerBound
        let sound = String(text[audio...]).replacing(/a=ice-ufrag:.*\r\n/, with: "a=ice-ufrag:BBBB\r\n")
        let checked = try SDP(String(text[..<audio]) + sound).checked(against: self.offer())
        #expect(checked.sdp.bundle?.members == ["1", "0"])
        #expect(checked.findings.contains { $0.severity == .warning && $0.message.contains("does not begin") })
    }

    @Test func moreBundlesThanOfferedAreAFinding() throws {
        let checked = try self.checked(("BUNDLE 0 1", "BUNDLE 0\r\na=group:BUNDLE 1"))
        #expect(checked.findings.contains { $0.severity == .warning && $0.message.contains("more bundles") })
    }

    @Test func headerExtensionsInTwoPlacesAreAFinding() throws {
        let checked = try self.checked(("t=0 0\r\n", "t=0 0\r\na=extmap:9 urn:x\r\n"))
        #expect(checked.findings.contains { $0.severity == .warning && $0.message.contains("before the sections") })
    }

    @Test func oneSourceOfTwoSectionsIsAFinding() throws {
        let text = try Fixture.text(Self.answer)
        let audio = try #require(text.firstRange(of: "m=audio")).lowerBound
        let sound = String(text[audio...]).replacing(/a=ssrc:\d+/, with: "a=ssrc:635330097")
        let checked = try SDP(String(text[..<audio]) + sound).checked(against: self.offer())
        #expect(checked.findings.contains { $0.severity == .warning && $0.message.contains("two sections") })
    }

    /// One stream of picture and sound, whose tracks have no names (RFC 8830 section 2).
    @Test func oneStreamOfTwoSectionsIsInBoth() throws {
        let text = try Fixture.text(Self.answer).replacing(/a=msid:.*\r\n/, with: "a=msid:stream1\r\n")
        let checked = try SDP(text).checked(against: self.offer())
        #expect(checked.sdp.text.split(separator: "m=").count { $0.contains("a=msid:stream1\r\n") } == 2)
    }

    /// The section of the sound is the first here.
    @Test func aTrackOfARejectedSectionIsNotTaken() throws {
        func soundFirst(_ text: String) throws -> String {
            let video = try #require(text.firstRange(of: "m=video")).lowerBound
            let audio = try #require(text.firstRange(of: "m=audio")).lowerBound
            return String(text[..<video] + text[audio...] + text[video..<audio])
        }
        let text = try soundFirst(Fixture.text(Self.answer)).replacing(/a=msid:.*\r\n/, with: "a=msid:s t\r\n")
            .replacing(/m=audio \d+/, with: "m=audio 0")
        let checked = try SDP(text).checked(against: SDP(soundFirst(self.offer().text)))
        #expect(checked.sdp.media.map(\.isRejected) == [true, false])
        #expect(checked.sdp.text.split(separator: "m=video").last?.contains("a=msid:s t\r\n") == true)
    }

    @Test func oneTrackOfTwoSectionsIsThatOfTheFirst() throws {
        let text = try Fixture.text(Self.answer)
        let track = try #require(text.split(separator: "\r\n").first { $0.hasPrefix("a=msid:") })
        let audio = try #require(text.firstRange(of: "m=audio")).lowerBound
        let sound = String(text[audio...]).replacing(/a=msid:.*\r\n/, with: track + "\r\n")
        let checked = try SDP(String(text[..<audio]) + sound).checked(against: self.offer())
        #expect(checked.sdp.text.split(separator: "m=audio").map { $0.contains("a=msid:") } == [true, false])
    }

    /// A server that knows nothing of names and bundles, such as FreeSWITCH.
    @Test func sectionsWithoutNamesGetThoseOfTheOffer() throws {
        let checked = try self.checked(("a=group:BUNDLE 0 1\r\n", ""), ("a=mid:0\r\n", ""), ("a=mid:1\r\n", ""))
        #expect(checked.sdp.media.map(\.mid) == ["0", "1"])
        #expect(checked.repairs.map(\.kind) == [.mid, .mid])
        let video = try Fixture.edited(
            "answer-aiortc-to-aiortc-video", ("a=group:BUNDLE 0\r\n", ""), ("a=mid:0\r\n", ""))
        let named = try video.checked(against: Fixture.sdp("offer-aiortc-video"))
        #expect(named.sdp.bundle?.members == ["0"] && named.sdp.video?.mid == "0")
        #expect(Set(named.repairs.map(\.kind)) == [.mid, .bundle])
    }

    @Test func messagesRepeatNoTextOfTheAnswer() throws {
        let kind = "\u{1B}[31mevil\u{7}"
        let surplus = "m=\(kind) 9 UDP 0\r\na=\(kind):x\r\n"
        let checked = try self.checked(("a=rtpmap:8 PCMA/8000\r\n", "a=rtpmap:8 PCMA/8000\r\n" + surplus))
        let wrong = try Fixture.edited(Self.answer, ("m=video", "m=\(kind)"))
        let error = #expect(throws: SDPCheckError.self) { try wrong.checked(against: self.offer()) }
        for text in [
            "\(checked.repairs) \(checked.findings)", "\(error?.description ?? "")", "\(wrong.media) \(wrong.lines)",
        ] {
            #expect(!text.isEmpty && !text.contains("evil") && !text.contains("\u{1B}"))
        }
    }

    // MARK: Numbers with two meanings

    @Test func onePayloadTypeForTwoCodecsIsAFinding() throws {
        let edits = [
            ("m=audio 45352 UDP/TLS/RTP/SAVPF 96", "m=audio 45352 UDP/TLS/RTP/SAVPF 99"),
            ("a=rtpmap:96 ", "a=rtpmap:99 "),
        ]
        let checked = try self.checked(edits[0], edits[1])
        let finding = checked.findings.first { $0.message.contains("two codecs") }
        #expect(finding?.severity == .warning && finding?.line != nil)
    }

    @Test func onePayloadTypeForTwoCodecsInASectionIsAFinding() throws {
        let checked = try self.checked(("a=rtpmap:99 H264/90000", "a=rtpmap:99 H264/90000\r\na=rtpmap:99 VP8/90000"))
        #expect(checked.findings.contains { $0.message.contains("two codecs") })
    }

    @Test(arguments: ["h264/90000", "H264/90000"]) func oneCodecTwiceIsNone(map: String) throws {
        let checked = try self.checked(("a=rtpmap:99 H264/90000", "a=rtpmap:99 H264/90000\r\na=rtpmap:99 \(map)"))
        #expect(!checked.findings.contains { $0.message.contains("two codecs") })
    }

    @Test func oneExtensionNumberForTwoURIsIsAFinding() throws {
        let checked = try self.checked(
            (
                "a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
                "a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level"
            ))
        let finding = checked.findings.first { $0.message.contains("two URIs") }
        #expect(finding?.severity == .warning && finding?.line != nil)
    }

    @Test func numbersInSeparateTransportsMayDiffer() throws {
        let offer = try Fixture.edited("offer-aiortc-video-audio", ("a=group:BUNDLE 0 1\r\n", ""))
        let answer = try Fixture.edited(
            Self.answer, ("a=group:BUNDLE 0 1\r\n", ""),
            (
                "a=extmap:2 urn:ietf:params:rtp-hdrext:ssrc-audio-level",
                "a=extmap:3 urn:ietf:params:rtp-hdrext:ssrc-audio-level"
            ))
        #expect(!(try answer.checked(against: offer)).findings.contains { $0.message.contains("two URIs") })
    }

    // MARK: The picture

    @Test(arguments: [
        ("42001f", true), ("42e01f", true), ("58A01F", true), ("4de01f", true), ("4d001f", false), ("64001f", false),
        ("640c1f", false),
    ])
    func aBaselineProfileInTheAnswerIsAWarning(profile: String, isBaseline: Bool) throws {
        let checked = try self.checked(("42001f", profile))
        let finding = checked.findings.first { $0.message.contains("Baseline") }
        #expect((finding != nil) == isBaseline)
        #expect(finding == nil || finding?.severity == .warning)
    }

    @Test func anAnswerThatLeavesOutRetransmissionIsAWarning() throws {
        let checked = try self.checked(("a=rtcp-fb:99 nack\r\n", ""), ("a=rtcp-fb:101 nack\r\n", ""))
        #expect(checked.findings.contains { $0.severity == .warning && $0.message.contains("NACK") })
        #expect(!(try self.checked().findings.contains { $0.message.contains("NACK") || $0.message.contains("RTX") }))
    }
}
