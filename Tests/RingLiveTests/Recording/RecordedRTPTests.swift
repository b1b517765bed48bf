import Foundation
import RingCore
import RingLive
import RingTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// Recordings as RTP over UDP, received by ffmpeg.
@Suite(.enabled(if: FFmpeg.isInstalled, FFmpeg.comment), .timeLimit(.minutes(5)))
struct RecordedRTPTests {
    /// Four ports from an even one on, that nobody has.
    private static func freePort() throws -> Int {
        for _ in 0..<50 {
            let first = try UDPReceiver().port & ~1
            // One that is taken is not free.
            if (try? (0..<4).map { try UDPReceiver(port: UInt16(first + $0)) }) != nil { return first }
        }
        throw RingError(code: .connectionFailed, message: "no four free ports")
    }

    /// Waits until a program has bound a UDP port.
    private static func waitForPort(_ port: Int) async throws {
        let text = ":" + String(port, radix: 16, uppercase: true) + " "
        while true {
            let all = try ["udp", "udp6"].map { try String(contentsOfFile: "/proc/net/\($0)", encoding: .utf8) }
            if all.contains(where: { $0.contains(text) }) { return }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// The units of a film in real time.
    private static func live(_ units: [RingLiveAccessUnit]) -> AsyncThrowingStream<RingLiveAccessUnit, any Error> {
        AsyncThrowingStream { continuation in
            let start = ContinuousClock.now
            Task {
                for unit in units {
                    try await ContinuousClock().sleep(until: start + unit.presentationTime)
                    continuation.yield(unit)
                }
                continuation.finish()
            }
        }
    }

    /// The recipe of the documentation, with another port and a file in place of the window.
    @Test(
        .enabled(
            if: FFmpeg.path("gst-launch-1.0") != nil,
            "skipped: needs gst-launch-1.0 (Debian package gstreamer1.0-tools)"))
    func theRecipeForGStreamerShowsPictures() async throws {
        let documentation = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Documentation/LiveVideo.md")
        let text = try String(contentsOf: documentation, encoding: .utf8)
        let start = try #require(text.range(of: "gst-launch-1.0 udpsrc port=5004")?.lowerBound)
        let end = try #require(text[start...].range(of: "autovideosink")?.upperBound)
        let (folder, port) = (try TestFolder(), try Self.freePort())
        let pictures = folder.file("pictures")
        let recipe = String(text[start..<end]).replacing("gst-launch-1.0", with: "exec gst-launch-1.0 -q -e")
            .replacing("port=5004", with: "port=\(port)").replacing(
                "autovideosink", with: "filesink location=\(pictures)")
        let film = try await FFmpeg.film(seconds: 4, kilobits: 150)
        let launch = try ChildProcess("/bin/sh", ["-c", recipe])
        try await Self.waitForPort(port)

        let recorder = try RingLiveRecorder(to: .rtp(host: "127.0.0.1", port: port))
        try await recorder.record(Self.live(film.units()))
        _ = try await recorder.finish()
        launch.signal(SIGINT)
        let outcome = await launch.outcome()

        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        // One byte and a half for each point; a busy machine may lose some.
        #expect(try folder.bytes("pictures").count >= 60 * 320 * 180 * 3 / 2, "\(outcome.errorText)")
    }

    @Test(arguments: ["127.0.0.1", "::1", "localhost"])
    func ffmpegDecodesEveryPicture(host: String) async throws {
        // So small that the receiver's socket keeps what a busy machine has not read yet.
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(seconds: 4, kilobits: 150))
        let port = try Self.freePort()
        let recorder = try RingLiveRecorder(
            to: .rtp(host: host, port: port, description: folder.file("door.sdp")))
        // It ends by itself, before the film does: it hands out a picture when it sees the next one. One thread decodes, so
        // that no picture waits for another one.
        let ffmpeg = try ChildProcess(
            try #require(FFmpeg.path("ffmpeg")),
            [
                "-v", "error", "-nostdin", "-threads", "1", "-protocol_whitelist", "file,udp,rtp", "-i",
                folder.file("door.sdp"), "-map", "0:v", "-fps_mode", "passthrough", "-frames:v", "70", "-f", "framemd5",
                folder.file("digests"),
            ])
        try await Self.waitForPort(port)

        try await recorder.record(Self.live(film.units()))
        let outcome = await ffmpeg.outcome()
        let recording = try await recorder.finish()

        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        #expect(recording.frameCount == 80 && recording.droppedPackets == 0)
        #expect(recording.files.isEmpty && recording.bytes > 20_000)
        let digests = try String(contentsOfFile: folder.file("digests"), encoding: .utf8)
            .split(separator: "\n").filter { !$0.hasPrefix("#") }
            .compactMap { $0.split(separator: ",").last.map { $0.trimmingCharacters(in: .whitespaces) } }
        let expected = try await FFmpeg.digests(film, in: folder).prefix(70)
        #expect(digests.count == expected.count, "\(outcome.errorText)")
        #expect(digests == Array(expected))
        let description = try String(contentsOfFile: folder.file("door.sdp"), encoding: .utf8)
        #expect(description.contains("m=video \(port) RTP/AVP 96\r\n"))
        #expect(description.contains("sprop-parameter-sets=Z0"))
    }

    @Test func packetsAreSmallNumberedAndMarked() async throws {
        // So few packets that the socket keeps them all.
        let film = try await FFmpeg.film(size: "640x360", seconds: 1, kilobits: 500)
        let receiver = try UDPReceiver()
        let recorder = try RingLiveRecorder(to: .rtp(host: "127.0.0.1", port: receiver.port))
        try await recorder.record(Units(film.units()))
        _ = try await recorder.finish()
        let packets = Array(sequence(state: ()) { _ in receiver.next() })

        #expect(packets.count > 20)
        #expect(packets.allSatisfy { $0.count <= 1212 && $0[0] == 0x80 && $0[1] & 0x7F == 96 })
        let numbers = packets.map { UInt16($0[2]) << 8 | UInt16($0[3]) }
        #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $0 &+ 1 == $1 })
        #expect(Set(packets.map { Array($0[8..<12]) }).count == 1)
        // One marker for each time.
        let times = packets.map { Array($0[4..<8]) }
        #expect(packets.count { $0[1] & 0x80 != 0 } == Set(times).count)
        // Sequence parameters, picture parameters, then the picture in fragments.
        #expect(packets.prefix(2).map { $0[12] & 0x1F } == [7, 8])
        #expect(packets.contains { $0[12] & 0x1F == 28 })
    }

    @Test func soundGoesToAPortOfItsOwn() async throws {
        let (folder, film) = (try TestFolder(), try await FFmpeg.film(seconds: 2))
        let port = try Self.freePort()
        let video = try (0..<4).map { try UDPReceiver(port: UInt16(port + $0)) }
        let recorder = try RingLiveRecorder(
            to: .rtp(host: "127.0.0.1", port: port, description: folder.file("door.sdp")),
            options: RingLiveRecordingOptions(includesAudio: true))
        let sound = try await FFmpeg.sound(seconds: 2).enumerated().map { number, bytes in
            RingLiveAccessUnit(
                track: .audio, bytes: bytes, presentationTime: .milliseconds(20 * number), isKeyFrame: true,
                arrival: .milliseconds(20 * number))
        }
        let units = (film.units() + sound).sorted { $0.presentationTime < $1.presentationTime }
        try await recorder.record(Units(units))
        _ = try await recorder.finish()

        let received = video.map { receiver in Array(sequence(state: ()) { _ in receiver.next() }) }
        #expect(received[0].count >= 40)
        #expect(received[2].count > 50 && received[2].allSatisfy { $0[1] == 97 })
        // Reports, then a farewell.
        for reports in [received[1], received[3]] {
            #expect(reports.count == 2)
            #expect(reports.first?[1] == 200 && reports.first?.count == 28 + 20)
            #expect(reports.last?.suffix(8).prefix(2) == [0x81, 203])
        }
        #expect(
            try String(contentsOfFile: folder.file("door.sdp"), encoding: .utf8).contains(
                "m=audio \(port + 2) RTP/AVP 97\r\na=rtpmap:97 opus/48000/2\r\n"))
    }

