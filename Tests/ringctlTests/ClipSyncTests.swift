import Foundation
import RingCore
import RingJSONAPI
import RingSimulator
import RingTesting
import Testing

/// `clip sync`: an archive that is complete, bounded, and whole whenever the process dies.
@Suite(.timeLimit(.minutes(5)), .serialized) struct ClipSyncTests {
    private struct Bench {
        var simulator: RingSimulator
        var folder: URL
        var ringctl: Ringctl
        var archive: String { self.folder.path() + "archive" }

        init() async throws {
            var configuration = RingSimulatorConfiguration()
            configuration.accounts = [
                RingSimulatorAccount(
                    state: .completed,
                    devices: [
                        RingSimulatorDevice(kind: .doorbell, name: "Front Door"),
                        RingSimulatorDevice(kind: .camera, name: "Yard / Gate"),
                        RingSimulatorDevice(kind: .chime, name: "Hall"),
                    ])
            ]
            configuration.switches.linking.remove(.consentAtLink)
            self.simulator = try await RingSimulator.start(configuration)
            self.folder = FileManager.default.temporaryDirectory.appending(path: "ringctl-sync-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
            self.ringctl = Ringctl(environment: [
                "RING_API_URL": self.simulator.apiURL, "RING_ACCESS_TOKEN": try self.simulator.grantTokens().access,
                "RING_STORE": "memory", "RING_CONTROL_URL": self.simulator.controlURL,
            ])
        }

        func end() async throws {
            await self.simulator.stop()
            try FileManager.default.removeItem(at: self.folder)
        }

        func motion(_ device: String, at times: String...) async throws {
            for time in times {
                let outcome = try await self.ringctl.run(
                    "trigger", "motion", "--device", device, "--at", time, "--set", "recording_ms=4000")
                #expect(outcome.status == 0, "\(outcome.errorText)")
            }
        }

        func sync(_ more: String...) async throws -> [JSONAPIValue] {
            let outcome = try await self.ringctl.run(["clip", "sync", self.archive, "--json"] + more)
            #expect(outcome.status == 0, "\(outcome.outputText)\(outcome.errorText)")
            return try outcome.results
        }

        /// The files of the archive with their sizes; those that it keeps for itself are left out.
        func files() throws -> [String: Int] {
            var files: [String: Int] = [:]
            for path in try FileManager.default.subpathsOfDirectory(atPath: self.archive) {
                let attributes = try FileManager.default.attributesOfItem(atPath: "\(self.archive)/\(path)")
                guard attributes[.type] as? FileAttributeType == .typeRegular, !path.hasPrefix(".ringctl-") else {
                    continue
                }
                files[path] = attributes[.size] as? Int
            }
            return files
        }

        var requests: Int { self.simulator.journal.count { $0.path.hasSuffix("/media/video/download") } }
    }

    @Test func archivesAllClipsAndLaterOnlyNewOnes() async throws {
        let bench = try await Bench()
        try await bench.motion("Front Door", at: "-20h", "-18h", "-1h")
        try await bench.motion("Yard / Gate", at: "-90m")
        let first = try await bench.sync()
        #expect(first.count == 4)
        let files = try bench.files()
        #expect(files.count == 4)
        for line in first {
            let path = try #require(line["path"]?.string).dropFirst(bench.archive.count + 1)
            #expect(files[String(path)].map { Int64($0) } == line["bytes"]?.integer)
            // The device, and the moment in a form that sorts.
            let start = try #require(line["start"]?.int64)
            let time = JSONAPITime.format(Date(timeIntervalSince1970: Double(start) / 1_000), fractionDigits: 3)
            let device =
                line["device_id"]?.string == bench.simulator.devices[0].id.rawValue ? "Front-Door" : "Yard-Gate"
            #expect(path == "\(device)/\(time.replacing(":", with: "-"))_motion.mp4")
        }
        #expect(bench.requests == 4)
        #expect(try await bench.sync().isEmpty)
        // What is complete is not requested again, whatever became of its file.
        #expect(bench.requests == 4)

        try await bench.motion("Front Door", at: "-2m")
        #expect(try await bench.sync("--device", "Yard / Gate").isEmpty)
        #expect(try await bench.sync("--device", "front door").count == 1)
        #expect(bench.requests == 5)
        try await bench.end()
    }

    @Test func keepsWhatIsYoungAndNothingOfOthers() async throws {
        let bench = try await Bench()
        try await bench.motion("Front Door", at: "-20h", "-18h", "-1h")
        #expect(try await bench.sync().count == 3)
        let own = ["notes.txt", "2020-01-01_holiday.mp4", "Front-Door/old.mp4"]
        for name in own { try Data("x".utf8).write(to: URL(filePath: "\(bench.archive)/\(name)")) }
        #expect(try await bench.sync("--keep", "10h").isEmpty)
        #expect(try bench.files().count == 1 + own.count)
        for name in own { #expect(try bench.files()[name] == 1) }
        // Not fetched only to be removed; and fetched when they are wanted again.
        #expect(try await bench.sync("--keep", "10h", "--since", "-21h").isEmpty)
        #expect(try await bench.sync("--since", "-19h").count == 1)
        #expect(try await bench.sync("--since", "-21h").count == 1)
        try await bench.end()
    }

    @Test func aShortRunDoesNotHideWhatAnEarlierOneLeft() async throws {
        let bench = try await Bench()
        try await bench.motion("Front Door", at: "-20h")
        #expect(try await bench.sync().count == 1)
        // As if that run was fifteen hours ago.
        let index = URL(filePath: "\(bench.archive)/.ringctl-sync.json")
        let text = try String(contentsOf: index, encoding: .utf8)
        let earlier = Int64((Date().timeIntervalSince1970 - 15 * 3_600) * 1_000)
        try Data(text.replacing(#/"complete_until":\d+/#, with: "\"complete_until\":\(earlier)").utf8).write(to: index)
        try await bench.motion("Front Door", at: "-10h", "-1h")
        #expect(try await bench.sync("--since", "-2h").count == 1)
        #expect(try await bench.sync().count == 1)
        #expect(try bench.files().count == 3)
        #expect(try await bench.sync().isEmpty)
        try await bench.end()
    }

    @Test func leavesWhatIsNotReadyAndSaysWhatFails() async throws {
        let bench = try await Bench()
        try await bench.motion("Front Door", at: "-2h", "-1h")
        bench.simulator.change { $0.next[.mediaNotReady] = 1 }
        #expect(try await bench.sync().count == 1)
        #expect(try await bench.sync().count == 1)
        try await bench.motion("Front Door", at: "-3m", "-2m")
        bench.simulator.change { $0.next[.mediaFailed] = 1_000 }
        let failed = try await bench.ringctl.run(["clip", "sync", bench.archive, "--json"])
        #expect(failed.status == 1 && failed.failure?["code"]?.string != nil, "\(failed.errorText)")
        #expect(try failed.results.isEmpty)
        bench.simulator.change { $0.next[.mediaFailed] = 0 }
        #expect(try await bench.sync().count == 2)
        try await bench.end()
    }

    /// One device's folder cannot be used; the clips of the others are fetched all the same.
    @Test(arguments: ["a file", "a broken link", "a folder without permission"])
    func aFolderThatCannotBeUsedStopsOneDeviceAlone(_ what: String) async throws {
        let bench = try await Bench()
        try await bench.motion("Front Door", at: "-20h", "-1h")
        try await bench.motion("Yard / Gate", at: "-90m")
        let place = bench.archive + "/Front-Door"
        try FileManager.default.createDirectory(atPath: bench.archive, withIntermediateDirectories: true)
        switch what {
        case "a file": try Data("mine".utf8).write(to: URL(filePath: place))
        case "a broken link":
            try FileManager.default.createSymbolicLink(atPath: place, withDestinationPath: "/nonexistent/folder")
        default:
            // The super-user needs no permission.
            guard geteuid() != 0 else { return try await bench.end() }
            try FileManager.default.createDirectory(
                atPath: place, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o500])
        }
        let outcome = try await bench.ringctl.run(["clip", "sync", bench.archive, "--json"])
        #expect(outcome.status == 1, "\(outcome.errorText)")
        #expect(try outcome.results.compactMap { $0["path"]?.string }.map { $0.contains("/Yard-Gate/") } == [true])
        if what != "a folder without permission" {
            #expect(outcome.failure?["code"]?.string == "output_failed", "\(outcome.errorText)")
            #expect(outcome.failure?["message"]?.string?.hasPrefix(place + ": something else is in") == true)
        }
        try FileManager.default.removeItem(atPath: place)
        #expect(try await bench.sync().count == 2)
        try await bench.end()
    }

    /// What is older than `--keep` and cannot be removed in one folder hinders no other one.
    @Test func aFolderThatCannotBeReadIsSaid() async throws {
        let bench = try await Bench()
        try await bench.motion("Front Door", at: "-20h")
        try await bench.motion("Yard / Gate", at: "-20h")
        #expect(try await bench.sync().count == 2)
        let place = bench.archive + "/Front-Door"
        try FileManager.default.removeItem(atPath: place)
        try Data("mine".utf8).write(to: URL(filePath: place))
        let outcome = try await bench.ringctl.run(["clip", "sync", bench.archive, "--json", "--keep", "10h"])
        #expect(outcome.status == 1 && outcome.failure?["code"]?.string == "output_failed", "\(outcome.errorText)")
        #expect(try bench.files().keys.sorted() == ["Front-Door"])
        #expect(try String(contentsOfFile: place, encoding: .utf8) == "mine")
        try await bench.end()
    }

    @Test func aKillLeavesWholeFilesAndTheNextRunGoesOn() async throws {
        let bench = try await Bench()
        try await bench.motion("Front Door", at: "-5h", "-4h", "-3h", "-2h")
        // So slow that the process is killed in the middle of the second clip.
        bench.simulator.change { $0.limits[.mediaBytesPerSecond] = 150_000 }
        let child = try ChildProcess(
            Ringctl.path, ["clip", "sync", bench.archive, "--json"], environment: bench.ringctl.environment)
        _ = await child.line { $0.contains("bytes") }
        // Nobody else may work on it meanwhile.
        let second = try await bench.ringctl.run("clip", "sync", bench.archive, "--json")
        #expect(second.status == 1 && second.failure?["code"]?.string == "sync_running", "\(second.errorText)")
        child.signal(SIGKILL)
        let killed = await child.outcome()
        let done = try killed.results.compactMap { $0["path"]?.string }
        let mp4 = try bench.files().filter { $0.key.hasSuffix(".mp4") }
        #expect(mp4.count >= done.count && mp4.count < 4)

        bench.simulator.change { $0.limits[.mediaBytesPerSecond] = nil }
        let rest = try await bench.sync()
        #expect(rest.count == 4 - mp4.count)
        let files = try bench.files()
        #expect(files.count == 4 && files.keys.allSatisfy { $0.hasSuffix(".mp4") }, "\(files)")
        for (path, bytes) in mp4 { #expect(files[path] == bytes) }
        // As a run that nobody disturbs.
        var other = bench
        other.folder = bench.folder.appending(path: "other")
        try FileManager.default.createDirectory(at: other.folder, withIntermediateDirectories: true)
        other.folder = URL(filePath: other.folder.path() + "/")
        #expect(try await other.sync().count == 4)
        #expect(try other.files() == files)
        try await bench.end()
    }

    @Test func aSignalEndsItCleanly() async throws {
        let bench = try await Bench()
        try await bench.motion("Front Door", at: "-5h", "-4h")
        bench.simulator.change { $0.limits[.mediaBytesPerSecond] = 150_000 }
        let child = try ChildProcess(
            Ringctl.path, ["clip", "sync", bench.archive, "--json"], environment: bench.ringctl.environment)
        _ = await child.line { $0.contains("bytes") }
        child.signal(SIGTERM)
        #expect(await child.outcome().status == 143)
        #expect(try bench.files().keys.allSatisfy { $0.hasSuffix(".mp4") })
        try await bench.end()
    }

    @Test func wrongUseIsSaid() async throws {
        for words in [
            ["clip", "sync"], ["clip", "sync", "/nonexistent/a/b"], ["clip", "sync", "/dev/null"],
            ["clip", "sync", "x", "--keep", "soon"], ["clip", "sync", "x", "--keep", "0s"],
        ] {
            let outcome = try await Ringctl(environment: [
                "RING_ACCESS_TOKEN": "x", "RING_API_URL": "http://127.0.0.1:1",
            ])
            .run(words)
            #expect(outcome.status == 2, "\(words): \(outcome.errorText)")
        }
    }
}
