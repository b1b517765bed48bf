public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

/// What a recording contains.
public struct RingLiveRecording: Sendable {
    /// The files, in order; for HLS the playlist. Of more than a thousand segments the newest thousand; empty for a descriptor.
    public package(set) var files: [RingLiveRecordedFile] = []
    /// The index beside the recording; `nil` without one.
    public package(set) var indexPath: String?
    /// When the first picture arrived, by the clock of this machine. The picture itself is a little older, and nothing proves its
    /// time.
    public package(set) var start: Date?
    /// From the first picture to the end of the last one, gaps included.
    public package(set) var duration: Duration = .zero
    /// The recorded pictures that arrived. Slate frames do not count here, but in ``RingLiveRecordedFile/frameCount``.
    public package(set) var frameCount = 0
    /// The length of all files together, or what was written to the descriptor.
    public package(set) var bytes: Int64 = 0
    /// The RTP packets that did not arrive, also not when they were requested again.
    public package(set) var lostPackets = 0
    /// The RTP packets that could not be sent, because the socket was full or the network down; 0 for other destinations.
    public package(set) var droppedPackets = 0
    /// The access units that were left out: before the first key frame, damaged, or of a track that is not recorded.
    public package(set) var skippedUnits = 0
    /// The sessions, the newest thousand of them.
    public package(set) var sessions: [RingLiveRecordedSession] = []
    /// The number of sessions.
    public package(set) var sessionCount = 0
    /// The times without pictures, the newest thousand of them.
    public package(set) var gaps: [RingLiveGap] = []
    /// The number of gaps.
    public package(set) var gapCount = 0
    /// Why the recording ended early; `nil` when it ended as intended. What came before is in the files.
    public package(set) var failure: RingError?

    /// The most files, sessions and gaps that are kept, so that a recording of months takes no more memory than one of a day.
    static let maximumListCount = 1_000

    package init() {}
}

/// One complete file of a recording.
public struct RingLiveRecordedFile: Hashable, Sendable {
    /// Its path.
    public package(set) var path: String
    /// When its first picture arrived.
    public package(set) var start: Date
    /// From its first picture to the end of its last one.
    public package(set) var duration: Duration
    /// Its pictures, slate frames included.
    public package(set) var frameCount: Int
    /// Its length.
    public package(set) var bytes: Int64
}

/// One live session of a recording.
public struct RingLiveRecordedSession: Hashable, Sendable {
    /// When its first recorded picture arrived; `nil` when none did.
    public package(set) var start: Date?
    /// Where it begins in the recording.
    public package(set) var offset: Duration
    /// From its first picture to the end of its last one.
    public package(set) var duration: Duration = .zero
    /// Its pictures.
    public package(set) var frameCount = 0
    /// Its lost RTP packets.
    public package(set) var lostPackets = 0
    /// Why it ended: a word of `WHEPEndReason`, or the code of an error.
    public package(set) var endReason: String?
}

/// A time of a recording without pictures.
public struct RingLiveGap: Hashable, Sendable {
    /// Where it begins in the recording: the end of the last picture before it.
    public package(set) var start: Duration
    /// How long it lasts, measured by the clock of this machine.
    public package(set) var duration: Duration
    /// Why: `stalled` when a session went on without pictures; else why the session before it ended.
    public package(set) var reason: String
}

/// How far a recording is.
public struct RingLiveRecordingProgress: Hashable, Sendable {
    /// The recorded time, gaps included.
    public package(set) var duration: Duration = .zero
    /// The pictures.
    public package(set) var frameCount = 0
    /// What has been written.
    public package(set) var bytes: Int64 = 0
    /// The lost RTP packets.
    public package(set) var lostPackets = 0
    /// The sessions so far.
    public package(set) var sessionCount = 0
    /// The gaps so far.
    public package(set) var gapCount = 0

    package init() {}
}

