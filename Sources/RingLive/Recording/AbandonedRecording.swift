public import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Completes what a killed process has left of an MP4 recording.
enum AbandonedRecording {
    /// What stands before the fragments.
    private struct Head {
        var configuration: H264Configuration
        /// Seconds since 1904.
        var date: Int
        /// Where the fragments begin.
        var length: Int64
        /// Where the index stands, when the fragments are the media of an ordinary file already.
        var index: Int64?
    }

    /// What the fragments contain.
    private struct Content {
        var frameCount = 0
        /// When the pictures begin and end, in units of the track.
        var begin: Int64 = 0
        var end: Int64 = 0
        /// Where the last complete fragment ends.
        var length: Int64 = 0
    }

    /// The longest head that is read. It has parameter sets, and no tables.
    private static let maximumHead = 1 << 20
    /// The latest time in a file that can be one of this package: six years, in units of a track.
    private static let maximumTime = Int64(1) << 44
    /// The latest date in a file, in seconds since 1904.
    private static let maximumDate = 1 << 40

    static func complete(
        _ part: String, as path: String?, options: RingLiveRecordingOptions
    ) throws(RingError) -> RingLiveRecordedFile {
        guard let path = path ?? RingPartFiles.finalPath(of: part) else {
            throw .invalidArgument("“\(part)” is not the name of an abandoned recording; say how it is to be called")
        }
        let destination = try RingFileDestination(path)
        let file = try RingOutputFile(resuming: part, as: destination)
        try self.refuseTaken(file)
        let head = try self.head(of: file, part)
        let reader = MP4FragmentReader(file: file, start: head.length, configuration: head.configuration)
        let content = try self.content(of: reader, part)
        guard content.frameCount > 0 else {
            throw RingError(
                code: .recordingEmpty, message: "“\(part)” holds no complete picture of a recording; remove it")
        }
        if try !self.hasIndex(file, head) {
            try self.refuseFragments(of: file, behind: content.length, part)
            // A crash of the machine can leave the header of an ordinary file without its index.
            if head.index != nil {
                try file.overwrite(MP4RecordingFile.reserved, at: Int64(MP4Movie.fileType.count))
            }
            // Behind the last whole fragment stands one that was cut, or a part of an index.
            try file.cut(to: content.length)
            try MP4RecordingFile.writeIndex(of: reader, date: head.date, isDurable: options.isDurable)
        }
        try self.refuseTaken(file)
        try file.finish(mode: options.fileMode, isDurable: options.isDurable, replaces: false)
        return RingLiveRecordedFile(
            path: path, start: Date(timeIntervalSince1970: Double(head.date - MP4RecordingFile.epoch)),
            duration: .ticks(content.end - content.begin, MP4Track.videoScale), frameCount: content.frameCount,
            bytes: file.length)
    }

    /// Nothing is replaced, and nothing gets a name that a recording is going to have.
    private static func refuseTaken(_ file: RingOutputFile) throws(RingError) {
        let (destination, part) = (file.destination, file.temporary)
        // It has both names when the process was killed between giving the one and removing the other.
        guard !destination.exists || file.hasBothNames else {
            throw .invalidArgument("“\(destination.path)” exists and is not replaced; choose another name")
        }
        let (name, own) = (destination.path.split(separator: "/").last, part.split(separator: "/").last)
        let isRecorded = try RingPartFiles.lasting(in: destination.folder).contains { file in
            file.isBeingWritten && file.path.split(separator: "/").last != own
                && RingPartFiles.finalPath(of: file.path)?.split(separator: "/").last == name
        }
        guard !isRecorded else {
            throw .invalidArgument("“\(destination.path)” is being recorded; choose another name, or wait for its end")
        }
    }

    /// Whether the index of an ordinary file is there, and only the name is missing.
    private static func hasIndex(_ file: RingOutputFile, _ head: Head) throws(RingError) -> Bool {
        guard let index = head.index, index >= head.length, index <= file.length else { return false }
        let bytes = try file.read(8, at: index)
        return bytes.dropFirst(4).elementsEqual(MP4.text("moov"))
            && index + Int64(self.number(bytes.prefix(4))) <= file.length
    }

    /// Behind the last whole fragment nothing is removed that has a further one.
    private static func refuseFragments(
        of file: RingOutputFile, behind position: Int64, _ name: String
    ) throws(RingError) {
        let (movie, header) = (MP4.text("moof"), MP4.text("mfhd"))
        // The fragment that is not whole has the first head.
        var position = position + 8
        while true {
            let bytes = try file.read(Self.maximumHead, at: position)
            guard bytes.count >= 12 else { return }
            for place in 0...(bytes.count - 12)
            where bytes[place] == movie[0] && bytes[place..<(place + 4)].elementsEqual(movie)
                && bytes[(place + 8)..<(place + 12)].elementsEqual(header)
            {
                throw .invalidArgument(
                    "“\(name)” is damaged before byte \(position + Int64(place)); rename it to keep it")
            }
            position += Int64(bytes.count - 11)
        }
    }

