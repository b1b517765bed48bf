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

    @Test func whatIsTooShortIsLeftAlone() {
        var mangler = Mangler(seed: -1)
        for _ in 0..<100 {
            #expect(mangler.mangle([]).isEmpty)
            #expect(mangler.mangle([7]) == [7])
        }
    }

    @Test func everyKindOfDamageOccurs() {
        var mangler = Mangler(seed: 3)
        let bytes = [UInt8](repeating: 0xAA, count: 64)
        let damaged = (0..<500).map { _ in mangler.mangle(bytes) }
        #expect(damaged.contains { $0.count < bytes.count })
        #expect(damaged.contains { $0.count > bytes.count })
        #expect(damaged.contains { $0.count == bytes.count && $0 != bytes })
        #expect(damaged.contains { $0.contains(13) })
        // Three times at most, and at most 16 bytes each time.
        #expect(damaged.allSatisfy { $0.count <= bytes.count + 3 * 16 })
    }

    @Test(arguments: [1, 2, 7, 1_000]) func numbersStayBelowTheirBound(_ bound: Int) {
        var mangler = Mangler(seed: bound)
        let numbers = (0..<200).map { _ in mangler.number(below: bound) }
        #expect(numbers.allSatisfy { (0..<bound).contains($0) })
        #expect(Set(numbers).count > 1 || bound == 1)
    }
}
