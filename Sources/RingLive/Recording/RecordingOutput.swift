internal import RingCore

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// One picture on the timeline of a recording, in units of `MP4Track.videoScale`.
struct RecordedFrame: Sendable {
    var picture: H264Picture
    /// When it begins.
    var time: Int64
    /// How long it lasts when nothing follows.
    var duration: Int64
    /// When it arrived.
    var date: Date
    /// Whether it is the first one behind a gap between sessions.
    var followsGap = false
    /// Whether it stands for a gap, and no camera has sent it.
    var isSlate = false

    /// The sample of an MP4 file (ISO/IEC 14496-15, 5.3.2): NAL units behind their lengths.
    ///
    /// - Parameters:
    ///   - start: Where the file begins in the recording.
    ///   - hasParameters: Whether a key frame has its parameter sets with it.
    func sample(from start: Int64, hasParameters: Bool) -> MP4Sample {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.picture.units.reduce(0) { $0 + $1.count + 4 } + 128)
        if self.picture.isKey, hasParameters {
            for unit in self.picture.configuration.units { bytes += MP4.number(unit.count) + unit }
        }
        for unit in self.picture.units {
            bytes += MP4.number(unit.count)
            bytes += unit
        }
        return MP4Sample(bytes: bytes, time: self.time - start, duration: self.duration, isKey: self.picture.isKey)
    }

    /// The byte stream of the picture, with its parameter sets before a key frame.
    var stream: [UInt8] {
        var bytes: [UInt8] = []
        if self.picture.isKey {
            for unit in self.picture.configuration.units { bytes += H264AnnexB.startCode + unit }
        }
        for unit in self.picture.units {
            bytes += H264AnnexB.startCode
            bytes += unit
        }
        return bytes
    }
}

/// One packet of sound on the timeline of a recording, in units of `MP4Track.audioScale`.
struct RecordedPacket: Sendable {
    var bytes: [UInt8]
    var time: Int64
    var duration: Int64

    /// The sample of an MP4 file; `nil` before its beginning.
    func sample(from start: Int64) -> MP4Sample? {
        let time = self.time - start * Int64(MP4Track.audioScale) / Int64(MP4Track.videoScale)
        return time < 0 ? nil : MP4Sample(bytes: self.bytes, time: time, duration: self.duration, isKey: true)
    }
}

/// Where the pictures of a recording are written. One recorder uses it, on the recorder's thread.
///
/// The first picture is a key frame, and times never go back.
protocol RecordingOutput: AnyObject {
    /// What has been written, all files together.
    var bytes: Int64 { get }
    /// Where the index belongs; `nil` for an output that has no place for one.
    var indexPath: String? { get }
    /// Writes a picture.
    func write(_ frame: RecordedFrame) throws(RingError)
    /// Writes a packet of sound.
    func write(_ packet: RecordedPacket) throws(RingError)
    /// Writes everything that waits for more, because a session has ended.
    func endSession() throws(RingError)
    /// Completes what there is, also after a failure.
    ///
    /// - Returns: The files that are complete since the last call.
    func finish() -> [RingLiveRecordedFile]
    /// The first failure of completing a file.
    var failure: RingError? { get }
    /// The packets that a network did not take.
    var droppedPackets: Int { get }
    /// After ``finish()``: the pictures that were written, and are in no file, because the disk was full.
    var lostFrameCount: Int { get }
}

extension RecordingOutput {
    var droppedPackets: Int { 0 }
    var lostFrameCount: Int { 0 }
}
