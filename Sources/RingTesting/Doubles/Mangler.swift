/// Damages bytes, in the same way for the same seed.
package struct Mangler: Sendable {
    package var random: SeededGenerator

    package init(seed: Int) { self.random = SeededGenerator(seed: UInt64(bitPattern: Int64(seed))) }

    package mutating func number(below bound: Int) -> Int { Int.random(in: 0..<bound, using: &self.random) }

    /// Cuts, flips, leaves out, repeats or puts in: once to three times.
    package mutating func mangle(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...self.number(below: 3) where bytes.count > 1 {
            let start = self.number(below: bytes.count)
            let end = min(bytes.count, start + 1 + self.number(below: 16))
            switch self.number(below: 6) {
            case 0, 1: bytes.removeSubrange(start...)
            case 2: bytes[start] ^= 1 << UInt8(self.number(below: 8))
            case 3: bytes.removeSubrange(start..<end)
            case 4: bytes.insert(contentsOf: bytes[start..<end], at: start)
            default: bytes.insert(contentsOf: Array("\r\n".utf8), at: start)
            }
        }
        return bytes
    }
}

/// SplitMix64: the same numbers in every run, so that a failure can be repeated from its seed.
package struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    package init(seed: UInt64) { self.state = seed }

    package mutating func next() -> UInt64 {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var value = self.state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
