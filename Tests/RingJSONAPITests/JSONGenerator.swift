import RingTesting

/// Writes random JSON texts: every kind of value, spelling, escape and white space, from a seed.
struct JSONGenerator {
    var random: SeededGenerator

    init(seed: UInt64) { self.random = SeededGenerator(seed: seed) }

    mutating func text(depth: Int = 5) -> String { self.space() + self.value(depth) + self.space() }

    private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self.random) }

    private mutating func pick(_ choices: [String]) -> String { choices[self.below(choices.count)] }

    private mutating func space() -> String {
        self.below(4) > 0 ? "" : (0..<self.below(4)).map { _ in self.pick([" ", "\n", "\t", "\r"]) }.joined()
    }

    private mutating func value(_ depth: Int) -> String {
        switch self.below(depth > 0 ? 10 : 6) {
        case 0: return self.pick(["null", "true", "false"])
        case 1, 2: return self.number()
        case 3, 4, 5: return self.string()
        case 6, 7:
            let elements = (0..<self.below(6)).map { _ in self.space() + self.value(depth - 1) + self.space() }
            return "[" + (elements.isEmpty ? self.space() : elements.joined(separator: ",")) + "]"
        default:
            // Names differ, since Foundation does not say which of several it takes.
            let members = (0..<self.below(7)).map { index in
                let name = self.string().dropLast() + "\(index)\""
                return self.space() + name + self.space() + ":" + self.space() + self.value(depth - 1) + self.space()
            }
            return "{" + (members.isEmpty ? self.space() : members.joined(separator: ",")) + "}"
        }
    }

    private mutating func number() -> String {
        var text = self.below(3) == 0 ? "-" : ""
        switch self.below(5) {
        case 0: text += "0"
        case 1: text += String(UInt64.random(in: 1...(.max), using: &self.random))
        default: text += String(self.below(100_000))
        }
        if self.below(3) == 0 { text += "." + String(self.below(1_000_000_000)) }
        if self.below(5) == 0 { text += self.pick(["e", "E"]) + self.pick(["", "+", "-"]) + String(self.below(280)) }
        return text
    }

    mutating func string() -> String {
        let pieces = (0..<self.below(self.below(4) == 0 ? 40 : 6)).map { _ in
            self.pick([
                "a", "b", "name", "x y", "0123456789abcdef", "é", "ß", "€", "😀", "\u{10ffff}", "\u{7f}", "/", "\\/",
                "\\\"",
                "\\\\", "\\b", "\\f", "\\n", "\\r", "\\t", "\\u0041", "\\u00e9", "\\u20AC", "\\ud83d\\uDE00", "\\u0000",
                "\\u001f", "e\u{301}", "\u{2028}", "data", "id",
            ])
        }
        return "\"" + pieces.joined() + "\""
    }

    /// Changes a text in one to four places: bytes flipped, put in, taken out, doubled, or the end cut off.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        let interesting =
            Array("\"\\{}[]:,truefalsn0123456789+-.eEu /\u{0}\u{1f}\u{7f}".utf8) + [
                0x80, 0xbf, 0xc0, 0xe2, 0xed, 0xf4, 0xff,
            ]
        for _ in 0...self.below(4) where !bytes.isEmpty {
            let place = self.below(bytes.count)
            switch self.below(6) {
            case 0: bytes[place] ^= 1 << UInt8(self.below(8))
            case 1, 2: bytes[place] = interesting[self.below(interesting.count)]
            case 3: bytes.insert(interesting[self.below(interesting.count)], at: place)
            case 4: bytes.remove(at: place)
            default: bytes.removeSubrange(place..<min(bytes.count, place + self.below(9)))
            }
        }
        return bytes
    }
}