    private static func head(of file: RingOutputFile, _ name: String) throws(RingError) -> Head {
        let bytes = try file.read(Self.maximumHead, at: 0)
        let reserved = MP4Movie.fileType.count
        let isComplete = bytes.dropFirst(reserved + 4).starts(with: MP4.text("mdat"))
        let movie = reserved + MP4RecordingFile.reserved.count
        guard bytes.starts(with: MP4Movie.fileType), bytes.dropFirst(movie + 4).starts(with: MP4.text("moov")),
            let record = Self.content(of: "avcC", in: bytes, from: movie),
            let header = Self.content(of: "mvhd", in: bytes, from: movie), header.count >= 12,
            let configuration = H264Configuration(record: Array(record))
        else {
            throw .invalidArgument("“\(name)” is no MP4 recording of this package; rename it to keep it")
        }
        // Version and flags, then the date in 64 bits.
        let date = Self.number(header.dropFirst(4).prefix(8))
        return Head(
            configuration: configuration, date: (0...Self.maximumDate).contains(date) ? date : MP4RecordingFile.epoch,
            length: Int64(movie + Self.number(bytes[movie..<(movie + 4)])),
            // The size of the media in 64 bits.
            index: isComplete ? Int64(reserved &+ Self.number(bytes[(reserved + 8)..<movie])) : nil)
    }

    /// Counts the pictures. Times that go back or are out of reach are not of this package.
    private static func content(of reader: MP4FragmentReader, _ name: String) throws(RingError) -> Content {
        var content = Content()
        var earliest: [Int: Int64] = [:]
        content.length = try reader.forEach { (runs, _) throws(RingError) in
            for (track, run) in runs {
                guard let last = run.samples.last, run.base >= earliest[track, default: 0],
                    run.base < Self.maximumTime, run.duration < Self.maximumTime
                else { throw .invalidArgument("“\(name)” is damaged; rename it to keep it") }
                earliest[track] = run.base + run.duration - Int64(last.duration)
                guard track == MP4Track.videoID else { continue }
                if content.frameCount == 0 { content.begin = run.base }
                content.frameCount += run.samples.count
                content.end = run.base + run.duration
            }
        }
        return content
    }

    /// The content of the first box of a type.
    private static func content(of type: String, in bytes: [UInt8], from start: Int) -> ArraySlice<UInt8>? {
        let type = MP4.text(type)
        guard
            let place = (start + 4..<max(start + 4, bytes.count - 4)).first(where: { place in
                bytes[place..<(place + 4)].elementsEqual(type)
            })
        else { return nil }
        let size = Self.number(bytes[(place - 4)..<place])
        return size >= 8 && place - 4 + size <= bytes.count ? bytes[(place + 4)..<(place - 4 + size)] : nil
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }
}

extension RingLiveRecorder {
    /// The MP4 recordings in a folder that were cut off by the end of their process, for ``complete(abandoned:as:options:)``.
    ///
    /// Files that begin like such a recording, or whose final name ends in `.mp4`. Recordings that a process is still writing are not among them.
    ///
    /// - Parameter folder: The folder of the recordings.
    /// - Throws: `RingError` with `storageFailed` when the folder cannot be read.
    public static func abandonedRecordings(in folder: String) throws(RingError) -> [String] {
        try RingPartFiles.lasting(in: folder, reading: MP4Movie.fileType.count).filter { file in
            !file.isBeingWritten
                && (file.beginning == MP4Movie.fileType
                    || RingPartFiles.finalPath(of: file.path)?.hasSuffix(".mp4") == true)
        }.map(\.path)
    }

    /// Completes what a killed process has left of an MP4 recording: a file whose name ends in `part`.
    ///
    /// It plays without that, too. Then it is an ordinary MP4 file, with an index and its final name; what was cut at its end is
    /// removed. No file is replaced, and a recording that is still being written is refused. Call it for the files of
    /// ``abandonedRecordings(in:)`` when a service starts. The JSON file beside the recording stays as it is: not complete.
    ///
    /// - Parameters:
    ///   - part: The abandoned file.
    ///   - path: How it is to be called, in the same file system; `nil` for the name that the recording was to have.
    ///   - options: The mode of the file, and whether it is forced to the disk.
    /// - Returns: The file. Its date is that of the first picture, in whole seconds.
    /// - Throws: `RingError` with `invalidArgument` when the name is taken, the file is being written, or is something else;
    ///   `recordingEmpty` when nothing in it is complete; `diskFull` or `storageFailed`. The abandoned file is kept then.
    public static func complete(
        abandoned part: String, as path: String? = nil, options: RingLiveRecordingOptions = RingLiveRecordingOptions()
    ) async throws(RingError) -> RingLiveRecordedFile {
        // A disk can block for seconds.
        let result = await LiveThread.run { () -> Result<RingLiveRecordedFile, RingError> in
            do throws(RingError) {
                return .success(try AbandonedRecording.complete(part, as: path, options: options))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
