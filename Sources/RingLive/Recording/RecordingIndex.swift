internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingLiveRecording {
    /// The index beside the recording: what is in it, and what is missing.
    func index(isComplete: Bool) -> [UInt8] {
        let folder = self.indexPath.flatMap { path in path.lastIndex(of: "/").map { path[...$0] } } ?? ""
        let files = self.files.map { file in
            // A folder that is moved keeps its index.
            JSONAPILiteral.object([
                ("path", .string(String(file.path.dropFirst(file.path.hasPrefix(folder) ? folder.count : 0)))),
                ("start", Self.date(file.start)), ("duration_ms", .int(file.duration.milliseconds)),
                ("frames", .int(Int64(file.frameCount))), ("bytes", .int(file.bytes)),
            ])
        }
        let sessions = self.sessions.map { session in
            JSONAPILiteral.object([
                ("start", Self.date(session.start)), ("offset_ms", .int(session.offset.milliseconds)),
                ("duration_ms", .int(session.duration.milliseconds)),
                ("frames", .int(Int64(session.frameCount))), ("lost_packets", .int(Int64(session.lostPackets))),
                ("end_reason", session.endReason.map { .string($0) } ?? .null),
            ])
        }
        let object = JSONAPILiteral.object([
            ("complete", .bool(isComplete)), ("start", Self.date(self.start)),
            ("duration_ms", .int(self.duration.milliseconds)), ("frames", .int(Int64(self.frameCount))),
            ("bytes", .int(self.bytes)), ("lost_packets", .int(Int64(self.lostPackets))),
            ("skipped_units", .int(Int64(self.skippedUnits))), ("session_count", .int(Int64(self.sessionCount))),
            ("gap_count", .int(Int64(self.gapCount))),
            ("failure", self.failure.map { .string($0.code.rawValue) } ?? .null), ("files", .array(files)),
            ("sessions", .array(sessions)), ("gaps", .array(self.gaps.map(\.literal))),
        ])
        return object.bytes + [UInt8(ascii: "\n")]
    }

    private static func date(_ date: Date?) -> JSONAPILiteral {
        date.map { .string($0.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))) } ?? .null
    }
}

extension RingLiveGap {
    /// The gap as the index shows it.
    var literal: JSONAPILiteral {
        .object([
            ("start_ms", .int(self.start.milliseconds)), ("length_ms", .int(self.duration.milliseconds)),
            ("reason", .string(self.reason)),
        ])
    }
}
