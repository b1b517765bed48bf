/// SplitMix64: small, and the same everywhere.
struct SeededRandom: RandomNumberGenerator, Sendable {
    private(set) var state: UInt64

    init(seed: UInt64) { self.state = seed }

    /// Goes on where another one was.
    init(state: UInt64) { self.state = state }

    mutating func next() -> UInt64 {
        self.state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = self.state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below 1.
    mutating func unit() -> Double { Double(self.next() >> 11) / Double(1 << 53) }

    mutating func text(
        _ count: Int, from alphabet: String = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789"
    ) -> String {
        // All alphabets are ASCII.
        let letters = Array(alphabet.utf8)
        var text: [UInt8] = []
        text.reserveCapacity(count)
        for _ in 0..<count { text.append(letters[Int(self.next() % UInt64(letters.count))]) }
        return String(decoding: text, as: UTF8.self)
    }

    mutating func uuid() -> String {
        let hex = self.text(32, from: "0123456789abcdef")
        var parts: [Substring] = []
        var rest = hex[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }
}
