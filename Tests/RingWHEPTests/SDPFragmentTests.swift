import RingWHEP
import Testing

@Suite(.timeLimit(.minutes(1))) struct SDPFragmentTests {
    @Test func buildsTheFragmentOfAnOffer() throws {
        let offer = try Fixture.sdp("offer-libdatachannel024-video")
        let candidate = "candidate:1 1 udp 5 203.0.113.1 4000 typ srflx raddr 10.0.0.1 rport 4"
        let fragment = try SDPFragment(offer: offer, candidates: [candidate])
        let expected = """
            a=group:BUNDLE 0
            m=video 36598 UDP/TLS/RTP/SAVPF 96
            a=mid:0
            a=ice-ufrag:XHaI
            a=ice-pwd:rKg69Bq+frcQ/xRkr9jspW
            a=candidate:1 1 udp 5 203.0.113.1 4000 typ srflx raddr 10.0.0.1 rport 4
            a=end-of-candidates

            """
        #expect(fragment.text == expected.replacing("\n", with: "\r\n"))
        #expect(try SDPFragment(parsing: Array(fragment.text.utf8)) == fragment)
    }

    @Test func namesTheSectionThatCarriesTheBundle() throws {
        let offer = try Fixture.edited("offer-aiortc-video-audio", ("a=group:BUNDLE 0 1", "a=group:BUNDLE 1 0"))
        #expect(try SDPFragment(offer: offer).mid == "1")
        #expect(try SDPFragment(offer: offer).mediaLine.hasPrefix("audio"))
    }

    @Test func needsNameAndCredentials() throws {
        for line in ["a=mid:0\r\n", "a=ice-ufrag:XHaI\r\n"] {
            let offer = try Fixture.edited("offer-libdatachannel024-video", (line, ""))
            let error = #expect(throws: SDPError.self) { try SDPFragment(offer: offer) }
            #expect(error?.code == .incompleteFragment)
        }
    }

    @Test func anInvalidCandidateIsATypedError() throws {
        let offer = try Fixture.sdp("offer-libdatachannel024-video")
        let good = "candidate:1 1 udp 5 203.0.113.1 4000 typ host"
        for candidate in ["candidate:x", good + "\r\na=ice-pwd:other", good + " generation\n0", good + "\0"] {
            let error = #expect(throws: SDPError.self) { try SDPFragment(offer: offer, candidates: [candidate]) }
            #expect(error?.code == .incompleteFragment)
        }
        #expect(try SDPFragment(offer: offer, candidates: []).candidates == [])
    }

    @Test func takesTheCandidatesOfTheOfferByDefault() throws {
        let offer = try Fixture.sdp("offer-libdatachannel024-video")
        let fragment = try SDPFragment(offer: offer, isComplete: false)
        #expect(fragment.candidates == offer.video?.candidates.map { "candidate:" + $0.attributeValue })
        #expect(!fragment.candidates.isEmpty)
        #expect(!fragment.text.contains("end-of-candidates"))
    }

    @Test(arguments: ["", "hello", "a=ice-ufrag:abcd\r\n", "a=ice-ufrag:ab\r\na=ice-pwd:short\r\n", "{}"])
    func oddFragmentsAreTypedErrors(text: String) {
        #expect(throws: SDPError.self) { try SDPFragment(parsing: Array(text.utf8)) }
    }
}