    @Test func nobodyWhoListensIsNoFailure() async throws {
        let film = try await FFmpeg.film(seconds: 2)
        let recorder = try RingLiveRecorder(to: .rtp(host: "127.0.0.1", port: try Self.freePort()))
        try await recorder.record(Units(film.units()))
        let recording = try await recorder.finish()
        #expect(recording.frameCount == 40 && recording.failure == nil)
    }

    @Test func aDestinationThatCannotBeReachedIsATypedError() async throws {
        let film = try await FFmpeg.film(seconds: 1)
        for (host, code) in [
            ("host.invalid", RingError.Code.hostNotFound), ("255.255.255.255", RingError.Code.connectionFailed),
        ] {
            let recorder = try RingLiveRecorder(to: .rtp(host: host, port: 5004))
            let error = await #expect(throws: RingError.self) { try await recorder.record(Units(film.units())) }
            #expect(error?.code == code && error?.message.contains("\(host):5004") == true)
        }
        for (host, port) in [("127.0.0.1", 0), ("127.0.0.1", 65535), ("", 5004), ("a b", 5004), ("a\r\nb", 5004)] {
            let error = #expect(throws: RingError.self) { try RingLiveRecorder(to: .rtp(host: host, port: port)) }
            #expect(error?.code == .invalidArgument)
        }
    }
}
