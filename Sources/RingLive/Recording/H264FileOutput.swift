internal import RingCore

/// A recording as H.264 in the byte stream format, in one file.
final class H264FileOutput: RecordingOutput {
    private let destination: RingFileDestination
    private let options: RingLiveRecordingOptions
    private var file: RingOutputFile?
    private var first: RecordedFrame?
    private var end: Int64 = 0
    private var frameCount = 0
    private var finalBytes: Int64 = 0
    private(set) var failure: RingError?

    init(_ path: String, options: RingLiveRecordingOptions) throws(RingError) {
        self.destination = try RingFileDestination(path)
        self.options = options
    }

    var bytes: Int64 { self.file?.length ?? self.finalBytes }
    var indexPath: String? { self.destination.path + ".json" }

    func write(_ frame: RecordedFrame) throws(RingError) {
        let file: RingOutputFile
        if let open = self.file {
            file = open
        } else {
            file = try RingOutputFile(self.destination, .lasting)
            self.file = file
            self.first = frame
        }
        let length = file.length
        do throws(RingError) {
            try file.write(frame.stream)
        } catch {
            try file.cut(to: length)
            throw error
        }
        self.end = frame.time + frame.duration
        self.frameCount += 1
    }

    func write(_ packet: RecordedPacket) throws(RingError) {}

    func endSession() throws(RingError) { if self.options.isDurable { try self.file?.save() } }

    func finish() -> [RingLiveRecordedFile] {
        guard let file = self.file.take(), let first = self.first else { return [] }
        self.finalBytes = file.length
        do throws(RingError) {
            try file.finish(mode: self.options.fileMode, isDurable: self.options.isDurable)
        } catch {
            self.failure = error
            return []
        }
        return [
            RingLiveRecordedFile(
                path: self.destination.path, start: first.date,
                duration: .ticks(self.end - first.time, MP4Track.videoScale), frameCount: self.frameCount,
                bytes: file.length)
        ]
    }
}