/// Where a recording goes.
public struct RingLiveDestination: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        case file(String, RingLiveFormat)
        case segments(String, Duration)
        case descriptor(Int32, RingLiveFormat)
        case hls(String, Duration, Int?)
        case rtp(String, Int, String?)
    }

    let kind: Kind

    /// A file. Until it is complete it has a name beside the final one that ends in `part`; what a killed process leaves there
    /// plays up to its last second.
    public static func file(_ path: String, format: RingLiveFormat = .mp4) -> Self {
        Self(kind: .file(path, format))
    }

    /// MP4 files of about the same length, each beginning with a key frame.
    ///
    /// - Parameters:
    ///   - pattern: A path in which `%n` stands for a number that no file has yet, and `%t` for the date and time of the first
    ///     picture in UTC: `door-%t.mp4`. Without either, `-%n` is added before the extension.
    ///   - length: The shortest time after which the next file begins, at the next key frame.
    public static func segments(_ pattern: String, every length: Duration) -> Self {
        Self(kind: .segments(pattern, length))
    }

    /// An open file descriptor, such as standard output: fragmented MP4, or H.264 in the byte stream format. It stays open.
    public static func descriptor(_ descriptor: Int32, format: RingLiveFormat = .mp4) -> Self {
        Self(kind: .descriptor(descriptor, format))
    }

    /// A folder for HTTP Live Streaming (RFC 8216): `index.m3u8` with fragmented MP4.
    ///
    /// - Parameters:
    ///   - folder: An existing folder, of one recording at a time. When the first segment is complete, the files of an earlier
    ///     recording are removed: name another folder to keep them.
    ///   - segmentDuration: The shortest length of a segment.
    ///   - window: How many segments the playlist has; older ones are removed. `nil` keeps the whole recording.
    public static func hls(folder: String, segmentDuration: Duration = .seconds(2), window: Int? = nil) -> Self {
        Self(kind: .hls(folder, segmentDuration, window))
    }

    /// RTP over UDP (RFC 6184, RFC 7587), as media routers, ffmpeg and GStreamer receive it. Nothing is encrypted: the pictures
    /// can be seen by whoever is on the way.
    ///
    /// Nothing waits for the receiver, and nobody has to be there; packets that the socket does not take are lost and counted in
    /// ``RingLiveRecording/droppedPackets``. The end is announced with RTCP BYE.
    ///
    /// - Parameters:
    ///   - host: The receiver's name or address, also one for multicast.
    ///   - port: The port of the pictures, an even one by custom. Sound goes to `port + 2`, reports (RTCP) to the ports after both.
    ///   - description: A file for the session description (SDP) that the receiver reads. It is there when the recorder was
    ///     created, and is written again with the parameter sets when they have come.
    public static func rtp(host: String, port: Int, description: String? = nil) -> Self {
        Self(kind: .rtp(host, port, description))
    }
}

/// The format of a recording in one piece.
public enum RingLiveFormat: String, Hashable, Sendable, CaseIterable {
    /// MP4: fragmented while it is written, with ordinary tables when it is complete.
    case mp4
    /// H.264 in the byte stream format (Annex B): pictures only, without times.
    case h264
}

/// How a recording is made.
public struct RingLiveRecordingOptions: Hashable, Sendable {
    /// Whether sound is recorded, where the session has any.
    public var includesAudio: Bool
    /// Whether gray pictures fill the gaps between sessions. Without them the last picture stays until the next one.
    public var fillsGaps: Bool
    /// Whether an index is written beside the recording: `NAME.json`, or `index.json` in the folder of HLS.
    public var writesIndex: Bool
    /// Whether every half second is forced to the disk, so that it survives a power failure, too.
    public var isDurable: Bool
    /// The mode of finished files, regardless of the umask of the process. Live video shows people's homes, so by default only
    /// this user can read them.
    public var fileMode: UInt32

    /// Creates options.
    public init(
        includesAudio: Bool = false, fillsGaps: Bool = false, writesIndex: Bool = true, isDurable: Bool = true,
        fileMode: UInt32 = 0o600
    ) {
        self.includesAudio = includesAudio
        self.fillsGaps = fillsGaps
        self.writesIndex = writesIndex
        self.isDurable = isDurable
        self.fileMode = fileMode
    }
}

extension RingError.Code {
    /// A recording ended before a picture that can be decoded arrived; no file was made.
    public static let recordingEmpty = Self("recording_empty")
    /// The reader of a descriptor, such as the program behind a pipe, has gone.
    public static let outputClosed = Self("output_closed")
}
