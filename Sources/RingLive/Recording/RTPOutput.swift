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

/// A recording as RTP over UDP: pictures to one port, sound two ports on, and reports on the odd ports behind them.
final class RTPOutput: RecordingOutput {
    /// How often times are reported.
    private static let reportInterval = Duration.seconds(5)
    /// After so many packets of one picture the others wait for a millisecond: receivers have small buffers.
    private static let burst = 16

    private let host: String
    private let port: Int
    private let descriptionPath: String?
    private let options: RingLiveRecordingOptions
    private var socket: UDPSocket?
    private var video = RTPStream(payloadType: RTPDescription.video)
    private var audio = RTPStream(payloadType: RTPDescription.audio)
    private var configuration: H264Configuration?
    /// The wall clock at time zero.
    private var start: Date?
    private var lastReport: Duration?
    private(set) var bytes: Int64 = 0
    private(set) var failure: RingError?

    /// Writes the session description, so that a receiver can wait for the first packet.
    init(host: String, port: Int, descriptionPath: String?, options: RingLiveRecordingOptions) throws(RingError) {
        let highest = options.includesAudio ? 65532 : 65534
        guard (1...highest).contains(port) else {
            throw .invalidArgument("port \(port) for RTP is not between 1 and \(highest)")
        }
        guard !host.isEmpty, host.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw .invalidArgument("the host for RTP is no name and no address")
        }
        self.host = host == "localhost" ? "127.0.0.1" : host
        self.port = port
        self.descriptionPath = descriptionPath
        self.options = options
        try self.writeDescription()
    }

    var indexPath: String? { nil }
    var droppedPackets: Int { self.socket?.droppedCount ?? 0 }

    func write(_ frame: RecordedFrame) throws(RingError) {
        let time = Duration.ticks(frame.time, MP4Track.videoScale)
        // A name is resolved here, on the recorder's own thread.
        if self.socket == nil { self.socket = try UDPSocket(host: self.host, port: self.port) }
        if frame.picture.isKey, self.configuration != frame.picture.configuration {
            self.configuration = frame.picture.configuration
            try self.writeDescription()
        }
        if self.start == nil { self.start = frame.date.addingTimeInterval(-(time / .seconds(1))) }
        try self.report(at: time)
        let sets = frame.picture.isKey ? frame.picture.configuration.units.map { $0[...] } : []
        let packets = self.video.packets(of: sets + frame.picture.units, time: frame.time)
        for (number, packet) in packets.enumerated() {
            // The thread is the recorder's own.
            if number > 0, number % Self.burst == 0 { usleep(1000) }
            try self.send(packet)
        }
    }

    func write(_ packet: RecordedPacket) throws(RingError) {
        guard self.options.includesAudio, packet.time >= 0 else { return }
        try self.send(self.audio.packet(packet.bytes, time: packet.time, isMarked: false), offset: 2)
    }

    func endSession() throws(RingError) {}

    func finish() -> [RingLiveRecordedFile] {
        guard self.socket != nil else { return [] }
        do throws(RingError) {
            // Some receivers read the farewell before the last packets, when both are there.
            usleep(200_000)
            try self.send(self.video.farewell, offset: 1)
            if self.options.includesAudio { try self.send(self.audio.farewell, offset: 3) }
        } catch {
            self.failure = error
        }
        return []
    }

    private func report(at time: Duration) throws(RingError) {
        guard let start = self.start, self.lastReport.map({ time - $0 >= Self.reportInterval }) ?? true else { return }
        self.lastReport = time
        // From 1900 to 1970.
        let seconds = start.timeIntervalSince1970 + time / .seconds(1) + 2_208_988_800
        try self.send(self.video.report(at: time.ticks(MP4Track.videoScale), secondsSince1900: seconds), offset: 1)
        guard self.options.includesAudio else { return }
        try self.send(self.audio.report(at: time.ticks(MP4Track.audioScale), secondsSince1900: seconds), offset: 3)
    }

    private func send(_ packet: [UInt8], offset: UInt16 = 0) throws(RingError) {
        guard let socket = self.socket, try socket.send(packet, portOffset: offset) else { return }
        self.bytes += Int64(packet.count)
    }

    private func writeDescription() throws(RingError) {
        guard let path = self.descriptionPath else { return }
        // Receivers do not resolve names; an address that stands for all is as good for one that receives.
        let isAddress = self.host.utf8.allSatisfy { ".:".utf8.contains($0) || (0x30...0x39).contains($0) }
        let host = self.socket?.addressText ?? (isAddress || self.host.contains(":") ? self.host : "0.0.0.0")
        let text = RTPDescription.text(
            host: host, port: self.port, configuration: self.configuration,
            hasAudio: self.options.includesAudio)
        try RingOutputFile.replace(path, with: Array(text.utf8), mode: self.options.fileMode, isDurable: false)
    }
}
