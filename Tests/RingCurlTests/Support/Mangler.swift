/// Damages bytes, in the same way for the same seed.
struct Mangler {
    /// SplitMix64.
    private var state: UInt64

    init(seed: Int) { self.state = UInt64(seed) }

    mutating func number(below bound: Int) -> Int {
        self.state &+= 0x9e37_79b9_7f4a_7c15
        var value = self.state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return Int((value ^ value >> 31) % UInt64(bound))
    }

    /// Cuts, flips, leaves out, repeats or puts in: once to three times.
    mutating func mangle(_ bytes: [UInt8]) -> [UInt8] {
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
