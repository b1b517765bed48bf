import RingWHEP
import Testing

@Suite(.timeLimit(.minutes(1))) struct SDPTests {
    @Test(arguments: Fixture.all)
    func everySampleRoundTripsByteForByte(name: String) throws {
        let bytes = try Fixture.bytes(name)
        let sdp = try SDP(parsing: bytes)
        #expect(sdp.encoded() == bytes)
        #expect(sdp.encodedAsReceived() == bytes)
        #expect(sdp.text == String(decoding: bytes, as: UTF8.self))
        #expect(sdp.hasCanonicalLineEnds)
    }

    @Test func unknownLinesAndBytesThatAreNotUTF8StayAsTheyCame() throws {
        var bytes = Array("v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\nz=2882844526 -1h\r\ns=".utf8)
        bytes += [0xFF, 0xFE, 0x20]
        bytes += Array("\r\nt=0 0\r\nx=anything at all \r\na=\r\na=:odd\r\nm=video 9/2 X/Y *\r\nq=\r\n".utf8)
        let sdp = try SDP(parsing: bytes)
        #expect(sdp.encoded() == bytes)
        #expect(sdp.lines.count == 10)
        #expect(sdp.media.map(\.formats) == [["*"]])
        #expect(sdp.media.first?.port == 9)
    }

    @Test func lineFeedsAByteOrderMarkAndAMissingEndAreAcceptedAndWrittenRight() throws {
        let text = "v=0\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\nt=0 0\n\nm=video 9 UDP/TLS/RTP/SAVPF 96\na=mid:0"
        let bytes = [0xEF, 0xBB, 0xBF] + Array(text.utf8)
        let sdp = try SDP(parsing: bytes)
        #expect(sdp.hasByteOrderMark)
        #expect(!sdp.hasCanonicalLineEnds)
        #expect(sdp.encodedAsReceived() == bytes)
        let expected = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n"
        #expect(String(decoding: sdp.encoded(), as: UTF8.self) == expected)
        #expect(sdp.media.first?.mid == "0")
        #expect(sdp.lines.map(\.ending).last == .missing)
    }

    @Test(
        arguments: [
            ("", SDPError.Code.empty, nil), ("\r\n\r\n", .empty, nil), ("<html><body>hello</body></html>", .notSDP, 1),
            ("{\"errors\":[]}", .notSDP, 1), ("v=1\r\n", .notSDP, 1), ("o=- 1\r\nv=0\r\n", .notSDP, 1),
            ("v=0\r\ns=-\r\nrubbish\r\n", .malformedLine, 3), ("v=0\r\na\r\n", .malformedLine, 2),
            ("v=0\r\n=x\r\n", .malformedLine, 2), ("v=0\r\nm=video\r\n", .malformedMediaLine, 2),
            ("v=0\r\nm=video 65536 RTP/AVP 0\r\n", .malformedMediaLine, 2),
            ("v=0\r\nm=video -1 RTP/AVP 0\r\n", .malformedMediaLine, 2),
            ("v=0\r\nm=video 99999999999999999999 RTP/AVP 0\r\n", .malformedMediaLine, 2),
            ("v=0\r\nm=video 9 RTP/AVP\r\n", .malformedMediaLine, 2),
        ] as [(String, SDPError.Code, Int?)])
    func whatIsNoDescriptionIsATypedErrorWithItsLine(text: String, code: SDPError.Code, line: Int?) {
        let error = #expect(throws: SDPError.self) { try SDP(text) }
        #expect(error?.code == code)
        #expect(error?.line == line)
    }

    @Test func aLimitIsKept() throws {
        let bytes = try Fixture.bytes("offer-chromium156-video")
        #expect(try SDP(parsing: bytes, maximumBytes: bytes.count).media.count == 1)
        let error = #expect(throws: SDPError.self) { try SDP(parsing: bytes, maximumBytes: bytes.count - 1) }
        #expect(error?.code == .tooLarge)
    }

    @Test func nothingPrintsAddressesOrPasswords() throws {
        let sdp = try Fixture.sdp("offer-aiortc-video")
        let section = try #require(sdp.video)
        var dumped = ""
        dump(sdp, to: &dumped)
        dump(section, to: &dumped)
        dump(section.iceCredentials, to: &dumped)
        dump(section.candidates, to: &dumped)
        dump(sdp.lines, to: &dumped)
        dump(sdp.offerFindings(), to: &dumped)
        dump(try SDPFragment(offer: sdp), to: &dumped)
        let texts = [
            dumped, "\(sdp)", "\(section)", "\(sdp.lines)", String(reflecting: sdp), String(reflecting: section),
            String(reflecting: section.candidates), "\(sdp.offerFindings())",
            String(describing: section.iceCredentials), "\(try SDPFragment(offer: sdp))",
        ]
        for text in texts {
            for secret in ["9U9NfChaT9MyD5GdVE3LOi", "abnQ", "127.0.0.1", "1E:FE:98"] {
                #expect(!text.contains(secret))
            }
        }
    }
}
