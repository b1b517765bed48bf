import Foundation
import RingTesting
import RingWHEP
import Testing

/// One after the other, so that tests with a time limit do not wait for these.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SDPFuzzTests {
    private func exercise(_ bytes: [UInt8], offer: SDP) {
        _ = try? SDPFragment(parsing: bytes)
        guard let sdp = try? SDP(parsing: bytes) else { return }
        #expect(sdp.encodedAsReceived() == bytes)
        _ = sdp.offerFindings()
        _ = try? offer.checked(against: sdp)
        _ = try? SDPFragment(offer: sdp).text
        for section in sdp.media.prefix(8) {
            _ = (section.codecs.map(\.h264Profile), section.extensionMappings, section.isRejected)
            _ = section.codecs.map { ($0.associatedFormat, $0.packetizationMode) }
            _ = section.candidates.map { ($0.reach, $0.attributeValue, $0.description) }
        }
        if let checked = try? sdp.checked(against: offer) {
            #expect(checked.sdp.hasCanonicalLineEnds)
            #expect((try? checked.sdp.checked(against: offer))?.repairs == [])
            if bytes.count < 20_000 {
                #expect(StrictReader.problem(in: checked.sdp.text, to: offer.text) == nil)
            }
        }
    }

    /// The time that this thread has worked, which does not depend on what else the machine does.
    private static func processorTime() -> Duration {
        var time = timespec()
        unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    @Test(arguments: Fixture.all)
    func mutatedSamplesDoNoHarm(name: String) throws {
        let offer = try Fixture.sdp("offer-aiortc-video-audio")
        let original = try Fixture.bytes(name)
        var generator = SeededGenerator(seed: UInt64(name.utf8.count))
        let words = [
            "m=video 0 x 0", "a=", "\r\n", "\n", "a=group:BUNDLE 0 0 0", ":", " ", "a=candidate:", "\0", "é", "\t",
            "  ", "\r",
        ]
        for _ in 0..<40 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
                let at = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[at] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...40, using: &generator)))
                case 2: bytes.insert(contentsOf: Array((words.randomElement(using: &generator) ?? "").utf8), at: at)
                default:
                    let end = min(bytes.count, at + 60)
                    bytes.insert(contentsOf: bytes[at..<end], at: Int.random(in: 0..<bytes.count, using: &generator))
                }
            }
            self.exercise(bytes, offer: offer)
        }
    }

    /// Each shape would take minutes if any step were quadratic; ten times the bytes may take about ten times the time.
    @Test(
        .timeLimit(.minutes(2)),
        arguments: [
            "m=video 9 UDP/TLS/RTP/SAVPF 96\r\n", "a=rtcp-fb:* nack\r\n", "a=extmap:1/recvonly urn:x\r\n",
            "a=candidate:1 1 udp 1 1.1.1.1 1 typ host\r\n", "a=mid:0\r\nm=audio 0 X 0\r\n", "a=recvonly\r\n",
            "a=rtpmap:96  VP8/90000 \t\r\n",
        ])
    func aMegabyteOfOneLineTakesLinearTime(line: String) throws {
        let offer = try Fixture.sdp("offer-aiortc-video-audio")
        func time(_ size: Int) -> Duration {
            let text = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=rtpmap:96 H264/90000\r\n"
            let bytes = Array((text + String(repeating: line, count: size / line.utf8.count)).utf8)
            let start = Self.processorTime()
            self.exercise(bytes, offer: offer)
            return Self.processorTime() - start
        }
        let small = time(100_000)
        let large = time(1_000_000)
        #expect(large < max(small * 30, .seconds(1)))
    }

    @Test(.timeLimit(.minutes(5)))
    func aMegabyteInOneLineTakesLinearTime() throws {
        let offer = try Fixture.sdp("offer-aiortc-video")
        let head = "v=0\r\nm=video 9 UDP/TLS/RTP/SAVPF"
        let formats = (0..<60_000).map { " \($0)" }.joined() + "\r\n"
        let maps = (0..<15_000).map { "a=rtpmap:\($0) H264/90000\r\n" }.joined()
        let wildcards = String(repeating: "a=rtcp-fb:* nack\r\n", count: 10_000)
        self.exercise(Array((head + formats + maps + wildcards).utf8), offer: offer)
        self.exercise(Array((head + String(repeating: " 0", count: 500_000)).utf8), offer: offer)
        self.exercise(
            Array(
                (head + " 96\r\na=rtpmap:96 H264/90000\r\na=fmtp:96 " + String(repeating: "a;", count: 500_000)).utf8),
            offer: offer)
        self.exercise(
            Array((head + " 96\r\na=candidate:" + String(repeating: "1 ", count: 500_000)).utf8), offer: offer)
        self.exercise([UInt8](repeating: 65, count: 1_000_000), offer: offer)
        let session = String(repeating: "t=0 0\r\no=-\r\na=group:BUNDLE 0 1 0\r\n", count: 10_000)
        self.exercise(Array(("v=0\r\n" + session + "m=video 9 X 96\r\na=mid:0\r\n").utf8), offer: offer)
        let members = "v=0\r\na=group:BUNDLE" + String(repeating: " 0", count: 100_000)
        self.exercise(Array((members + "\r\nm=video 9 X 96\r\na=mid:0\r\n").utf8), offer: offer)
    }
}
