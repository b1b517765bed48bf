/// A track of a recording.
struct MP4Track: Sendable {
    /// What is in it.
    enum Media: Sendable {
        /// H.264, and the parameter sets of its sample descriptions.
        case video([H264Configuration])
        /// Opus.
        case audio
    }

    var id: Int
    var media: Media

    /// Units of time in a second: of RTP video (RFC 6184, 8.2.1), and of Opus.
    static let videoScale = 90_000
    static let audioScale = 48_000
    static let videoID = 1
    static let audioID = 2

    static func video(_ configurations: [H264Configuration]) -> MP4Track {
        MP4Track(id: Self.videoID, media: .video(configurations))
    }

    static let audio = MP4Track(id: Self.audioID, media: .audio)

    var scale: Int {
        switch self.media {
        case .video: Self.videoScale
        case .audio: Self.audioScale
        }
    }

    /// The sample descriptions.
    var descriptions: [UInt8] {
        let entries: [[UInt8]]
        switch self.media {
        case .video(let configurations): entries = configurations.map(Self.entry)
        case .audio:
            // 14496-12, 12.2.3, and the Opus encapsulation, 4.3.2: version 0, two channels, nothing to skip, mapping 0. That text
            // wants at least 80 ms to skip, as information only. But players do skip as much, some of them without moving what
            // follows; and here nothing precedes what is to be heard, which would have to be skipped.
            let opus: [UInt8] = [0, 2] + MP4.number(0, 2) + MP4.number(48_000) + MP4.number(0, 2) + [0]
            entries = [
                MP4.box(
                    "Opus", MP4.zeros(6), MP4.number(1, 2), MP4.zeros(8), MP4.number(2, 2), MP4.number(16, 2),
                    MP4.zeros(4), MP4.number(48_000 << 16), MP4.box("dOps", opus))
            ]
        }
        return MP4.full("stsd", MP4.number(entries.count), Array(entries.joined()))
    }

    private static func entry(_ configuration: H264Configuration) -> [UInt8] {
        let (width, height) = (configuration.parameters.width, configuration.parameters.height)
        return MP4.box(
            "avc1", MP4.zeros(6), MP4.number(1, 2), MP4.zeros(16), MP4.number(width, 2), MP4.number(height, 2),
            MP4.number(0x48_0000), MP4.number(0x48_0000), MP4.zeros(4), MP4.number(1, 2), MP4.zeros(32),
            MP4.number(24, 2), MP4.number(0xFFFF, 2), MP4.box("avcC", configuration.record))
    }

    /// Everything of a track but its tables, with place for the rest of `stbl`.
    ///
    /// - Parameters:
    ///   - duration: In units of the track.
    ///   - start: When it begins, in units of the movie.
    ///   - tables: The length of the tables that follow the sample descriptions.
    func head(date: Int, duration: Int, start: Int, tables: Int) -> [UInt8] {
        let descriptions = self.descriptions
        let mediaHeader: [UInt8]
        let handler: [UInt8]
        var (width, height, volume) = (0, 0, 0)
        switch self.media {
        case .video(let configurations):
            mediaHeader = MP4.full("vmhd", flags: 1, MP4.zeros(8))
            handler = MP4.text("vide")
            width = configurations.first?.parameters.width ?? 0
            height = configurations.first?.parameters.height ?? 0
        case .audio:
            mediaHeader = MP4.full("smhd", MP4.zeros(4))
            handler = MP4.text("soun")
            volume = 0x100
        }
        let movieDuration = duration * MP4Movie.scale / self.scale
        let references = MP4.box("dinf", MP4.full("dref", MP4.number(1), MP4.full("url ", flags: 1)))
        let stbl = MP4.head("stbl", containing: descriptions.count + tables) + descriptions
        let inner = mediaHeader + references + stbl
        let minf = MP4.head("minf", containing: inner.count + tables) + inner
        let head =
            MP4.full(
                "mdhd", version: 1, MP4.number(date, 8), MP4.number(date, 8), MP4.number(self.scale),
                MP4.number(duration, 8), MP4.number(0x55C4, 2), MP4.zeros(2))
            + MP4.full("hdlr", MP4.zeros(4), handler, MP4.zeros(12), MP4.text("Ring live\0"))
        let mdia = MP4.head("mdia", containing: head.count + minf.count + tables) + head + minf
        var trak = MP4.full(
            "tkhd", version: 1, flags: 3, MP4.number(date, 8), MP4.number(date, 8), MP4.number(self.id), MP4.zeros(4),
            MP4.number(movieDuration + start, 8), MP4.zeros(12), MP4.number(volume, 2), MP4.zeros(2), MP4.matrix,
            MP4.number(width << 16), MP4.number(height << 16))
        if start > 0 {
            // An empty edit, then the media as it is (14496-12, 8.6.6).
            trak += MP4.box(
                "edts",
                MP4.full(
                    "elst", version: 1, MP4.number(2), MP4.number(start, 8), MP4.number(-1, 8), MP4.number(0x1_0000),
                    MP4.number(movieDuration, 8), MP4.number(0, 8), MP4.number(0x1_0000)))
        }
        trak += mdia
        return MP4.head("trak", containing: trak.count + tables) + trak
    }
}

/// The box that describes the whole file.
enum MP4Movie {
    /// Units of time in a second.
    static let scale = 90_000

    static let fileType = MP4.box("ftyp", MP4.text("isom"), MP4.number(512), MP4.text("isomiso5iso6avc1mp41"))

    static func header(date: Int, duration: Int) -> [UInt8] {
        MP4.full(
            "mvhd", version: 1, MP4.number(date, 8), MP4.number(date, 8), MP4.number(Self.scale),
            MP4.number(duration, 8), MP4.number(0x1_0000), MP4.number(0x100, 2), MP4.zeros(10), MP4.matrix,
            MP4.zeros(24), MP4.number(MP4Track.audioID + 1))
    }

    /// The movie of a file whose samples stand in fragments (14496-12, 8.8).
    static func fragmented(_ tracks: [MP4Track], date: Int) -> [UInt8] {
        var boxes = Self.header(date: date, duration: 0)
        let tables =
            MP4.full("stts", MP4.number(0)) + MP4.full("stsc", MP4.number(0))
            + MP4.full("stsz", MP4.number(0), MP4.number(0)) + MP4.full("stco", MP4.number(0))
        for track in tracks { boxes += track.head(date: date, duration: 0, start: 0, tables: tables.count) + tables }
        var extends: [UInt8] = []
        for track in tracks {
            extends += MP4.full("trex", MP4.number(track.id), MP4.number(1), MP4.zeros(12))
        }
        return MP4.box("moov", boxes, MP4.box("mvex", extends))
    }
}
