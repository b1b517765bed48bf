import Foundation
import RingWHEP

extension Benchmark {
    /// A browser's offer, the longest description a negotiation meets: 5.3 KB, 159 lines, 34 formats.
    static let parseOffer = Benchmark(
        name: "sdp.parse", unit: "offer", sizes: [1, 10],
        contenders: { size in
            let bytes = try Self.browserOffer()
            let answer = try SDP(parsing: Self.fixture("answer-aiortc-to-chromium156-video"))
            @Sendable func times(_ work: () throws -> Int) rethrows -> Int {
                var sum = 0
                for _ in 0..<size { sum &+= try work() }
                return sum
            }
            return [
                Contender("SDP") { try times { try SDP(parsing: bytes).video == nil ? 0 : 1 } },
                Contender("SDP and every codec") {
                    try times { try SDP(parsing: bytes).video?.codecs.count ?? 0 }
                },
                Contender("SDP and the whole offer check") {
                    try times { try SDP(parsing: bytes).offerFindings().count }
                },
                Contender("SDP and the check of its answer") {
                    try times { try answer.checked(against: SDP(parsing: bytes)).repairs.count }
                },
                Contender("String.split into lines") {
                    times { String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline).count }
                },
            ]
        },
        goals: [.atMost(microsecondsAUnit: 50)])

    /// A description of many lines: the time a kilobyte stays the same up to a megabyte.
    static let parseLongOffer = Benchmark(
        name: "sdp.long", unit: "KB", sizes: [5, 50, 1000],
        contenders: { size in
            let head = try Self.browserOffer()
            let line = Array("a=candidate:1 1 udp 2113937151 192.0.2.2 39701 typ host generation 0\r\n".utf8)
            let bytes = head + (0..<max(0, (size * 1000 - head.count) / line.count)).flatMap { _ in line }
            return [
                Contender("SDP") { try SDP(parsing: bytes).video == nil ? 0 : 1 },
                Contender("SDP and the whole offer check") { try SDP(parsing: bytes).offerFindings().count },
            ]
        },
        goals: [.flat(within: 1.5)])

    private static func browserOffer() throws -> [UInt8] { try Self.fixture("offer-chromium156-video") }

    private static func fixture(_ name: String) throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..")
        return Array(try Data(contentsOf: root.appending(path: "Tests/RingWHEPTests/Fixtures/SDP/\(name).sdp")))
    }
}
