internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// A recording in MP4 files of about the same length. Each begins with a key frame, and no parameter set changes within one.
final class SegmentOutput: RecordingOutput {
    private var name: SegmentName
    private let length: Int64
    private let options: RingLiveRecordingOptions
    private var file: MP4RecordingFile?
    private var complete: [RingLiveRecordedFile] = []
    private var completeBytes: Int64 = 0
    private(set) var failure: RingError?
    private(set) var lostFrameCount = 0

    init(_ pattern: String, every length: Duration, options: RingLiveRecordingOptions) throws(RingError) {
        guard length > .zero else { throw .invalidArgument("a segment of \(length): pass a length above zero") }
        self.name = try SegmentName(pattern)
        self.length = length.ticks(MP4Track.videoScale)
        self.options = options
    }

    var bytes: Int64 { self.completeBytes + (self.file?.bytes ?? 0) }
    var indexPath: String? { self.name.indexPath }

    func write(_ frame: RecordedFrame) throws(RingError) {
        if let file = self.file, frame.picture.isKey,
            file.length(upTo: frame) >= self.length || file.needsDescription(frame)
        {
            self.close(at: frame.followsGap ? nil : frame.time)
            if let failure { throw failure }
        }
        let file: MP4RecordingFile
        if let open = self.file {
            file = open
        } else {
            file = try MP4RecordingFile(self.name.next(at: frame.date), beginningWith: frame, options: self.options)
            self.file = file
        }
        try file.write(frame)
    }

    func write(_ packet: RecordedPacket) throws(RingError) { try self.file?.write(packet) }

    func endSession() throws(RingError) { try self.file?.flush() }

    func finish() -> [RingLiveRecordedFile] {
        self.close(at: nil)
        defer { self.complete = [] }
        return self.complete
    }

    private func close(at time: Int64?) {
        guard let file = self.file.take() else { return }
        let (complete, failure) = file.finish(at: time)
        self.completeBytes += file.bytes
        self.lostFrameCount += file.lostFrameCount
        self.failure = self.failure ?? failure
        if let complete { self.complete.append(complete) }
        if self.complete.count > RingLiveRecording.maximumListCount { self.complete.removeFirst() }
    }
}

/// The names of segments.
struct SegmentName: Sendable {
    private let pattern: String
    private var number = 1

    /// Checks the pattern and its folder.
    init(_ pattern: String) throws(RingError) {
        _ = try RingFileDestination(pattern)
        let name = pattern.split(separator: "/").last ?? ""
        if name.contains("%n") || name.contains("%t") {
            self.pattern = pattern
        } else {
            let stem = Self.stem(pattern)
            self.pattern = stem + "-%n" + pattern.dropFirst(stem.count)
        }
    }

    /// The path beside the segments, without what differs.
    var indexPath: String {
        let folder = self.pattern.lastIndex(of: "/").map { self.pattern[...$0] } ?? ""
        var name = String(Self.stem(self.pattern).dropFirst(folder.count))
        for variable in ["%n", "%t"] { name = name.split(separator: variable).joined() }
        while let last = name.last, "-_. ".contains(last) { name.removeLast() }
        return folder + (name.isEmpty ? "index" : name) + ".json"
    }

    /// The next name that no file has.
    mutating func next(at date: Date) throws(RingError) -> RingFileDestination {
        let pattern = Self.replace("%t", by: Self.text(of: date), in: self.pattern)
        if pattern.contains("%n") {
            while true {
                let digits = String(self.number)
                let number = String(repeating: "0", count: max(0, 3 - digits.count)) + digits
                self.number += 1
                let destination = try RingFileDestination(Self.replace("%n", by: number, in: pattern))
                if !destination.exists { return destination }
            }
        }
        var destination = try RingFileDestination(pattern)
        var copy = 2
        while destination.exists {
            let stem = Self.stem(pattern)
            destination = try RingFileDestination("\(stem)-\(copy)\(pattern.dropFirst(stem.count))")
            copy += 1
        }
        return destination
    }

    /// A path without the extension of its name.
    private static func stem(_ path: String) -> String {
        let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        guard let dot = path[start...].lastIndex(of: "."), dot > start else { return path }
        return String(path[..<dot])
    }

    private static func replace(_ variable: String, by value: String, in text: String) -> String {
        text.split(separator: variable, omittingEmptySubsequences: false).joined(separator: value)
    }

    /// `20261126T133437Z`.
    private static func text(of date: Date) -> String {
        date.formatted(.iso8601).filter { !"-:".contains($0) }
    }
}
