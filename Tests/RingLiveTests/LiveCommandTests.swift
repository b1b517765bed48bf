import Foundation
import RingCore
import RingJSONAPI
import RingTesting
import Testing

/// `ringctl live watch` and `ringctl live snapshot` as a script uses them.
@Suite(.enabled(LivePeer.reason) { await LivePeer.isReady() }, .timeLimit(.minutes(3)), .serialized)
struct LiveCommandTests {
    private func ringctl(
        _ peer: LivePeer, _ arguments: [String], _ variables: [String: String] = [:]
    ) throws -> ChildProcess {
        var environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("RING_") }
        environment["RING_ACCESS_TOKEN"] = "test-token"
        environment["RING_API_URL"] = peer.origin.absoluteString
        return try ChildProcess(
            ChildProcess.builtPrograms + "/ringctl", ["live"] + arguments + ["--store", "memory", "--json"],
            environment: environment.merging(variables) { $1 })
    }

    private func object(_ line: String?) throws -> [String: Any] {
        try #require(try JSONSerialization.jsonObject(with: Data((line ?? "").utf8)) as? [String: Any])
    }

    @Test func snapshotWritesAPicture() async throws {
        let peer = try await LivePeer.running()
        let device = peer.device()
        let file = FileManager.default.temporaryDirectory.appending(path: "ring-live-\(UUID().uuidString).jpg")
        defer { try? FileManager.default.removeItem(at: file) }

        let outcome = try await self.ringctl(peer, ["snapshot", device.rawValue, "-o", file.path]).outcome()

        #expect(outcome.ending == .exited(0), "\(outcome.errorText)")
        let result = try self.object(outcome.outputText)
        let bytes = try Data(contentsOf: file)
        #expect(result["width"] as? Int == 640 && result["height"] as? Int == 360)
        #expect(result["bytes"] as? Int == bytes.count && result["path"] as? String == file.path)
        #expect((result["ms"] as? Int).map { $0 > 0 } == true)
        #expect(Array(bytes.prefix(2)) == [0xff, 0xd8])
        #expect(try await peer.count("DELETE", device) == 1)
    }

    @Test func aSnapshotThatDoesNotFitNamesTheFullDisk() async throws {
        guard let disk = TinyDisk(bytes: 2 * 4096) else {
            withKnownIssue("no tiny file system can be mounted here (not root, or no mount): the full disk is untested")
            {
                Issue.record("skipped")
            }
            return
        }
        try Data(count: 2 * 4096).write(to: URL(filePath: disk.path + "/full"))
        let peer = try await LivePeer.running()
        let device = peer.device()

        let outcome = try await self.ringctl(
            peer, ["snapshot", device.rawValue, "-o", disk.path + "/x.jpg", "--quiet"]
        )
        .outcome()

        #expect(outcome.ending == .exited(1))
        let error = try self.object(outcome.errorText)["error"] as? [String: Any]
        #expect(error?["code"] as? String == "disk_full")
        #expect((error?["message"] as? String)?.contains("the disk is full") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["full"])
        #expect(try await peer.count("DELETE", device) == 1)
    }

    @Test func watchPrintsALineASecondAndAnInterruptClosesTheSession() async throws {
        let peer = try await LivePeer.running()
        let device = peer.device()
        let process = try self.ringctl(peer, ["watch", device.rawValue])
        let line = await process.line { $0.contains(#""frames""#) && !$0.contains(#""frames":0,"#) }

        process.signal(SIGINT)
        let outcome = await process.outcome()

        #expect(outcome.ending == .exited(130), "\(outcome.errorText)")
        #expect(
            try Set(self.object(line).keys) == ["ms", "frames", "bytes", "lost_packets", "jitter_ms"])
        #expect(outcome.errorText.contains("28 seconds"))
        #expect(try await peer.count("DELETE", device) == 1)
    }

    @Test func aFailureOfTheMediaHasItsStatus() async throws {
        let peer = try await LivePeer.running()
        let device = peer.device("limit-1")

        let outcome = try await self.ringctl(peer, ["watch", device.rawValue, "--quiet"]).outcome()

        #expect(outcome.ending == .exited(6))
        let error = try self.object(outcome.errorText)["error"] as? [String: Any]
        #expect(error?["code"] as? String == "live_peer_stopped")
    }

    @Test func withoutPluginsTheCameraIsNotWoken() async throws {
        let peer = try await LivePeer.running()
        let device = peer.device()
        let folder = FileManager.default.temporaryDirectory.appending(path: "ring-live-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let nothing = [
            "GST_PLUGIN_SYSTEM_PATH_1_0": folder.path, "GST_PLUGIN_PATH_1_0": "", "GST_PLUGIN_PATH": "",
            "GST_REGISTRY_1_0": folder.path + "/registry",
        ]

        for arguments in [["watch", device.rawValue], ["snapshot", device.rawValue, "-o", folder.path + "/x.jpg"]] {
            let outcome = try await self.ringctl(peer, arguments + ["--quiet"], nothing).outcome()

            #expect(outcome.ending == .exited(1))
            let error = try self.object(outcome.errorText)["error"] as? [String: Any]
            #expect(error?["code"] as? String == "live_engine_missing")
            let message = error?["message"] as? String ?? ""
            for package in ["base", "good", "bad"] { #expect(message.contains("gstreamer1.0-plugins-\(package)")) }
            #expect(message.contains("gstreamer1.0-nice"))
        }
        #expect(try await peer.count("POST", device) == 0)
    }
}
