internal import RingCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif
#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A recording as a folder for HTTP Live Streaming (RFC 8216) with fragmented MP4.
///
/// Segments and the playlist get their names when they are complete, so a player never reads half of one.
final class HLSOutput: RecordingOutput {
    private let folder: String
    private let lock: HLSFolderLock
    private let names: HLSNames
    private let options: RingLiveRecordingOptions
    /// The shortest segment, unless the session ends, and the longest one.
    private let shortest: Int64
    private let longest: Int64
    private var playlist: HLSPlaylist
    private var builder = MP4FragmentBuilder()
    private var configuration: H264Configuration?
    private var initCount = 0
    private var segment: RingOutputFile?
    private var segmentStart: RecordedFrame?
    private var segmentFrameCount = 0
    private var first: RecordedFrame?
    private var end: Int64 = 0
    private var frameCount = 0
    private(set) var bytes: Int64 = 0
    private(set) var failure: RingError?

    init(
        _ folder: String, segmentDuration: Duration, window: Int?, options: RingLiveRecordingOptions
    ) throws(RingError) {
        guard segmentDuration >= .milliseconds(500), segmentDuration <= .seconds(60) else {
            throw .invalidArgument("a segment of \(segmentDuration): pass 0.5 to 60 seconds")
        }
        self.folder = folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        _ = try RingFileDestination(self.folder + "/" + HLSNames.playlist)
        self.lock = try HLSFolderLock(self.folder)
        self.names = HLSNames()
        self.options = options
        self.shortest = segmentDuration.ticks(MP4Track.videoScale)
        let target = (self.shortest * 2 + Int64(MP4Track.videoScale) - 1) / Int64(MP4Track.videoScale)
        // A duration counts when it is rounded (RFC 8216, 4.3.3.1).
        self.longest = target * Int64(MP4Track.videoScale)
        self.playlist = HLSPlaylist(targetDuration: target, window: window.map { max(3, $0) })
    }

    var indexPath: String? { self.folder + "/index.json" }

    func write(_ frame: RecordedFrame) throws(RingError) {
        let hasNewDescription = frame.picture.isKey && frame.picture.configuration != self.configuration
        var isContinuous = !frame.followsGap && !hasNewDescription
        if let start = self.segmentStart {
            let length = frame.time - start.time
            if length > self.longest + self.longest / 8 || frame.followsGap || hasNewDescription {
                // The last picture does not last until this one.
                self.builder.completeAll()
                try self.closeSegment(at: nil)
                isContinuous = false
            } else if length >= self.longest || (length >= self.shortest && frame.picture.isKey) {
                self.builder.endPicture(at: frame.time)
                try self.closeSegment(at: frame.time)
            } else {
                self.builder.endPicture(at: frame.time)
                if self.builder.isDue { try self.writeFragment() }
            }
        }
        if !isContinuous { self.playlist.addDiscontinuity() }
        if hasNewDescription { try self.writeInit(frame) }
        if self.segmentStart == nil {
            self.segment = try self.names.segment(self.playlist.nextNumber, in: self.folder)
            self.segmentStart = frame
            self.segmentFrameCount = 0
        }
        // Not every player reads the sample description of a later init file.
        self.builder.addPicture(frame.sample(from: 0, hasParameters: self.initCount > 1))
        if self.first == nil { self.first = frame }
        self.end = frame.time + frame.duration
        self.frameCount += 1
        self.segmentFrameCount += 1
    }

    func write(_ packet: RecordedPacket) throws(RingError) {
        guard self.options.includesAudio, let sample = packet.sample(from: 0) else { return }
        self.builder.addSound(sample)
    }

    func endSession() throws(RingError) {
        self.builder.completeAll()
        try self.closeSegment(at: nil)
    }

