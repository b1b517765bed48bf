/// An MP4 file that is put together from prepared pictures: its length, its rate and what it shows are those of a request.
struct ClipFile: Sendable {
    var timeline: SceneTimeline
    /// The index of ``VideoPack/sizes``.
    var size = VideoPack.standardSize
    /// H.265, which there is in the standard size only, instead of H.264.
    var isHEVC = false
    /// The time of the first picture, in epoch milliseconds.
    var start: Int64
    /// The length in milliseconds, at least 1.
    var milliseconds: Int64
    /// Pictures a second.
    var rate: Int
    var hasSound = false

    var pictureCount: Int { max(1, Int((self.milliseconds * Int64(self.rate) + 999) / 1000)) }

    /// The samples of the sound, each 64 ms long but the last.
    var soundCount: Int {
        self.hasSound ? Int((self.milliseconds * Sound.rate / 1000 + Sound.frameLength - 1) / Sound.frameLength) : 0
    }

    func samples() -> ClipSamples { ClipSamples(file: self) }

    /// The frame of the sound for a sample of this file: the loop is tied to the time, as the pictures are.
    func soundFrame(_ number: Int) -> [UInt8] {
        guard !Sound.frames.isEmpty else { return [] }
        let first = self.start * Sound.rate / 1000 / Sound.frameLength
        return Sound.frames[Int((first + Int64(number)) % Int64(Sound.frames.count))]
    }

    /// The samples of the sound that stand in front of the end of a group of pictures.
    func soundCount(before pictures: Int) -> Int {
        guard pictures < self.pictureCount else { return self.soundCount }
        return min(
            self.soundCount,
            Int((Int64(pictures) * Sound.rate / Int64(self.rate) + Sound.frameLength - 1) / Sound.frameLength))
    }
}

/// The prepared sound.
enum Sound {
    static let rate: Int64 = 16_000
    /// Samples in a frame.
    static let frameLength: Int64 = 1024
    static let frames: [[UInt8]] = {
        var reader = PreparedReader(SharedMedia.sound)
        var frames: [[UInt8]] = []
        while !reader.isAtEnd { frames.append(Array(reader.bytes[reader.piece()])) }
        return frames
    }()
}

/// Makes the pictures of a clip one after the other; never more than one is in memory.
struct ClipSamples: Sendable {
    struct Sample {
        /// Whether it refers to no other.
        var isKey: Bool
        /// Two slices, each behind its length of four bytes.
        var bytes: [UInt8]
    }

    private struct Group: Equatable {
        var action: Int64
        var group: Int64
    }

    private let file: ClipFile
    private let band: TimeBand
    private var next = 0
    private var group: Group?
    /// The number of the picture in its group.
    private var number = 0
    private var parity = false
    private var keyText: [Character] = []
    private var text: [Character] = []
    private var second: Int64 = -1
    private var difference: [UInt8] = []

    init(file: ClipFile) {
        self.file = file
        let pack = VideoPack.of(.rain, size: file.size)
        self.band = TimeBand(columns: pack?.columns ?? 0, rows: (pack?.band ?? 0) / 16)
    }

    mutating func nextSample() -> Sample? {
        guard self.next < self.file.pictureCount else { return nil }
        let time = self.file.start + Int64(self.next) * 1000 / Int64(self.file.rate)
        self.next += 1
        return self.sample(at: time, self.file.timeline.moment(at: time))
    }

    /// The picture of a time, which need not be that of the file.
    ///
    /// - Parameter beginsGroup: Whether the picture has to refer to no other. It is the first one of its group then.
    mutating func sample(at time: Int64, _ moment: SceneTimeline.Moment, beginsGroup: Bool = false) -> Sample? {
        let isNewSecond = time / 1000 != self.second
        if isNewSecond {
            self.second = time / 1000
            self.text = TimeText.of(time)
        }
        if self.file.isHEVC { return self.nextHEVC(moment) }
        guard let pack = VideoPack.of(moment.scene, size: self.file.size) else { return nil }
        let group = Group(action: moment.action, group: moment.group)
        if group != self.group || beginsGroup {
            self.group = group
            self.number = 0
            self.parity.toggle()
            self.keyText = self.text
            self.difference = []
            return Sample(
                isKey: true,
                bytes: Self.sized([
                    self.band.key(self.text, parity: self.parity), pack.keyPicture(at: moment, parity: self.parity),
                ]))
        }
        self.number += 1
        if isNewSecond || self.difference.isEmpty {
            self.difference = self.band.difference(self.text, from: self.keyText)
        }
        TimeBand.number(self.number, in: &self.difference)
        return Sample(
            isKey: false, bytes: Self.sized([self.difference, pack.picture(at: moment, number: self.number)]))
    }

    private mutating func nextHEVC(_ moment: SceneTimeline.Moment) -> Sample? {
        let group = Group(action: moment.action, group: moment.group)
        self.number = group == self.group ? self.number + 1 : 0
        self.group = group
        guard let pack = HEVCPack.of(moment.scene) else { return nil }
        let slices = pack.slices(at: moment, number: self.number, text: self.text)
        return Sample(isKey: self.number == 0, bytes: Self.sized(slices))
    }

    private static func sized(_ units: [[UInt8]]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(units.reduce(0) { $0 + $1.count + 4 })
        for unit in units {
            bytes += UInt32(unit.count).bigEndianBytes
            bytes += unit
        }
        return bytes
    }
}

extension FixedWidthInteger {
    /// The bytes of a number, the most significant first.
    var bigEndianBytes: [UInt8] {
        stride(from: Self.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: self >> Self($0)) }
    }
}
