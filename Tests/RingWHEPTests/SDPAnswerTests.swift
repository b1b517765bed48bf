import Foundation
import RingWHEP
import Testing

/// The table of measured engine behaviour: what each faulty answer becomes before an engine sees it.
@Suite(.timeLimit(.minutes(1))) struct SDPAnswerTests {
    static let offer = "offer-aiortc-video"
    static let answer = "answer-aiortc-to-aiortc-video"

    private func checked(_ text: String, turnsActpassIntoPassive: Bool = false) throws -> SDPCheckedAnswer {
        try SDP(text).checked(
            against: Fixture.sdp(Self.offer), turnsActpassIntoPassive: turnsActpassIntoPassive)
    }

    @Test(arguments: Fixture.answers)
    func goodAnswersPassUnchanged(answer: String, offer: String) throws {
        let checked = try Fixture.sdp(answer).checked(against: Fixture.sdp(offer))
        #expect(checked.repairs == [])
        #expect(try checked.sdp.encoded() == Fixture.bytes(answer))
        #expect(checked.findings.errors == [])
    }

    @Test(arguments: [
        ("\r\n", "\n", SDPRepair.Kind.lineEnds), ("v=0", "\u{FEFF}v=0", .byteOrderMark),
        ("a=sendonly", "a=recvonly", .direction), ("a=sendonly", "a=sendrecv", .direction),
        ("a=sendonly\r\n", "", .direction), ("a=sendonly", "a=sendonly\r\na=recvonly", .direction),
        ("t=0 0\r\n", "t=0 0\r\n\r\n", .emptyLines),
    ])
    func repairsWhatStrictEnginesRefuse(old: String, new: String, kind: SDPRepair.Kind) throws {
        let text = try Fixture.text(Self.answer).replacing(old, with: new)
        let checked = try self.checked(text)
        #expect(Set(checked.repairs.map(\.kind)) == [kind])
        #expect(checked.sdp.video?.direction == .sendonly)
        #expect(checked.sdp.hasCanonicalLineEnds)
        // The place of the direction may differ when there was none; everything else is as the good answer.
        let good = try Fixture.text(Self.answer).split(separator: "\r\n").sorted()
        #expect(String(decoding: checked.sdp.encoded(), as: UTF8.self).split(separator: "\r\n").sorted() == good)
    }

    @Test func appendsTheMissingFinalLineEnd() throws {
        let bytes = try Fixture.bytes(Self.answer)
        let checked = try SDP(parsing: Array(bytes.dropLast(2))).checked(against: Fixture.sdp(Self.offer))
        #expect(checked.repairs.map(\.kind) == [.finalLineEnd])
        #expect(checked.sdp.encoded() == bytes)
    }

    @Test func dropsSurplusSectionsAndTheirNamesFromTheBundle() throws {
        let text =
            try Fixture.text(Self.answer).replacing("a=group:BUNDLE 0", with: "a=group:BUNDLE 0 9")
            + "m=application 0 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=mid:9\r\na=inactive\r\n"
        let checked = try self.checked(text)
        #expect(checked.repairs.map(\.kind) == [.surplusSection, .bundle])
        #expect(try checked.sdp.encoded() == Fixture.bytes(Self.answer))
    }

    @Test func dropsTheDirectionSuffixOfHeaderExtensions() throws {
        let text = try Fixture.text(Self.answer)
        let checked = try self.checked(text.replacing("a=extmap:1 ", with: "a=extmap:1/recvonly "))
        #expect(checked.repairs.map(\.kind) == [.extensionMapping])
        #expect(checked.repairs.first?.line != nil)
        #expect(try checked.sdp.encoded() == Fixture.bytes(Self.answer))
    }

    @Test(arguments: [
        ("m=video ", "m=video 0 UDP/TLS/RTP/SAVPF 99\r\na=was:", SDPFinding.Code.videoRejected),
        ("m=video ", "m=video 0 UDP/TLS/RTP/SAVPF 99\r\na=bundle-only\r\na=was:", .videoRejected),
        ("a=sendonly", "a=inactive", .inactive), ("a=setup:active", "a=setup:actpass", .setup),
        ("a=setup:active", "a=setup:holdconn", .setup), ("a=fingerprint", "a=fingerless", .fingerprint),
        ("a=ice-ufrag", "a=ice-nope", .iceCredentials), ("a=ice-ufrag:", "a=ice-ufrag:x\r\na=x:", .iceCredentials),
        ("a=mid:0", "a=mid:other", .mid), ("m=video", "m=audio", .sectionKind),
        (" 99 100 101 102", " 1 2", .formats),
    ])
    func whatCannotBeRepairedIsATypedError(old: String, new: String, code: SDPFinding.Code) throws {
        let text = try Fixture.text(Self.answer)
        #expect(text.contains(old))
        let edited = text.replacing(old, with: new)
        let error = #expect(throws: SDPCheckError.self) { try self.checked(edited) }
        #expect(error?.contains(code) == true)
    }

    @Test func actpassBecomesPassiveOnRequestOnly() throws {
        let text = try Fixture.text(Self.answer).replacing("a=setup:active", with: "a=setup:actpass")
        let checked = try self.checked(text, turnsActpassIntoPassive: true)
        #expect(checked.repairs.map(\.kind) == [.setup])
        #expect(checked.sdp.video?.setup == .passive)
    }

    @Test func noCandidatesAreAWarningAndNoEndOfCandidatesIsNothing() throws {
        let text = try Fixture.text(Self.answer)
        let none = try self.checked(text.replacing("a=candidate", with: "a=candidote"))
        let good = try self.checked(text).findings
        #expect(none.findings.filter { !good.contains($0) }.map(\.code) == [.noCandidates])
        let open = try self.checked(text.replacing("a=end-of-candidates\r\n", with: ""))
        #expect(open.findings == good && open.repairs == [])
    }

    @Test func rejectedSoundIsFine() throws {
        var text = try Fixture.text("answer-aiortc-to-aiortc-video-audio")
        let audio = try #require(text.range(of: "m=audio 52674"))
        text.replaceSubrange(audio, with: "m=audio 0")
        let checked = try SDP(text).checked(against: Fixture.sdp("offer-aiortc-video-audio"))
        #expect(checked.repairs.map(\.kind) == [.bundle])
        #expect(checked.findings.allSatisfy { $0.message.contains("Baseline") })
    }

    @Test func bundledSectionsMayLeaveTheTransportToTheFirst() throws {
        let text = try Fixture.text("answer-aiortc-to-aiortc-video-audio-served")
        let audio = try #require(text.range(of: "m=audio"))
        let stripped = text[audio.lowerBound...].split(separator: "\r\n").filter {
            !$0.hasPrefix("a=ice") && !$0.hasPrefix("a=fingerprint") && !$0.hasPrefix("a=setup")
        }
        let bundled = text[..<audio.lowerBound] + stripped.joined(separator: "\r\n") + "\r\n"
        let offer = try Fixture.sdp("offer-aiortc-video-audio")
        #expect(
            try SDP(String(bundled)).checked(against: offer).findings.allSatisfy { $0.message.contains("Baseline") })
        let loose = bundled.replacing("a=group:BUNDLE 0 1\r\n", with: "")
        #expect(throws: SDPCheckError.self) { try SDP(String(loose)).checked(against: offer) }
    }

    @Test func aSessionLevelDirectionIsRepairedInTheSection() throws {
        let text = try Fixture.text(Self.answer).replacing("a=sendonly\r\n", with: "")
            .replacing("t=0 0\r\n", with: "t=0 0\r\na=recvonly\r\n")
        let checked = try self.checked(text)
        #expect(checked.repairs.map(\.kind) == [.direction])
        #expect(checked.sdp.video?.direction == .sendonly)
    }

    @Test func aSendrecvAnswerToASendrecvSectionStays() throws {
        let offer = try Fixture.edited("offer-aiortc-video", ("a=recvonly", "a=sendrecv"))
        let answer = try Fixture.edited(Self.answer, ("a=sendonly", "a=sendrecv"))
        #expect(try answer.checked(against: offer).repairs == [])
    }
}
