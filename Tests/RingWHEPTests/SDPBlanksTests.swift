import RingWHEP
import Testing

/// Values end where their meaning ends, and the text that is written is clean.
@Suite(.timeLimit(.minutes(1))) struct SDPBlanksTests {
    /// The lines of a sample with a change to those whose value is no free text.
    private func changed(_ name: String, _ change: (String) -> String) throws -> String {
        try Fixture.text(name).split(separator: "\r\n").map { line in
            let text = String(line)
            return text.hasPrefix("s=") ? text : change(text)
        }.joined(separator: "\r\n") + "\r\n"
    }

    @Test(arguments: Fixture.all, [" ", "\t", " \t  ", "\r"])
    func whatFollowsAValueIsNotPartOfIt(name: String, tail: String) throws {
        let clean = try Fixture.sdp(name)
        let sdp = try SDP(try self.changed(name) { $0 + tail })
        #expect(sdp.text == clean.text)
        #expect(sdp.offerFindings().errors == clean.offerFindings().errors)
        #expect(sdp.video?.isRejected == clean.video?.isRejected)
        #expect(sdp.video?.codecs == clean.video?.codecs)
        #expect(sdp.media.map(\.mid) == clean.media.map(\.mid))
        #expect(sdp.media.map(\.setup) == clean.media.map(\.setup))
        #expect(sdp.media.map(\.iceCredentials) == clean.media.map(\.iceCredentials))
        #expect(sdp.media.map(\.fingerprints) == clean.media.map(\.fingerprints))
        #expect(sdp.media.map(\.candidates) == clean.media.map(\.candidates))
    }

    @Test(arguments: Fixture.all, ["  ", "\t", " \t"])
    func anyBlanksSeparateWords(name: String, blanks: String) throws {
        let lists = [
            "m=", "a=rtpmap:", "a=fmtp:", "a=rtcp-fb:", "a=candidate:", "a=extmap:", "a=group:", "a=fingerprint:", "c=",
        ]
        let clean = try Fixture.sdp(name)
        let sdp = try SDP(
            try self.changed(name) { line in
                lists.contains { line.hasPrefix($0) } ? line.replacing(" ", with: blanks) : line
            })
        #expect(sdp.text == clean.text)
        #expect(sdp.media.map(\.codecs) == clean.media.map(\.codecs))
        #expect(sdp.media.map(\.formats) == clean.media.map(\.formats))
        #expect(sdp.media.map(\.candidates) == clean.media.map(\.candidates))
        #expect(sdp.media.map(\.extensionMappings) == clean.media.map(\.extensionMappings))
        #expect(sdp.groups == clean.groups)
    }

    @Test(arguments: ["a=mid: 0", "a=mid:\t0", "a=mid:0 "]) func blanksBeforeAValueAreNotPartOfIt(line: String) throws {
        let sdp = try Fixture.edited("offer-aiortc-video", ("a=mid:0", line))
        #expect(sdp.media.first?.mid == "0")
        #expect(try sdp.encoded() == Fixture.bytes("offer-aiortc-video"))
    }

    @Test func freeTextKeepsItsBlanks() throws {
        let text = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns= \r\ni=two  words \r\nt=0 0\r\na=tool:a  b\r\nx=y \r\n"
        #expect(try SDP(text).text == text)
    }

    @Test func anOfferWithATrailingBlankIsSentWithoutIt() throws {
        let offer = try Fixture.sdp("offer-recvonly-trailing-space")
        #expect(offer.offerFindings().errors == [])
        #expect(offer.offerFindings().first { $0.line == 9 }?.severity == .note)
        #expect(!offer.text.contains(" \r\n"))
        #expect(offer.text.contains("a=recvonly\r\n"))
    }

    @Test func anInactiveAnswerStaysInactive() throws {
        let answer = try Fixture.sdp("answer-trailing-space-inactive")
        let error = #expect(throws: SDPCheckError.self) {
            try answer.checked(against: Fixture.sdp("offer-aiortc-video-audio"))
        }
        #expect(error?.contains(.inactive) == true)
    }

    @Test func anAnswerWithTrailingBlanksIsCleaned() throws {
        let checked = try Fixture.sdp("answer-pion-rtcpfb-trailing-space").checked(
            against: Fixture.sdp("offer-aiortc-video-audio"))
        #expect(
            checked.sdp.text == (try Fixture.text("answer-aiortc-to-aiortc-video-audio-served"))
                || !checked.sdp.text.contains(" \r\n"))
        #expect(checked.sdp.video?.codec?.feedback == ["nack", "nack pli", "goog-remb"])
        #expect(checked.repairs.map(\.line) == [20])
    }

    @Test(arguments: [("a=setup:active", "a=setup:active "), ("a=mid:0", "a=mid:0\t"), (" 99 100", "\t99  100")])
    func anAnswerThatDiffersInBlanksIsUsed(old: String, new: String) throws {
        let name = "answer-aiortc-to-aiortc-video"
        let checked = try Fixture.edited(name, (old, new)).checked(against: Fixture.sdp("offer-aiortc-video"))
        #expect(try checked.sdp.encoded() == Fixture.bytes(name))
        #expect(checked.repairs.count == 1 && checked.repairs.first?.message.contains("blanks") == true)
    }

    @Test(arguments: ["\0", "\r\n\0\0", "  \r\n \t\r\n"]) func whatEndsATextIsNotALine(tail: String) throws {
        let sdp = try SDP(try Fixture.text("offer-aiortc-video") + tail)
        #expect(try sdp.encoded() == Fixture.bytes("offer-aiortc-video"))
        #expect(sdp.offerFindings().errors == [])
    }

    /// An engine would read another description than the one that was checked.
    @Test(arguments: ["a=mid:0\0a=sendonly", "a=mid:0\ra=sendonly", "s=a\0b"]) func aLineWithANULOrCRInsideIsRefused(
        line: String
    ) {
        let error = #expect(throws: SDPError.self) { try SDP("v=0\r\n\(line)\r\nm=video 9 X 96\r\n") }
        #expect(error?.code == .malformedLine && error?.line == 2)
    }

    @Test func aFragmentMayBeginWithAByteOrderMarkAndHaveBlanks() throws {
        let text =
            "\u{FEFF}a=ice-ufrag:fresh \r\na=ice-pwd:0123456789012345678901\t\r\nm=video 9 X 0\r\na=mid:0 \r\n"
            + "a=candidate:1  1 udp 1 192.0.2.1 5 typ host\r\n"
        let fragment = try SDPFragment(parsing: Array(text.utf8))
        #expect(fragment.userFragment == "fresh" && fragment.mid == "0")
        #expect(fragment.candidates == ["candidate:1 1 udp 1 192.0.2.1 5 typ host"])
    }
}
