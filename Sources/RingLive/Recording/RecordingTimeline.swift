internal import RingCore

/// Places the units of sessions on the timeline of one recording, which never goes back and never jumps.
struct RecordingTimeline: Sendable {
    private struct Moment {
        var presentation: Duration
        var arrival: Duration
        var time: Duration
    }

    /// How much presentation times may differ from arrivals before they are taken for damaged.
    private static let tolerance = Duration.seconds(10)
    /// The place of the session's time zero in the recording; `nil` before its first picture.
    private var offset: Duration?
    private var last: Moment?

    /// Ends a session: the next picture begins another.
    mutating func endSession() { (self.offset, self.last) = (nil, nil) }

    /// Places the first picture of a session.
    mutating func begin(with unit: RingLiveAccessUnit, at time: Duration) {
        self.offset = time - unit.presentationTime
        self.last = Moment(presentation: unit.presentationTime, arrival: unit.arrival, time: time)
    }

    /// Places a later picture of the session.
    mutating func place(_ unit: RingLiveAccessUnit) -> Duration {
        guard let last, let offset else { return .zero }
        let step = unit.presentationTime - last.presentation
        let waited = max(unit.arrival - last.arrival, .zero)
        var time = unit.presentationTime + offset
        if step < .zero || step > waited + Self.tolerance {
            // A clock that was set at the camera: from here on its times count from the arrival.
            time = last.time + waited
            self.offset = time - unit.presentationTime
        }
        self.last = Moment(presentation: unit.presentationTime, arrival: unit.arrival, time: time)
        return time
    }

    /// Places a packet of sound; `nil` before the session's first picture, and far away from the pictures.
    func place(sound unit: RingLiveAccessUnit) -> Duration? {
        guard let offset, let last else { return nil }
        let time = unit.presentationTime + offset
        guard time >= .zero, time < last.time + Self.tolerance, time > last.time - Self.tolerance else { return nil }
        return time
    }
}

extension Duration {
    /// Whole units of a scale, rounded.
    func ticks(_ scale: Int) -> Int64 {
        let (seconds, attoseconds) = self.components
        let nanoseconds = attoseconds / 1_000_000_000
        return seconds * Int64(scale) + (nanoseconds * Int64(scale) + 500_000_000) / 1_000_000_000
    }

    /// A number of units of a scale.
    static func ticks(_ count: Int64, _ scale: Int) -> Duration {
        .nanoseconds(count / Int64(scale) * 1_000_000_000 + count % Int64(scale) * 1_000_000_000 / Int64(scale))
    }
}

/// The length of an Opus packet (RFC 6716, 3.1).
enum OpusPacket {
    /// The most bytes of a packet: 48 frames of 1,275 bytes do not occur within 120 ms.
    static let maximumBytes = 8 * 1275

    /// Samples of one channel at 48 kHz; `nil` for bytes that are no packet.
    static func length(_ bytes: [UInt8]) -> Int64? {
        guard let first = bytes.first, bytes.count <= Self.maximumBytes else { return nil }
        let mode = Int(first >> 3)
        let frame: Int64
        switch mode {
        case 0..<12: frame = [480, 960, 1920, 2880][mode % 4]
        case 12..<16: frame = [480, 960][mode % 2]
        default: frame = [120, 240, 480, 960][mode % 4]
        }
        let count: Int64
        switch first & 3 {
        case 0: count = 1
        case 1, 2: count = 2
        default:
            guard bytes.count > 1 else { return nil }
            count = Int64(bytes[1] & 0x3F)
        }
        // 120 ms at most.
        return (1...5760).contains(count * frame) ? count * frame : nil
    }
}
