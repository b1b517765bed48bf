/// One sample: a picture, its NAL units each behind its length, or an Opus packet.
struct MP4Sample: Sendable {
    var bytes: [UInt8]
    /// In units of the track.
    var time: Int64
    /// How long it lasts when nothing follows.
    var duration: Int64
    var isKey: Bool
}

/// A movie fragment (ISO/IEC 14496-12, 8.8.4), with its media.
struct MP4Fragment: Sendable {
    var bytes: [UInt8]
    /// Pictures in it.
    var pictures: Int
    /// When its first picture begins and its last one ends, in units of the video track; `nil` without pictures.
    var span: Range<Int64>?
}

/// Collects samples and makes fragments of them.
///
/// The last sample of a track waits for the next one, whose time says how long it lasts.
struct MP4FragmentBuilder: Sendable {
    private struct Entry {
        var size: UInt32
        var duration: UInt32
        var isKey: Bool
    }

    private struct Track: Sendable {
        let id: Int
        let scale: Int64
        var base: Int64 = 0
        var entries: [Entry] = []
        var data: [UInt8] = []
        var duration: Int64 = 0
        var held: MP4Sample?

        /// Adds the sample that waits.
        ///
        /// - Parameter time: When the next one begins; `nil` when none follows for now.
        mutating func complete(at time: Int64?) {
            guard let sample = self.held.take() else { return }
            if self.entries.isEmpty { self.base = sample.time }
            let duration = max(1, min(time.map { $0 - sample.time } ?? sample.duration, Int64(UInt32.max)))
            self.entries.append(
                Entry(size: UInt32(sample.bytes.count), duration: UInt32(duration), isKey: sample.isKey))
            self.data += sample.bytes
            self.duration += duration
        }

        mutating func clear() {
            self.entries.removeAll(keepingCapacity: true)
            self.data.removeAll(keepingCapacity: true)
            self.duration = 0
        }
    }

    /// The most bytes of a fragment, unless one sample has more.
    static let maximumBytes = 4 << 20
    private var video = Track(id: MP4Track.videoID, scale: Int64(MP4Track.videoScale))
    private var audio = Track(id: MP4Track.audioID, scale: Int64(MP4Track.audioScale))
    private var sequence: UInt32 = 0

    /// Whether what is complete makes a fragment of half a second.
    var isDue: Bool {
        self.video.duration * 2 >= self.video.scale || self.audio.duration * 2 >= self.audio.scale
            || self.video.data.count + self.audio.data.count >= Self.maximumBytes
    }

    /// Whether the first complete picture is a key frame.
    var beginsWithKey: Bool { self.video.entries.first?.isKey ?? false }

    /// Completes the picture before one that begins at a time. Then a fragment may be taken that ends there.
    mutating func endPicture(at time: Int64) { self.video.complete(at: time) }

    /// Adds a picture behind the one that ``endPicture(at:)`` has completed.
    mutating func addPicture(_ sample: MP4Sample) { self.video.held = sample }

    /// Adds a packet of sound.
    mutating func addSound(_ sample: MP4Sample) {
        self.audio.complete(at: sample.time)
        self.audio.held = sample
    }

    /// Completes all samples, because none follow for now.
    mutating func completeAll() {
        self.video.complete(at: nil)
        self.audio.complete(at: nil)
    }

    /// Makes a fragment of the complete samples; `nil` without any.
    mutating func take() -> MP4Fragment? {
        let tracks = [self.video, self.audio].filter { !$0.entries.isEmpty }
        guard !tracks.isEmpty else { return nil }
        self.sequence &+= 1
        // tfhd: the media is counted from the fragment's beginning; sound is made of key samples only.
        let heads = tracks.map { track in
            MP4.full(
                "tfhd", flags: 0x2_0000 | (track.id == MP4Track.audioID ? 0x20 : 0), MP4.number(track.id),
                track.id == MP4Track.audioID ? MP4.number(0x200_0000) : [])
                + MP4.full("tfdt", version: 1, MP4.number(Int(track.base), 8))
        }
        let runs = tracks.map { 20 + $0.entries.count * ($0.id == MP4Track.audioID ? 8 : 12) }
        let sizes = zip(heads, runs).map { 8 + $0.count + $1 }
        let size = 8 + 16 + sizes.reduce(0, +)
        var bytes: [UInt8] = []
        let media = tracks.reduce(0) { $0 + $1.data.count }
        bytes.reserveCapacity(size + 8 + media)
        bytes += MP4.head("moof", containing: size - 8) + MP4.full("mfhd", MP4.number(Int(self.sequence)))
        var offset = size + 8
        for (index, track) in tracks.enumerated() {
            let isSound = track.id == MP4Track.audioID
            bytes += MP4.head("traf", containing: sizes[index] - 8) + heads[index]
            // trun: an offset; for each sample its duration, its size and, for pictures, its flags.
            bytes += MP4.number(runs[index]) + MP4.text("trun") + MP4.number(isSound ? 0x301 : 0x701)
            bytes += MP4.number(track.entries.count) + MP4.number(offset)
            for entry in track.entries {
                bytes += MP4.number(Int(entry.duration)) + MP4.number(Int(entry.size))
                if !isSound { bytes += MP4.number(entry.isKey ? 0x200_0000 : 0x101_0000) }
            }
            offset += track.data.count
        }
        bytes += MP4.head("mdat", containing: media)
        for track in tracks { bytes += track.data }
        let pictures = self.video.entries.count
        let fragment = MP4Fragment(
            bytes: bytes, pictures: pictures,
            span: pictures > 0 ? self.video.base..<(self.video.base + self.video.duration) : nil)
        self.video.clear()
        self.audio.clear()
        return fragment
    }
}
