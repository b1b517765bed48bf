/// The band at the top of the pictures, with the time in plain samples: no encoder is needed to write it.
enum TimeText {
    /// Black and white, in the range of video.
    static let (black, white): (UInt8, UInt8) = (16, 235)

    /// `2026-11-18 11:10:05 UTC`.
    static func of(_ milliseconds: Int64) -> [Character] {
        isoTime(milliseconds - milliseconds % 1000).flatMap { letter -> [Character] in
            switch letter {
            case "T": [" "]
            case "Z": [" ", "U", "T", "C"]
            default: [letter]
            }
        }
    }

    /// Whether a character covers a pixel of its field of 16 × 16.
    static func covers(_ character: Character, x: Int, y: Int) -> Bool {
        let (column, row) = ((x - 3) / 2, (y - 1) / 2)
        guard x >= 3, y >= 1, column < 5, row < 7, let rows = SharedMedia.glyphs[character] else { return false }
        return rows[row] >> UInt8(4 - column) & 1 == 1
    }
}

/// Writes the slices of the band (ITU-T H.264, 7.3.4): characters as I_PCM macroblocks, black by prediction from them.
struct TimeBand: Sendable {
    /// Macroblocks in a row.
    let columns: Int
    /// Rows of macroblocks; a character is as wide as it is high.
    let rows: Int

    /// The slice of the first picture of a group.
    func key(_ text: [Character], parity: Bool) -> [UInt8] {
        var bits = BitWriter([0x65])
        bits.head(sliceType: 2)
        bits.put(0, 4)
        bits.exponential(parity ? 2 : 1)
        bits.put(0, 8)
        bits.tail()
        for place in 0..<self.columns * self.rows {
            if let samples = self.samples(text, place) {
                bits.exponential(25)
                bits.plain(samples)
            } else {
                // Intra 16 × 16 from the mean of its neighbours, nothing coded. The number of coefficients of a plain
                // neighbour counts as 16, which chooses the code for none (9.2.1).
                let isLeftPlain = place % self.columns > 0 && self.samples(text, place - 1) != nil
                let isUpperPlain = place >= self.columns && self.samples(text, place - self.columns) != nil
                bits.put(0b0010011, 7)
                isLeftPlain || isUpperPlain ? bits.put(0b000011, 6) : bits.put(1, 1)
            }
        }
        return bits.finished()
    }

    /// The slice of another picture of the group: what differs from the first one, and the rest as it was there.
    ///
    /// The number of the picture has a fixed place, see ``number(_:in:)``.
    func difference(_ text: [Character], from key: [Character]) -> [UInt8] {
        var bits = BitWriter([0x01])
        bits.head(sliceType: 0)
        bits.put(1, 4)
        bits.put(0, 8)
        bits.tail()
        var skipped = 0
        for place in 0..<self.columns * self.rows {
            let index = self.character(place)
            if index >= text.count || index >= key.count || text[index] == key[index] {
                skipped += 1
                continue
            }
            bits.exponential(skipped)
            bits.exponential(30)
            bits.plain(Self.tiles[self.tile(text[index], place)] ?? Self.blank)
            skipped = 0
        }
        if skipped > 0 { bits.exponential(skipped) }
        return bits.finished()
    }

    /// Writes the picture's number into a slice that ``difference(_:from:)`` made.
    static func number(_ number: Int, in slice: inout [UInt8]) {
        // Eight bits behind the unit's type, three single bits and the frame's number of four.
        let order = UInt8(truncatingIfNeeded: 2 * number)
        slice[1] = slice[1] & 0xFE | order >> 7
        slice[2] = slice[2] & 0x01 | order << 1
    }

    private func character(_ place: Int) -> Int { place % self.columns / self.rows }

    /// The samples of a macroblock that shows a part of a character; `nil` for a black one.
    private func samples(_ text: [Character], _ place: Int) -> [UInt8]? {
        let index = self.character(place)
        guard index < text.count, text[index] != " " else { return nil }
        return Self.tiles[self.tile(text[index], place)]
    }

    private struct Tile: Hashable {
        var character: Character
        var scale: Int
        var column: Int
        var row: Int
    }

    private func tile(_ character: Character, _ place: Int) -> Tile {
        Tile(
            character: character, scale: self.rows, column: place % self.columns % self.rows, row: place / self.columns)
    }

    private static let blank = [UInt8](repeating: TimeText.black, count: 256) + [UInt8](repeating: 128, count: 128)

    /// 256 samples of brightness and 128 of colour for every part of every character, in both sizes.
    private static let tiles: [Tile: [UInt8]] = {
        var tiles: [Tile: [UInt8]] = [:]
        for character in SharedMedia.glyphs.keys {
            for scale in 1...2 {
                for part in 0..<scale * scale {
                    let (column, row) = (part % scale, part / scale)
                    let brightness = (0..<256).map { place -> UInt8 in
                        let (x, y) = ((16 * column + place % 16) / scale, (16 * row + place / 16) / scale)
                        return TimeText.covers(character, x: x, y: y) ? TimeText.white : TimeText.black
                    }
                    tiles[Tile(character: character, scale: scale, column: column, row: row)] =
                        brightness + [UInt8](repeating: 128, count: 128)
                }
            }
        }
        return tiles
    }()
}

/// Writes the bits of a slice. What is written here never holds two bytes of zero in a row, so nothing needs to be escaped.
struct BitWriter {
    private var bytes: [UInt8]
    private var current: UInt8 = 0
    private var count = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func put(_ value: Int, _ width: Int) {
        for shift in stride(from: width - 1, through: 0, by: -1) {
            self.current = self.current << 1 | UInt8(value >> shift & 1)
            self.count += 1
            if self.count == 8 {
                self.bytes.append(self.current)
                (self.current, self.count) = (0, 0)
            }
        }
    }

    /// ue(v), ITU-T H.264, 9.1.
    mutating func exponential(_ value: Int) {
        let width = Int.bitWidth - (value + 1).leadingZeroBitCount
        self.put(0, width - 1)
        self.put(value + 1, width)
    }

    /// first_mb_in_slice, slice_type and pic_parameter_set_id.
    mutating func head(sliceType: Int) {
        self.exponential(0)
        self.exponential(sliceType)
        self.exponential(0)
    }

    /// Two flags that are 0, the quantiser's difference, and the deblocking filter, which is off.
    mutating func tail() {
        self.put(0, 2)
        self.exponential(0)
        self.exponential(1)
    }

    /// Samples from the next byte on.
    mutating func plain(_ samples: [UInt8]) {
        if self.count > 0 { self.put(0, 8 - self.count) }
        self.bytes += samples
    }

    consuming func finished() -> [UInt8] {
        self.put(1, 1)
        if self.count > 0 { self.put(0, 8 - self.count) }
        return self.bytes
    }
}
