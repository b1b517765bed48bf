internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Makes the pictures and packets of a recording from the access units of its sessions, and measures the gaps.
///
/// No input and output, and no clock: tested by value.
struct RecordingReader: Sendable {
    /// What becomes of an access unit.
    enum Step: Sendable {
        /// A picture, and the gap before it.
        case frame(RecordedFrame, gap: RingLiveGap?)
        case packet(RecordedPacket)
        /// Left out.
        case skipped
    }

    /// How long a session may go on without pictures before that is a gap.
    private static let stall = Duration.seconds(2)
    /// The assumed length of a picture that nothing follows: 50 ms.
    private static let usualLength = Int64(MP4Track.videoScale / 20)
    /// How far packets of sound may be from the end of the one before and still continue it: 40 ms.
    private static let soundTolerance = Int64(MP4Track.audioScale / 25)

    private var pictures = H264PictureReader()
    private var timeline = RecordingTimeline()
    private let includesAudio: Bool
    private var isInSession = false
    /// The end of the last picture and the clock when it arrived; `nil` before the first one.
    private var last: (time: Int64, length: Int64, uptime: Duration)?
    private var soundEnd: Int64?
    private var endReason: String?

    init(includesAudio: Bool) { self.includesAudio = includesAudio }

    /// Where the recording ends so far.
    var end: Duration { self.last.map { .ticks($0.time + $0.length, MP4Track.videoScale) } ?? .zero }

    /// Ends a session.
    mutating func endSession(_ reason: String) {
        self.isInSession = false
        self.endReason = reason
        self.timeline.endSession()
        self.pictures.reset()
    }

    /// Reads one access unit.
    ///
    /// - Parameters:
    ///   - uptime: The clock, which measures the gaps between sessions.
    ///   - date: The date now.
    mutating func read(_ unit: RingLiveAccessUnit, uptime: Duration, date: Date) -> Step {
        switch unit.track {
        case .video: self.picture(unit, uptime, date)
        case .audio: self.sound(unit)
        }
    }

    private mutating func picture(_ unit: RingLiveAccessUnit, _ uptime: Duration, _ date: Date) -> Step {
        let picture: H264Picture
        do throws(H264PictureReader.Refusal) { picture = try self.pictures.read(unit.bytes) } catch { return .skipped }
        let time: Int64
        var gap: RingLiveGap?
        let followsGap = !self.isInSession && self.last != nil
        if self.isInSession {
            time = self.timeline.place(unit).ticks(MP4Track.videoScale)
        } else if let last {
            let end = last.time + last.length
            time = max(end, last.time + (uptime - last.uptime).ticks(MP4Track.videoScale))
            self.timeline.begin(with: unit, at: .ticks(time, MP4Track.videoScale))
            gap = RingLiveGap(
                start: .ticks(end, MP4Track.videoScale), duration: .ticks(time - end, MP4Track.videoScale),
                reason: self.endReason ?? "unknown")
        } else {
            time = 0
            self.timeline.begin(with: unit, at: .zero)
        }
        self.isInSession = true
        var length = Self.usualLength
        var begin = time
        if let last {
            // Two pictures of one time follow each other by the smallest unit.
            begin = max(time, last.time + 1)
            let step = begin - last.time
            if !followsGap, step <= Self.usualLength * 20 { length = step }
            if !followsGap, step > Self.stall.ticks(MP4Track.videoScale) {
                let end = last.time + last.length
                gap = RingLiveGap(
                    start: .ticks(end, MP4Track.videoScale), duration: .ticks(begin - end, MP4Track.videoScale),
                    reason: "stalled")
            }
        }
        self.last = (begin, length, uptime)
        return .frame(
            RecordedFrame(picture: picture, time: begin, duration: length, date: date, followsGap: followsGap), gap: gap
        )
    }

    private mutating func sound(_ unit: RingLiveAccessUnit) -> Step {
        guard self.includesAudio, let length = OpusPacket.length(unit.bytes),
            let time = self.timeline.place(sound: unit)?.ticks(MP4Track.audioScale)
        else { return .skipped }
        var begin = time
        if let end = self.soundEnd {
            // The clocks of camera and machine differ a little; sound that is cut or stretched for it would click.
            if abs(time - end) <= Self.soundTolerance { begin = end } else if time < end { return .skipped }
        }
        self.soundEnd = begin + length
        return .packet(RecordedPacket(bytes: unit.bytes, time: begin, duration: length))
    }
}