    func finish() -> [RingLiveRecordedFile] {
        defer { self.lock.release() }
        do throws(RingError) { try self.endSession() } catch { self.failure = error }
        guard let first, !self.playlist.isEmpty else { return [] }
        self.playlist.isComplete = true
        do throws(RingError) { try self.writePlaylist() } catch {
            self.failure = self.failure ?? error
            return []
        }
        return [
            RingLiveRecordedFile(
                path: self.folder + "/" + HLSNames.playlist, start: first.date,
                duration: .ticks(self.end - first.time, MP4Track.videoScale), frameCount: self.frameCount,
                bytes: self.bytes)
        ]
    }

    private func writeInit(_ frame: RecordedFrame) throws(RingError) {
        self.configuration = frame.picture.configuration
        self.initCount += 1
        let tracks = [MP4Track.video([frame.picture.configuration])] + (self.options.includesAudio ? [.audio] : [])
        let date = Int(frame.date.timeIntervalSince1970) + 2_082_844_800
        let bytes = MP4Movie.fileType + MP4Movie.fragmented(tracks, date: date)
        let name = self.names.initial(self.initCount)
        try RingOutputFile.replace(
            self.folder + "/" + name, with: bytes, mode: self.options.fileMode, isDurable: self.options.isDurable)
        self.bytes += Int64(bytes.count)
        self.playlist.initial = name
    }

    private func writeFragment() throws(RingError) {
        guard let fragment = self.builder.take(), let segment else { return }
        do throws(RingError) { try segment.write(fragment.bytes) } catch {
            self.dropSegment()
            throw error
        }
        self.bytes += Int64(fragment.bytes.count)
    }

    /// Removes a segment that lacks a part. That frees space for the end of the playlist, too.
    private func dropSegment() {
        guard let start = self.segmentStart else { return }
        self.end = start.time
        self.frameCount -= self.segmentFrameCount
        (self.segment, self.segmentStart, self.segmentFrameCount) = (nil, nil, 0)
    }

    private func closeSegment(at time: Int64?) throws(RingError) {
        guard let start = self.segmentStart, let segment else { return }
        try self.writeFragment()
        self.segmentStart = nil
        self.segment = nil
        try segment.finish(mode: self.options.fileMode, isDurable: self.options.isDurable)
        let isFirst = self.playlist.isEmpty
        let removed = self.playlist.add(
            name: self.names.segment(self.playlist.nextNumber), duration: (time ?? self.end) - start.time,
            date: start.date)
        try self.writePlaylist()
        if isFirst { self.names.removeOthers(in: self.folder) }
        for name in removed { self.names.remove(name, in: self.folder) }
    }

    private func writePlaylist() throws(RingError) {
        try RingOutputFile.replace(
            self.folder + "/" + HLSNames.playlist, with: self.playlist.bytes, mode: self.options.fileMode,
            isDurable: self.options.isDurable)
    }
}

/// Keeps other recordings out of a folder while one goes on: they would remove its files. It ends with the process, too.
private final class HLSFolderLock {
    private var descriptor: Int32

    init(_ folder: String) throws(RingError) {
        self.descriptor = unsafe open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // Not every file system has locks, and a folder that can be written may not be readable: then nothing is known.
        guard self.descriptor >= 0, flock(self.descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK else { return }
        self.release()
        throw .invalidArgument(
            "another recording is being written into the folder “\(folder)”; end it, or name another folder")
    }

    deinit { self.release() }

    func release() {
        if self.descriptor >= 0 { close(self.descriptor) }
        self.descriptor = -1
    }
}

/// The names of the files in the folder. Each recording has its own, because players and proxies keep what they have loaded.
struct HLSNames {
    static let playlist = "index.m3u8"
    private let word = String(UInt32.random(in: .min ... .max), radix: 36)

    func initial(_ number: Int) -> String { "init-\(self.word)-\(number).mp4" }

    func segment(_ number: Int) -> String {
        let digits = String(number)
        return "segment-\(self.word)-\(String(repeating: "0", count: max(0, 5 - digits.count)))\(digits).m4s"
    }

    func segment(_ number: Int, in folder: String) throws(RingError) -> RingOutputFile {
        try RingOutputFile(try RingFileDestination(folder + "/" + self.segment(number)), .removable)
    }

