internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// One MP4 file while it is recorded.
///
/// While it is written it is a fragmented file, so that it plays whenever its process ends: `ftyp`, an empty `free` box,
/// `moov`, and a `moof` with its `mdat` for every half second. At the end an ordinary `moov` is appended and forced to the disk.
/// Then sixteen bytes are replaced: the header of the `free` box becomes that of an `mdat` which contains everything up to the
/// new `moov`. Before that write the file is a complete fragmented file, after it a complete ordinary one.
final class MP4RecordingFile {
    private let file: RingOutputFile
    private let initial: H264Configuration
    private let start: Int64
    private let date: Date
    private let options: RingLiveRecordingOptions
    /// Where the fragments begin.
    private let head: Int64
    private var builder = MP4FragmentBuilder()
    private var configuration: H264Configuration
    private var hasOtherConfigurations = false
    private var end: Int64 = 0
    private var isBroken = false
    /// The pictures that are in the file.
    private(set) var frameCount = 0
    /// Of each picture that is not in the file yet, whether it is a slate.
    private var waiting: [Bool] = []
    /// The pictures of the camera that were taken, and are not in the file.
    var lostFrameCount: Int { self.waiting.count { !$0 } }
    /// Where they end, from the beginning of the file.
    private var written: Int64 = 0

    /// The empty box that becomes the header of `mdat`.
    static let reserved = MP4.number(16) + MP4.text("free") + MP4.zeros(8)

    /// Begins the file of a key frame and of what follows it.
    init(
        _ destination: RingFileDestination, beginningWith frame: RecordedFrame, options: RingLiveRecordingOptions
    ) throws(RingError) {
        self.file = try RingOutputFile(destination, .lasting)
        self.initial = frame.picture.configuration
        self.configuration = frame.picture.configuration
        self.start = frame.time
        self.date = frame.date
        self.options = options
        let tracks = [MP4Track.video([frame.picture.configuration])] + (options.includesAudio ? [.audio] : [])
        let head = MP4Movie.fileType + Self.reserved + MP4Movie.fragmented(tracks, date: Self.seconds(frame.date))
        self.head = Int64(head.count)
        do throws(RingError) {
            try self.file.write(head)
        } catch {
            self.file.discard()
            throw error
        }
    }

    /// The length of the file so far.
    var bytes: Int64 { self.file.length }

    /// How long the file is up to a picture, in units of the video track.
    func length(upTo frame: RecordedFrame) -> Int64 { frame.time - self.start }

    /// Whether a picture has other parameter sets than the one before it.
    func needsDescription(_ frame: RecordedFrame) -> Bool { frame.picture.configuration != self.configuration }

    func write(_ frame: RecordedFrame) throws(RingError) {
        self.builder.endPicture(at: frame.time - self.start)
        let needsDescription = self.needsDescription(frame)
        if self.builder.isDue || needsDescription { try self.writeFragment() }
        if needsDescription {
            self.hasOtherConfigurations = true
            self.configuration = frame.picture.configuration
            try self.append(MP4FragmentReader.note(self.configuration))
        }
        // Behind a change of the parameter sets, key frames bring theirs: the movie of the fragments knows only the first.
        self.builder.addPicture(frame.sample(from: self.start, hasParameters: self.hasOtherConfigurations))
        self.end = frame.time + frame.duration
        self.waiting.append(frame.isSlate)
    }

    func write(_ packet: RecordedPacket) throws(RingError) {
        guard self.options.includesAudio, let sample = packet.sample(from: self.start) else { return }
        self.builder.addSound(sample)
        if self.builder.isDue { try self.writeFragment() }
    }

    /// Writes what waits for more.
    func flush() throws(RingError) {
        self.builder.completeAll()
        try self.writeFragment()
    }

