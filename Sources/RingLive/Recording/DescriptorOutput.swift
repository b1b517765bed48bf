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

/// A recording to an open descriptor: fragmented MP4, or H.264 in the byte stream format.
final class DescriptorOutput: RecordingOutput {
    private let descriptor: Int32
    private let format: RingLiveFormat
    private let options: RingLiveRecordingOptions
    private var builder = MP4FragmentBuilder()
    private var configuration: H264Configuration?
    private var hasOtherConfigurations = false
    private(set) var bytes: Int64 = 0
    private(set) var failure: RingError?

    init(_ descriptor: Int32, _ format: RingLiveFormat, options: RingLiveRecordingOptions) {
        self.descriptor = descriptor
        self.format = format
        self.options = options
    }

    var indexPath: String? { nil }

    func write(_ frame: RecordedFrame) throws(RingError) {
        guard self.format == .mp4 else { return try self.send(frame.stream) }
        if let configuration {
            if configuration != frame.picture.configuration { self.hasOtherConfigurations = true }
        } else {
            let tracks = [MP4Track.video([frame.picture.configuration])] + (self.options.includesAudio ? [.audio] : [])
            let date = Int(frame.date.timeIntervalSince1970) + 2_082_844_800
            try self.send(MP4Movie.fileType + MP4Movie.fragmented(tracks, date: date))
            self.configuration = frame.picture.configuration
        }
        self.builder.endPicture(at: frame.time)
        if self.builder.isDue || frame.picture.isKey { try self.sendFragment() }
        self.builder.addPicture(frame.sample(from: 0, hasParameters: self.hasOtherConfigurations))
    }

    func write(_ packet: RecordedPacket) throws(RingError) {
        guard self.format == .mp4, self.options.includesAudio, let sample = packet.sample(from: 0) else { return }
        self.builder.addSound(sample)
        if self.builder.isDue { try self.sendFragment() }
    }

    func endSession() throws(RingError) {
        self.builder.completeAll()
        try self.sendFragment()
    }

    func finish() -> [RingLiveRecordedFile] {
        guard self.failure == nil else { return [] }
        do throws(RingError) { try self.endSession() } catch { self.failure = error }
        return []
    }

    private func sendFragment() throws(RingError) {
        if let fragment = self.builder.take() { try self.send(fragment.bytes) }
    }

    /// Writes everything. A reader that does not read holds up the recording, until the task is cancelled.
    private func send(_ bytes: [UInt8]) throws(RingError) {
        var written = 0
        while written < bytes.count {
            var isReady = pollfd(fd: self.descriptor, events: Int16(POLLOUT), revents: 0)
            let count = unsafe poll(&isReady, 1, 200)
            if count == 0 || (count < 0 && errno == EINTR) {
                guard !Task.isCancelled else {
                    throw self.fail(.outputClosed, "the recording was stopped while its reader did not read")
                }
                continue
            }
            // A pipe that is ready takes so many bytes without waiting (POSIX, PIPE_BUF).
            let piece = min(bytes.count - written, 4096)
            let result = unsafe bytes.withUnsafeBytes { bytes in
                guard let base = bytes.baseAddress else { return 0 }
                return unsafe RingDescriptor.write(self.descriptor, base + written, piece)
            }
            if result >= 0 {
                written += result
                self.bytes += Int64(result)
            } else if errno == EPIPE {
                throw self.fail(.outputClosed, "the reader of the recording has gone")
            } else if errno != EINTR && errno != EAGAIN {
                let error = RingError.file("write to", self.name, errno)
                self.failure = error
                throw error
            }
        }
    }

    private var name: String {
        switch self.descriptor {
        case 1: "standard output"
        case 2: "standard error"
        default: "descriptor \(self.descriptor)"
        }
    }

    private func fail(_ code: RingError.Code, _ message: String) -> RingError {
        let error = RingError(code: code, message: message)
        self.failure = error
        return error
    }
}
