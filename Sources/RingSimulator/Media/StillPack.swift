/// Prepared stills of one scene in one size: pieces that a picture of any moment is put together from.
struct StillPack: Sendable {
    let width: Int
    let height: Int
    /// The height of the band with the time, in pixels.
    let band: Int
    let groups: SceneGroups
    /// JPEG: everything before the first tile. PNG: the colours behind black and white.
    let head: [UInt8]
    private let bytes: [UInt8]
    private let pieces: [Range<Int>]
    /// PNG: the checksum and the length of each piece before it was packed.
    private let checks: [(adler: UInt32, length: Int)]
    /// JPEG: the numbers of the tiles of each character, in the order of ``SharedMedia/characters``.
    private let characters: [Character: [Int]]
    /// What each picture is made of.
    private let maps: [[Int]]

    init(_ base64: String, isPNG: Bool) {
        var reader = PreparedReader(base64)
        self.width = reader.number()
        self.height = reader.number()
        self.band = reader.number(1)
        let rate = reader.number(1)
        let repeatedFrom = reader.number(1)
        self.head = Array(reader.bytes[reader.piece()])
        let count = reader.number()
        var characters: [Character: [Int]] = [:]
        var checks: [(UInt32, Int)] = []
        var pieces: [Range<Int>] = []
        for _ in 0..<count {
            if isPNG { checks.append((UInt32(truncatingIfNeeded: reader.number(4)), reader.number(4))) }
            pieces.append(reader.piece())
        }
        if !isPNG {
            let tiles = self.band / 16 * (self.band / 16)
            for character in SharedMedia.characters { characters[character] = (0..<tiles).map { _ in reader.number() } }
        }
        self.characters = characters
        (self.pieces, self.checks) = (pieces, checks)
        var maps: [[Int]] = []
        for number in 0..<reader.number() {
            if number == 0 {
                maps.append((0..<reader.number()).map { _ in reader.number() })
                continue
            }
            var map = maps[number - 1]
            for _ in 0..<reader.number() {
                let place = reader.number()
                if map.indices.contains(place) { map[place] = reader.number() }
            }
            maps.append(map)
        }
        self.maps = maps
        let perGroup = Swift.max(1, rate * Int(Scene.groupMilliseconds) / 1000)
        self.groups = SceneGroups(count: maps.count / perGroup, repeatedFrom: repeatedFrom, rate: rate)
        self.bytes = reader.bytes
    }

    private func map(_ moment: SceneTimeline.Moment) -> [Int] {
        let number = self.groups.picture(at: moment)
        return self.maps.indices.contains(number) ? self.maps[number] : []
    }

    /// A JPEG of a moment. Every tile is a restart interval of its own, so tiles of any picture can follow each other.
    func jpeg(_ moment: SceneTimeline.Moment, _ text: [Character]) -> [UInt8] {
        var tiles = self.map(moment)
        let (columns, scale) = (self.width / 16, self.band / 16)
        let shown = (0..<(columns + scale - 1) / scale).map { index in
            self.characters[index < text.count ? text[index] : " "] ?? []
        }
        for place in 0..<min(columns * scale, tiles.count) {
            let parts = shown[place % columns / scale]
            let part = place / columns * scale + place % columns % scale
            if parts.indices.contains(part) { tiles[place] = parts[part] }
        }
        let pieces = tiles.lazy.filter(self.pieces.indices.contains).map { self.pieces[$0] }
        var file = self.head
        file.reserveCapacity(pieces.reduce(self.head.count + 2) { $0 + $1.count + 2 })
        for (number, piece) in pieces.enumerated() {
            if number > 0 {
                file.append(0xFF)
                file.append(0xD0 + UInt8((number - 1) % 8))
            }
            file.append(contentsOf: self.bytes[piece])
        }
        file.append(0xFF)
        file.append(0xD9)
        return file
    }

    /// A PNG of a moment: the band as it is, then the prepared strips, each of which was packed alone.
    func png(_ moment: SceneTimeline.Moment, _ text: [Character]) -> [UInt8] {
        let raw = self.bandRows(text)
        var adler = PNGFile.adler(raw)
        // A stored block (RFC 1951, 3.2.4).
        var data: [UInt8] = [0x78, 0x01, 0] + PNGFile.little(raw.count) + PNGFile.little(~raw.count) + raw
        for number in self.map(moment) where self.pieces.indices.contains(number) {
            data += self.bytes[self.pieces[number]]
            adler = PNGFile.adler(adler, self.checks[number].adler, length: self.checks[number].length)
        }
        // The last block is empty.
        data += [0x03, 0x00] + adler.bigEndianBytes
        let size = UInt32(self.width).bigEndianBytes + UInt32(self.height).bigEndianBytes
        return PNGFile.signature + PNGFile.chunk("IHDR", size + [8, 3, 0, 0, 0]) + PNGFile.chunk("PLTE", self.head)
            + PNGFile.chunk("IDAT", data) + PNGFile.chunk("IEND", [])
    }

    private func bandRows(_ text: [Character]) -> [UInt8] {
        let scale = self.band / 16
        var rows: [UInt8] = []
        rows.reserveCapacity(self.band * (self.width + 1))
        for y in 0..<self.band {
            rows.append(0)
            for x in 0..<self.width {
                let index = x / self.band
                let isWhite =
                    index < text.count && TimeText.covers(text[index], x: x % self.band / scale, y: y / scale)
                rows.append(isWhite ? 1 : 0)
            }
        }
        return rows
    }
}

/// The parts of a PNG file (ISO/IEC 15948).
private enum PNGFile {
    static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let named = Array(type.utf8) + data
        return UInt32(data.count).bigEndianBytes + named + Self.crc(named).bigEndianBytes
    }

    static func little(_ value: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: value), UInt8(truncatingIfNeeded: value >> 8)]
    }

    /// RFC 1950, 8.2.
    static func adler(_ bytes: [UInt8]) -> UInt32 {
        var (low, high): (UInt32, UInt32) = (1, 0)
        for byte in bytes {
            low = (low + UInt32(byte)) % 65_521
            high = (high + low) % 65_521
        }
        return high << 16 | low
    }

    /// The checksum of two pieces, one behind the other, from those of each.
    static func adler(_ first: UInt32, _ second: UInt32, length: Int) -> UInt32 {
        let prime: UInt64 = 65_521
        let (low, high) = (UInt64(first & 0xFFFF), UInt64(first >> 16))
        let count = UInt64(length) % prime
        let sum = (low + UInt64(second & 0xFFFF) + prime - 1) % prime
        let total = (count * low + high + UInt64(second >> 16) + prime - count) % prime
        return UInt32(total << 16 | sum)
    }

    private static let table: [UInt32] = (0..<256).map { index in
        (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
    }

    private static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { Self.table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
    }
}
