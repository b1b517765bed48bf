#if !canImport(CryptoKit)
import Testing

@testable import RingCrypto

/// What two messages at a time give, against libcrypto's codes and the published ones.
@Suite(.enabled("the processor has instructions for SHA-256") { HMACPairEngine.isAvailable })
struct HMACPairEngineTests {
    /// What fits two blocks beside the end mark and the length.
    static let limit = 119

    private func codes(
        _ key: RingHMACKey, _ beginning: [UInt8], _ first: [UInt8], _ second: [UInt8]
    ) throws -> (first: RingSHA256Digest, second: RingSHA256Digest) {
        var engine = HMACPairEngine(beginning: beginning, keys: [key.engine])
        #expect(unsafe first.withUnsafeBytes { unsafe engine.set(.first, $0) })
        #expect(unsafe second.withUnsafeBytes { unsafe engine.set(.second, $0) })
        return engine.codes(0)
    }

    @Test(arguments: RingHMACKeyTests.vectors)
    func agreesWithRFC4231(key: String, data: String, code: String) throws {
        let key = try RingHMACKey(bytes: #require(RingHex.decode(key)))
        let message = try #require(RingHex.decode(data))
        guard message.count <= Self.limit else {
            var engine = HMACPairEngine(beginning: [], keys: [key.engine])
            #expect(unsafe !message.withUnsafeBytes { unsafe engine.set(.first, $0) })
            return
        }
        let (first, second) = try self.codes(key, [], message, Array("another".utf8))
        #expect(first.hex == code)
        #expect(second == key.authenticationCode(for: "another"))
        #expect(try self.codes(key, Array(message.prefix(5)), [], Array(message.dropFirst(5))).second.hex == code)
    }

    /// Every length of the one beside every length of the other: one block beside one, one beside two, two beside two.
    @Test func agreesWithLibcryptoAtEveryPairOfLengths() throws {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<2 * Self.limit).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let key = try RingHMACKey(bytes: Array(bytes.prefix(44)))
        let expected = (0...Self.limit).map { count in
            (
                key.authenticationCode(for: Array(bytes.prefix(count))),
                key.authenticationCode(for: Array(bytes.suffix(count)))
            )
        }
        var engine = HMACPairEngine(beginning: [], keys: [key.engine])
        for first in 0...Self.limit {
            #expect(unsafe bytes.prefix(first).withUnsafeBytes { unsafe engine.set(.first, $0) })
            for second in 0...Self.limit {
                #expect(unsafe bytes.suffix(second).withUnsafeBytes { unsafe engine.set(.second, $0) })
                let codes = engine.codes(0)
                #expect(codes.first == expected[first].0, "\(first) beside \(second)")
                #expect(codes.second == expected[second].1, "\(second) beside \(first)")
            }
        }
    }

    @Test func agreesWithLibcryptoOnRandomMessagesKeysAndBeginnings() throws {
        for _ in 0..<2_000 {
            let random = { (count: Int) in (0..<count).map { _ in UInt8.random(in: .min ... .max) } }
            let key = try RingHMACKey(bytes: random(.random(in: 1...200)))
            let beginning = random(.random(in: 0...Self.limit))
            let first = random(.random(in: 0...Self.limit - beginning.count))
            let second = random(.random(in: 0...Self.limit - beginning.count))
            let codes = try self.codes(key, beginning, first, second)
            #expect(codes.first == key.authenticationCode(for: beginning + first))
            #expect(codes.second == key.authenticationCode(for: beginning + second))
        }
    }

    @Test func refusesWhatIsTooLongAndKeepsWhatIsThere() throws {
        let key = try RingHMACKey("key")
        let beginning = [UInt8](repeating: 1, count: 100)
        var engine = HMACPairEngine(beginning: beginning, keys: [key.engine])
        let fits = [UInt8](repeating: 2, count: Self.limit - 100)
        #expect(unsafe fits.withUnsafeBytes { unsafe engine.set(.first, $0) })
        #expect(unsafe !(fits + [3]).withUnsafeBytes { unsafe engine.set(.first, $0) })
        #expect(engine.codes(0).first == key.authenticationCode(for: beginning + fits))
    }
}
#endif
