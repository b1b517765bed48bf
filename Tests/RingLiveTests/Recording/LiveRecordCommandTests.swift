import Foundation
import RingCore
import RingLive
import RingTesting
import Testing

#if canImport(Glibc)
import Glibc
#endif

/// `ringctl live record` as a script uses it.
@Suite(
    .enabled(LivePeer.reason) { await LivePeer.isReady() }, .enabled(if: FFmpeg.isInstalled, FFmpeg.comment),
    .timeLimit(.minutes(5)), .serialized)
struct LiveRecordCommandTests {
    private func ringctl(_ peer: LivePeer, _ folder: TestFolder, _ arguments: [String]) throws -> ChildProcess {
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("RING_") }
        environment["RING_ACCESS_TOKEN"] = "test-token"
        environment["RING_API_URL"] = peer.origin.absoluteString
        return try ChildProcess(
            ChildProcess.builtPrograms + "/ringctl",
            ["live", "record"] + arguments + ["--store", folder.file("store.sqlite"), "--json"],
            environment: environment)
    }

    private func object(_ text: String) throws -> [String: Any] {
        let line = text.split(separator: "\n").last { $0.hasPrefix("{") } ?? ""
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    /// Waits until a recording has its first fragment, or its process has ended.
    private func part(_ folder: TestFolder, of process: ChildProcess) async throws -> String {
        while true {
            let isOver = kill(process.pid, 0) != 0
            let names = folder.names.filter { $0.hasSuffix(".part") }
            if let name = names.first(where: { name in
                // The file may have got its final name in the meantime.
                ((try? folder.bytes(name)).map { boxes($0) } ?? []).contains { $0.type == "moof" }
            }) {
                return name
            }
            try #require(!isOver, "the recording ended before its first fragment")
            await Task.yield()
        }
    }

    @Test func aFileAndItsResult() async throws {
        let (peer, folder) = (try await LivePeer.running(), try TestFolder())
        let (device, path) = (peer.device(), folder.file("door.mp4"))
        let outcome = try await self.ringctl(peer, folder, [device.rawValue, "-o", path, "--duration", "4s"]).outcome()

        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        let result = try self.object(outcome.outputText)
        #expect(
            Set(result.keys) == ["path", "bytes", "duration_ms", "frames", "lost_packets", "sessions", "gaps"])
        #expect(result["path"] as? String == path && result["sessions"] as? Int == 1)
        #expect(result["bytes"] as? Int == (try folder.bytes("door.mp4").count))
        #expect(try await FFmpeg.digests(path).count == result["frames"] as? Int)
        #expect(try await peer.count("DELETE", device) == 1)
    }

    @Test func standardOutputIsTheRecordingAlone() async throws {
        let (peer, folder) = (try await LivePeer.running(), try TestFolder())
        let device = peer.device()
        let outcome = try await self.ringctl(peer, folder, [device.rawValue, "-o", "-", "--duration", "3s"]).outcome()

        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        try folder.write(outcome.output, to: "piped.mp4")
        let result = try self.object(outcome.errorText)
        #expect(result["bytes"] as? Int == outcome.output.count)
        #expect(try await FFmpeg.digests(folder.file("piped.mp4")).count == result["frames"] as? Int)
    }

    @Test func rtpGoesToAPortAndItsDescriptionToAFile() async throws {
        let (peer, folder) = (try await LivePeer.running(), try TestFolder())
        let receiver = try UDPReceiver()
        let address = "rtp://127.0.0.1:\(receiver.port)"
        let outcome = try await self.ringctl(
            peer, folder,
            [peer.device().rawValue, "-o", address, "--sdp", folder.file("door.sdp"), "--duration", "1s"]
        ).outcome()

        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        let result = try self.object(outcome.outputText)
        #expect(result["path"] as? String == address && result["dropped_packets"] as? Int == 0)
        let first = try #require(receiver.next())
        #expect(first[0] == 0x80 && first[1] & 0x7F == 96)
        let description = try String(contentsOfFile: folder.file("door.sdp"), encoding: .utf8)
        #expect(description.contains("m=video \(receiver.port) RTP/AVP 96\r\n"))
    }

    @Test(arguments: [
        ["-o", "rtp://127.0.0.1"], ["-o", "rtp://:5004"], ["-o", "rtp://::1:5004"], ["-o", "rtp://h:0"],
        ["-o", "rtp://h:x"],
        ["-o", "rtp://h:5004", "--format", "h264"], ["-o", "rtp://h:5004", "--segment", "1m"],
        ["-o", "door.mp4", "--sdp", "door.sdp"], ["-o", "rtp://h:5004", "--sdp", "-"],
        ["-o", "RTP://h:5004", "--segment", "1m"],
    ])
    func aWrongRTPAddressWakesNoCamera(arguments: [String]) async throws {
        let (peer, folder) = (try await LivePeer.running(), try TestFolder())
        let device = peer.device()
        let outcome = try await self.ringctl(peer, folder, [device.rawValue] + arguments).outcome()

        #expect(outcome.ending == .exited(2), "\(outcome.errorText)")
        #expect(try await peer.count("POST", device) == 0)
    }

    @Test func anInterruptClosesTheSessionAndCompletesTheFile() async throws {
        let (peer, folder) = (try await LivePeer.running(), try TestFolder())
        let (device, path) = (peer.device(), folder.file("door.mp4"))
        let process = try self.ringctl(peer, folder, [device.rawValue, "-o", path])
        _ = try await self.part(folder, of: process)
        process.signal(SIGINT)
        let outcome = await process.outcome()

        #expect(outcome.ending == .exited(130), "\(outcome.errorText)")
        #expect(boxes(try folder.bytes("door.mp4")).map(\.type) == ["ftyp", "mdat", "moov"])
        #expect(try await FFmpeg.digests(path).count == (try self.object(outcome.outputText))["frames"] as? Int)
        #expect(try await peer.count("DELETE", device) == 1)
    }

    @Test func aKilledRecordingPlaysAndTheNextStartClosesItsSession() async throws {
        let (peer, folder) = (try await LivePeer.running(), try TestFolder())
        let device = peer.device()
        let process = try self.ringctl(peer, folder, [device.rawValue, "-o", folder.file("door.mp4")])
        let name = try await self.part(folder, of: process)
        process.signal(SIGKILL)
        #expect(await process.outcome().ending == .signalled(SIGKILL))
        #expect(try await peer.count("DELETE", device) == 0)
        #expect(try await FFmpeg.digests(folder.file(name)).count >= 5)

        let next = try await self.ringctl(
            peer, folder, [peer.device().rawValue, "-o", folder.file("next.mp4"), "--duration", "1s"]
        ).outcome()
        #expect(next.ending == .exited(0), "\(next.errorText)")
        #expect(try await peer.count("DELETE", device) == 1)
        #expect(folder.names.contains(name), "what was recorded is not removed")
    }
}