    /// Makes an ordinary file of it and gives it its final name.
    ///
    /// - Parameter time: When it ends; `nil` at the end of its last picture.
    /// - Returns: The file, when it has its name, and the first failure. A file without an index plays, too.
    func finish(at time: Int64? = nil) -> (file: RingLiveRecordedFile?, failure: RingError?) {
        var failure: RingError?
        if let time {
            self.end = time
            self.builder.endPicture(at: time)
        }
        if !self.isBroken {
            do throws(RingError) { try self.flush() } catch { failure = error }
        }
        do throws(RingError) {
            try self.writeIndex()
        } catch {
            failure = failure ?? error
        }
        do throws(RingError) {
            try self.file.finish(mode: self.options.fileMode, isDurable: self.options.isDurable)
        } catch {
            return (nil, failure ?? error)
        }
        let file = RingLiveRecordedFile(
            path: self.file.destination.path, start: self.date,
            duration: .ticks(self.isBroken ? self.written : self.end - self.start, MP4Track.videoScale),
            frameCount: self.frameCount,
            bytes: self.file.length)
        return (file, failure)
    }

    private func writeIndex() throws(RingError) {
        try Self.writeIndex(
            of: MP4FragmentReader(file: self.file, start: self.head, configuration: self.initial),
            date: Self.seconds(self.date), isDurable: self.options.isDurable)
    }

    /// Appends the index to a file of fragments, and turns the fragments into its media. After a failure it is as before.
    static func writeIndex(of reader: MP4FragmentReader, date: Int, isDurable: Bool) throws(RingError) {
        let file = reader.file
        let end = file.length
        do throws(RingError) {
            guard try MP4Index(reader: reader, date: date).append() else { return try file.cut(to: end) }
            if isDurable { try file.save() }
            let offset = Int64(MP4Movie.fileType.count)
            // A size of 1: it follows in 64 bits.
            try file.overwrite(MP4.number(1) + MP4.text("mdat") + MP4.number(Int(end - offset), 8), at: offset)
        } catch {
            try file.cut(to: end)
            throw error
        }
    }

    private func writeFragment() throws(RingError) {
        guard let fragment = self.builder.take() else { return }
        try self.append(fragment.bytes)
        self.frameCount += fragment.pictures
        self.waiting.removeFirst(fragment.pictures)
        if let span = fragment.span { self.written = span.upperBound }
        if self.options.isDurable { try self.file.save() }
    }

    private func append(_ bytes: [UInt8]) throws(RingError) {
        let length = self.file.length
        do throws(RingError) {
            try self.file.write(bytes)
        } catch {
            self.isBroken = true
            // What did not fit is taken away, so that the file ends with a whole fragment.
            try self.file.cut(to: length)
            throw error
        }
    }

    /// Seconds since 1904, as MP4 files count them.
    private static func seconds(_ date: Date) -> Int { Int(date.timeIntervalSince1970) + Self.epoch }

    /// From 1904 to 1970.
    static let epoch = 2_082_844_800
}

/// A recording in one MP4 file.
final class MP4FileOutput: RecordingOutput {
    private let destination: RingFileDestination
    private let options: RingLiveRecordingOptions
    private var file: MP4RecordingFile?
    private var finalBytes: Int64 = 0
    private(set) var failure: RingError?
    private(set) var lostFrameCount = 0

    init(_ path: String, options: RingLiveRecordingOptions) throws(RingError) {
        self.destination = try RingFileDestination(path)
        self.options = options
    }

    var bytes: Int64 { self.file?.bytes ?? self.finalBytes }
    var indexPath: String? { self.destination.path + ".json" }

    func write(_ frame: RecordedFrame) throws(RingError) {
        let file: MP4RecordingFile
        if let open = self.file {
            file = open
        } else {
            file = try MP4RecordingFile(self.destination, beginningWith: frame, options: self.options)
            self.file = file
        }
        try file.write(frame)
    }

    func write(_ packet: RecordedPacket) throws(RingError) { try self.file?.write(packet) }

    func endSession() throws(RingError) { try self.file?.flush() }

    func finish() -> [RingLiveRecordedFile] {
        guard let file = self.file.take() else { return [] }
        let (complete, failure) = file.finish()
        self.finalBytes = file.bytes
        self.lostFrameCount = file.lostFrameCount
        self.failure = self.failure ?? failure
        return complete.map { [$0] } ?? []
    }
}
