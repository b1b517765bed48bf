internal import RingCrypto

/// A scene that a camera shows, prepared as pictures; `Scripts/simulator-media` draws them.
enum Scene: String, CaseIterable {
    /// Somebody brings a parcel to the door, and it stays there.
    case delivery
    /// Somebody crosses a garden.
    case garden
    /// A car arrives by night and stays.
    case driveway
    /// A fox passes by night.
    case fox
    /// Rain, and nobody.
    case rain

    /// Every prepared group of pictures lasts so many milliseconds; the first one shows the scene before the action.
    static let groupMilliseconds: Int64 = 2000

    /// Whether what the action leaves behind stays in the picture.
    var stays: Bool { self == .delivery || self == .driveway }

    /// The scene of an event: one that fits its type, the same for the same seed, device and event.
    init(event type: String, _ subType: String?, key: String) {
        let fitting: [Self] =
            switch subType ?? type {
            case "package_delivery", "package", "ding", "button_press": [.delivery]
            case "vehicle": [.driveway]
            case "animal": [.fox]
            case "human": [.garden, .delivery]
            case "other_motion": [.fox, .rain]
            default: Self.allCases
            }
        self = fitting[Int(Self.hash(key) % UInt64(fitting.count))]
    }

    /// FNV-1a, 64 bits: the same on every machine.
    private static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0100_0000_01B3 }
    }
}

/// What a camera shows at any time: the scenes of its events, and the quiet place between them.
struct SceneTimeline: Sendable {
    struct Action: Sendable {
        var start: Int64
        var end: Int64
        var scene: Scene
    }

    /// A scene, and the milliseconds since its action began; negative before that, and while nothing happens.
    struct Moment: Equatable, Sendable {
        var scene: Scene
        var milliseconds: Int64
        /// Distinguishes the actions of a timeline.
        var action: Int64

        /// The number of the group since the action began.
        var group: Int64 {
            let group = self.milliseconds / Scene.groupMilliseconds
            return self.milliseconds < 0 && self.milliseconds % Scene.groupMilliseconds != 0 ? group - 1 : group
        }
    }

    /// In the order of their starts.
    var actions: [Action]
    /// What is shown where nothing ever happens.
    var place: Scene

    func moment(at time: Int64) -> Moment {
        let last = self.actions.last { $0.start <= time }
        let next = self.actions.first { $0.start > time }
        if let last, time <= last.end || last.scene.stays {
            return Moment(scene: last.scene, milliseconds: time - last.start, action: last.start)
        }
        if let next, last == nil || next.start - time < time - (last?.end ?? 0) {
            return Moment(scene: next.scene, milliseconds: time - next.start, action: next.start)
        }
        let since = last.map { time - $0.end } ?? time
        let phase = since % Scene.groupMilliseconds - Scene.groupMilliseconds
        // A quiet group has the end of the action before it as its beginning.
        return Moment(
            scene: last?.scene ?? self.place, milliseconds: phase, action: -1 - since / Scene.groupMilliseconds)
    }
}

/// A prepared set of pictures: how its groups follow each other.
struct SceneGroups: Sendable {
    var count: Int
    /// The group that follows the last one.
    var repeatedFrom: Int
    /// Pictures a second.
    var rate: Int

    var picturesPerGroup: Int { self.rate * Int(Scene.groupMilliseconds) / 1000 }

    /// The number of the picture for a moment: the last one that is not later.
    func picture(at moment: SceneTimeline.Moment) -> Int {
        let length = Scene.groupMilliseconds
        let phase = (moment.milliseconds % length + length) % length
        return self.group(moment) * self.picturesPerGroup + Int(phase) * self.rate / 1000
    }

    func group(_ moment: SceneTimeline.Moment) -> Int {
        guard moment.milliseconds >= 0 else { return 0 }
        let group = 1 + Int(moment.milliseconds / Scene.groupMilliseconds)
        guard group >= self.count else { return group }
        return self.repeatedFrom + (group - self.count) % (self.count - self.repeatedFrom)
    }
}

/// Reads numbers and pieces of prepared media, most significant byte first.
struct PreparedReader {
    let bytes: [UInt8]
    private var place = 0

    init(_ base64: String) { self.bytes = RingBase64.decode(base64) ?? [] }

    mutating func number(_ count: Int = 2) -> Int {
        guard self.place + count <= self.bytes.count else { return 0 }
        defer { self.place += count }
        return self.bytes[self.place..<self.place + count].reduce(0) { $0 << 8 | Int($1) }
    }

    /// A piece behind its length.
    mutating func piece() -> Range<Int> {
        let count = min(self.number(), self.bytes.count - self.place)
        defer { self.place += count }
        return self.place..<self.place + count
    }

    mutating func pieces(_ count: Int) -> [Range<Int>] { (0..<count).map { _ in self.piece() } }

    var isAtEnd: Bool { self.place >= self.bytes.count }
}
