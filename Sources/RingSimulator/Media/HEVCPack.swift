/// Prepared H.265 of one scene, 640 × 360: the same structure as ``VideoPack``.
///
/// The band consists of slices, too: one for each character and one for the black rest, each coded on its own.
struct HEVCPack: Sendable {
    let width: Int
    let height: Int
    let groups: SceneGroups
    /// Video, sequence and picture parameters, with their types.
    let parameters: [(type: UInt8, unit: [UInt8])]
    /// Twelve bytes of the sequence parameters: profile, tier and level.
    let profile: [UInt8]
    /// The bits of a header behind its references: of an intra slice, and of one that refers to the first picture.
    private let rests: [[Bool]]
    private let characters: [Character: Range<Int>]
    private let black: Range<Int>
    private let pictures: [Range<Int>]
    private let bytes: [UInt8]

    private enum SliceType: Int {
        case predicted = 1
        case intra = 2
    }

    init(_ base64: String) {
        var reader = PreparedReader(base64)
        self.width = reader.number()
        self.height = reader.number()
        _ = reader.number(1)
        let rate = reader.number(1)
        let count = reader.number(1)
        self.groups = SceneGroups(count: count, repeatedFrom: reader.number(1), rate: rate)
        let heads = reader.pieces(6).map { Array(reader.bytes[$0]) }
        self.parameters = [(32, heads[0]), (33, heads[1]), (34, heads[2])]
        self.profile = heads[3]
        self.rests = heads[4...5].map { $0.map { $0 == UInt8(ascii: "1") } }
        var characters: [Character: Range<Int>] = [:]
        for character in SharedMedia.characters { characters[character] = reader.piece() }
        self.characters = characters
        self.black = reader.piece()
        self.pictures = reader.pieces(count * self.groups.picturesPerGroup)
        self.bytes = reader.bytes
    }

    /// The slices of a picture: the first one of its group, number 0, or another one.
    func slices(at moment: SceneTimeline.Moment, number: Int, text: [Character]) -> [[UInt8]] {
        var slices: [[UInt8]] = []
        for (place, character) in text.enumerated() {
            guard let data = self.characters[character] ?? self.characters[" "] else { continue }
            slices.append(self.slice(place, number, .intra, data))
        }
        slices.append(self.slice(text.count, number, .intra, self.black))
        let first = self.groups.group(moment) * self.groups.picturesPerGroup
        guard number > 0 else { return slices + [self.slice(self.columns, 0, .intra, self.pictures[first])] }
        let index = self.groups.picture(at: moment)
        // The first one cannot be repeated; the second one is next to it.
        let data = self.pictures[index == first ? index + 1 : index]
        return slices + [self.slice(self.columns, number, .predicted, data)]
    }

    private var columns: Int { self.width / 16 }

    /// A slice from a block on (ITU-T H.265, 7.3.6.1).
    private func slice(_ address: Int, _ number: Int, _ type: SliceType, _ data: Range<Int>) -> [UInt8] {
        let isKey = number == 0
        // IDR_W_RADL, or TRAIL_R.
        var bits = BitWriter([isKey ? 0x26 : 0x02, 0x01])
        bits.put(address == 0 ? 1 : 0, 1)
        if isKey { bits.put(0, 1) }
        bits.exponential(0)
        if address > 0 {
            let blocks = self.columns * ((self.height + 15) / 16)
            bits.put(address, Int.bitWidth - (blocks - 1).leadingZeroBitCount)
        }
        bits.exponential(type.rawValue)
        if !isKey {
            bits.put(number, 8)
            // The only reference is the first picture of the group.
            bits.put(0, 1)
            bits.exponential(1)
            bits.exponential(0)
            bits.exponential(number - 1)
            bits.put(1, 1)
        }
        for bit in self.rests[type == .intra ? 0 : 1] { bits.put(bit ? 1 : 0, 1) }
        return bits.finished() + self.bytes[data]
    }
}

extension HEVCPack {
    private static let packs: [Scene: HEVCPack] = {
        var packs: [Scene: HEVCPack] = [:]
        for scene in Scene.allCases { packs[scene] = HEVCPack(scene.hevcText) }
        return packs
    }()

    static func of(_ scene: Scene) -> HEVCPack? { self.packs[scene] }
}
