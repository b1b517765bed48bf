#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Makes access units of what the depayloader hands on: keeps the parameter sets, puts them before each key frame, and keeps the
/// times in order.
package struct AccessUnitAssembler {
    private var sequenceParameters: [[UInt8]] = []
    private var pictureParameters: [[UInt8]] = []
    private var first: Duration?
    private var last: [RingLiveAccessUnit.Track: Duration] = [:]
    private var hasKeyFrame = false
    private var arrivalOfFirst = Duration.zero

    package init() {}

    /// Takes parameter sets from the answer. Wire: `sprop-parameter-sets`, RFC 6184 section 8.1.
    package mutating func take(parameterSets text: String) {
        for part in text.split(separator: ",") {
            guard let bytes = Data(base64Encoded: String(part)).map([UInt8].init), let head = bytes.first else {
                continue
            }
            switch head & 0x1f {
            case H264AnnexB.sequenceParameters: self.sequenceParameters.append(bytes)
            case H264AnnexB.pictureParameters: self.pictureParameters.append(bytes)
            default: break
            }
        }
    }

    /// - Parameters:
    ///   - time: The stream's own time; `nil` when it is unknown.
    ///   - arrival: Counted from the opening of the session.
    /// - Returns: `nil` when there is nothing to show: parameter sets alone, or a picture before the first key frame.
    package mutating func video(_ bytes: [UInt8], time: Duration?, arrival: Duration) -> RingLiveAccessUnit? {
        let units = H264AnnexB.units(of: bytes)
        let sequence = units.filter { $0.kind == H264AnnexB.sequenceParameters }
        let picture = units.filter { $0.kind == H264AnnexB.pictureParameters }
        if !sequence.isEmpty { self.sequenceParameters = sequence.map { Array(bytes[$0.range]) } }
        if !picture.isEmpty { self.pictureParameters = picture.map { Array(bytes[$0.range]) } }
        guard units.contains(where: { (1...5).contains($0.kind) }) else { return nil }
        let isKeyFrame =
            units.contains { $0.kind == H264AnnexB.keySlice } && !self.sequenceParameters.isEmpty
            && !self.pictureParameters.isEmpty
        if isKeyFrame { self.hasKeyFrame = true }
        guard self.hasKeyFrame else { return nil }
        var whole: [UInt8] = []
        if isKeyFrame, sequence.isEmpty || picture.isEmpty {
            let missing =
                (sequence.isEmpty ? self.sequenceParameters : []) + (picture.isEmpty ? self.pictureParameters : [])
            for set in missing { whole += H264AnnexB.startCode + set }
        }
        return RingLiveAccessUnit(
            track: .video, bytes: whole.isEmpty ? bytes : whole + bytes,
            presentationTime: self.inOrder(time, .video, arrival), isKeyFrame: isKeyFrame, arrival: arrival)
    }

    package mutating func audio(_ bytes: [UInt8], time: Duration?, arrival: Duration) -> RingLiveAccessUnit {
        RingLiveAccessUnit(
            track: .audio, bytes: bytes, presentationTime: self.inOrder(time, .audio, arrival), isKeyFrame: true,
            arrival: arrival)
    }

    /// The time since the first unit of the session; strictly increasing in a track.
    private mutating func inOrder(
        _ time: Duration?, _ track: RingLiveAccessUnit.Track, _ arrival: Duration
    ) -> Duration {
        if self.first == nil {
            self.first = time ?? .zero
            self.arrivalOfFirst = arrival
        }
        let elapsed = time.flatMap { time in self.first.map { time - $0 } } ?? arrival - self.arrivalOfFirst
        let floor = self.last[track].map { $0 + .milliseconds(1) } ?? .zero
        let result = max(elapsed, floor)
        self.last[track] = result
        return result
    }
}
