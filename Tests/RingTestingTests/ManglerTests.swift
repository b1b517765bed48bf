import RingTesting
import Testing

@Suite struct ManglerTests {
    @Test func theSameSeedDamagesTheSameBytesTheSameWay() {
        let bytes = Array("POST /v1/devices HTTP/1.1\r\n\r\n".utf8)
        var (one, same, other) = (Mangler(seed: 1), Mangler(seed: 1), Mangler(seed: 2))
        let damaged = (0..<20).map { _ in one.mangle(bytes) }
        #expect(damaged == (0..<20).map { _ in same.mangle(bytes) })
        #expect(damaged != (0..<20).map { _ in other.mangle(bytes) })
        #expect(damaged.contains { $0 != bytes })
    }

    @Test func theGeneratorIsSplitMix64() {
        // The first outputs of the reference implementation for the seed 1234567.
        var generator = SeededGenerator(seed: 1_234_567)
        #expect(generator.next() == 6_457_827_717_110_365_317)
        #expect(generator.next() == 3_203_168_211_198_807_973)
    }
}