    /// Removes a file that the playlist no longer names. One that is not there any more was removed by somebody else.
    func remove(_ name: String, in folder: String) { try? FileManager.default.removeItem(atPath: folder + "/" + name) }

    /// Removes what an earlier recording has left in the folder. A file that cannot be removed does no harm.
    func removeOthers(in folder: String) {
        for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
            let parts = name.split(separator: "-")
            guard parts.count == 3, parts[1] != self.word, Self.isOurs(parts) else { continue }
            self.remove(name, in: folder)
        }
    }

    private static func isOurs(_ parts: [Substring]) -> Bool {
        let isWord = parts[1].utf8.allSatisfy { ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) }
        let ends = ["init": ".mp4", "segment": ".m4s"]
        guard isWord, let end = ends[String(parts[0])], parts[2].hasSuffix(end) else { return false }
        return Int(parts[2].dropLast(end.count)) != nil
    }
}

/// The playlist (RFC 8216, 4.3).
struct HLSPlaylist {
    private struct Entry {
        var name: String
        var duration: Int64
        var date: Date
        var initial: String
        var isDiscontinuous: Bool
    }

    /// The most segments of a playlist without a window. From there on the oldest leave it, and stay in the folder.
    private static let maximumCount = 20_000
    let targetDuration: Int64
    let window: Int?
    /// The file in front of the next segments.
    var initial = ""
    var isComplete = false
    private var entries: [Entry] = []
    /// Segments that have left the playlist, whose files stay a while for players that have read an older one (6.2.2).
    private var leaving: [String] = []
    private var sequence = 0
    private var discontinuities = 0
    private var isDiscontinuous = false

    init(targetDuration: Int64, window: Int?) {
        self.targetDuration = targetDuration
        self.window = window
    }

    var isEmpty: Bool { self.entries.isEmpty }
    var nextNumber: Int { self.sequence + self.entries.count + 1 }

    /// Says that the next segment does not continue the one before.
    mutating func addDiscontinuity() { self.isDiscontinuous = !self.entries.isEmpty }

    /// Adds a segment.
    ///
    /// - Returns: The files that no player needs any more.
    mutating func add(name: String, duration: Int64, date: Date) -> [String] {
        self.entries.append(
            Entry(
                name: name, duration: duration, date: date, initial: self.initial, isDiscontinuous: self.isDiscontinuous
            ))
        self.isDiscontinuous = false
        var removed: [String] = []
        while self.entries.count > self.window ?? Self.maximumCount {
            let entry = self.entries.removeFirst()
            self.sequence += 1
            if entry.isDiscontinuous { self.discontinuities += 1 }
            guard let window else { continue }
            self.leaving.append(entry.name)
            if entry.initial != self.entries.first?.initial { self.leaving.append(entry.initial) }
            while self.leaving.count > window { removed.append(self.leaving.removeFirst()) }
        }
        return removed
    }

    var bytes: [UInt8] {
        var text = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:\(self.targetDuration)\n"
        text += "#EXT-X-MEDIA-SEQUENCE:\(self.sequence)\n"
        if self.discontinuities > 0 { text += "#EXT-X-DISCONTINUITY-SEQUENCE:\(self.discontinuities)\n" }
        if self.isComplete, self.sequence == 0 { text += "#EXT-X-PLAYLIST-TYPE:VOD\n" }
        var initial = ""
        for entry in self.entries {
            if entry.isDiscontinuous { text += "#EXT-X-DISCONTINUITY\n" }
            if entry.initial != initial { text += "#EXT-X-MAP:URI=\"\(entry.initial)\"\n" }
            initial = entry.initial
            text += "#EXT-X-PROGRAM-DATE-TIME:\(entry.date.formatted(Self.dateFormat))\n"
            let milliseconds = entry.duration * 1000 / Int64(MP4Track.videoScale)
            let rest = String(1000 + milliseconds % 1000).dropFirst()
            text += "#EXTINF:\(milliseconds / 1000).\(rest),\n\(entry.name)\n"
        }
        return Array((text + (self.isComplete ? "#EXT-X-ENDLIST\n" : "")).utf8)
    }

    private static let dateFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
}
