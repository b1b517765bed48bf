/// Prepared H.264 of one scene in one size.
///
/// Every picture of a group refers to the group's first one alone, so that any other can be left out or repeated: a frame
/// rate is a choice of pictures. Each is the slice below a band at the top, which ``TimeBand`` writes.
struct VideoPack: Sendable {
    let width: Int
    let height: Int
    /// The height of the band, in pixels.
    let band: Int
    let groups: SceneGroups
    let sequenceParameters: [UInt8]
    let pictureParameters: [UInt8]
    private let bytes: [UInt8]
    private let pictures: [Range<Int>]

    init(_ base64: String) {
        var reader = PreparedReader(base64)
        self.width = reader.number()
        self.height = reader.number()
        self.band = reader.number(1)
        let rate = reader.number(1)
        let count = reader.number(1)
        self.groups = SceneGroups(count: count, repeatedFrom: reader.number(1), rate: rate)
        self.sequenceParameters = Array(reader.bytes[reader.piece()])
        self.pictureParameters = Array(reader.bytes[reader.piece()])
        self.pictures = reader.pieces(count * self.groups.picturesPerGroup)
        self.bytes = reader.bytes
    }

    /// The columns of macroblocks.
    var columns: Int { self.width / 16 }

    /// The first picture of a moment's group.
    func keyPicture(at moment: SceneTimeline.Moment, parity: Bool) -> [UInt8] {
        var slice = Array(self.bytes[self.pictures[self.groups.group(moment) * self.groups.picturesPerGroup]])
        // Behind the type of the slice, its parameters and the number of the frame: idr_pic_id is 1, or 2 (ITU-T H.264, 7.4.3).
        if parity { slice.setBit(self.headBits + 2 + 1 + 4 + 2) }
        return slice
    }

    /// The picture of a moment, as the picture of that number behind the first one of its group.
    func picture(at moment: SceneTimeline.Moment, number: Int) -> [UInt8] {
        let index = self.groups.picture(at: moment)
        // The first one cannot be repeated; the second one is next to it.
        let isFirst = index.isMultiple(of: self.groups.picturesPerGroup)
        var slice = Array(self.bytes[self.pictures[isFirst ? index + 1 : index]])
        slice.setByte(UInt8(truncatingIfNeeded: 2 * number), at: self.headBits + 1 + 4)
        return slice
    }

    /// The bits of a slice before those that begin with its type's last bit: the type of the unit and first_mb_in_slice.
    private var headBits: Int {
        let first = self.band / 16 * self.columns + 1
        return 8 + 2 * (Int.bitWidth - first.leadingZeroBitCount) - 1 + 1
    }
}

extension VideoPack {
    private static let packs: [Scene: [VideoPack]] = {
        var packs: [Scene: [VideoPack]] = [:]
        for scene in Scene.allCases { packs[scene] = scene.videoTexts.map { VideoPack($0) } }
        return packs
    }()

    /// The sizes of the prepared clips, the smallest first.
    static let sizes = [(width: 320, height: 180), (width: 640, height: 360), (width: 1280, height: 720)]
    static let standardSize = 1

    static func of(_ scene: Scene, size: Int) -> VideoPack? { self.packs[scene]?[size] }
}

extension Scene {
    fileprivate var videoTexts: [String] {
        switch self {
        case .delivery: [DeliveryMedia.video320, DeliveryMedia.video640, DeliveryMedia.video1280]
        case .garden: [GardenMedia.video320, GardenMedia.video640, GardenMedia.video1280]
        case .driveway: [DrivewayMedia.video320, DrivewayMedia.video640, DrivewayMedia.video1280]
        case .fox: [FoxMedia.video320, FoxMedia.video640, FoxMedia.video1280]
        case .rain: [RainMedia.video320, RainMedia.video640, RainMedia.video1280]
        }
    }

    var hevcText: String {
        switch self {
        case .delivery: DeliveryMedia.hevc640
        case .garden: GardenMedia.hevc640
        case .driveway: DrivewayMedia.hevc640
        case .fox: FoxMedia.hevc640
        case .rain: RainMedia.hevc640
        }
    }

    var jpegTexts: [String] {
        switch self {
        case .delivery: [DeliveryMedia.jpeg640, DeliveryMedia.jpeg1280]
        case .garden: [GardenMedia.jpeg640, GardenMedia.jpeg1280]
        case .driveway: [DrivewayMedia.jpeg640, DrivewayMedia.jpeg1280]
        case .fox: [FoxMedia.jpeg640, FoxMedia.jpeg1280]
        case .rain: [RainMedia.jpeg640, RainMedia.jpeg1280]
        }
    }

    var pngText: String {
        switch self {
        case .delivery: DeliveryMedia.png640
        case .garden: GardenMedia.png640
        case .driveway: DrivewayMedia.png640
        case .fox: FoxMedia.png640
        case .rain: RainMedia.png640
        }
    }
}

extension [UInt8] {
    /// Changes the eight bits behind so many.
    fileprivate mutating func setByte(_ value: UInt8, at bit: Int) {
        let (index, shift) = (bit / 8, bit % 8)
        guard index + 1 < self.count else { return }
        let mask = UInt16(0xFF00) >> UInt16(shift)
        let word = UInt16(self[index]) << 8 | UInt16(self[index + 1])
        let changed = word & ~mask | (UInt16(value) << 8) >> UInt16(shift)
        self[index] = UInt8(changed >> 8)
        self[index + 1] = UInt8(changed & 0xFF)
    }

    /// Sets the bit behind so many.
    fileprivate mutating func setBit(_ bit: Int) {
        guard bit / 8 < self.count else { return }
        self[bit / 8] |= 0x80 >> UInt8(bit % 8)
    }
}
