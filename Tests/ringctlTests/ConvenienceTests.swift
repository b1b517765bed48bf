import Foundation
import RingCore
import RingJSONAPI
import RingSimulator
import RingTesting
import Testing

/// What makes the program pleasant: names for ids, suggestions, whole ids at a terminal, help.
@Suite(.timeLimit(.minutes(3)), .serialized) struct ConvenienceTests {
    private func with(_ body: (RingSimulator, Ringctl) async throws -> Void) async throws {
        var configuration = RingSimulatorConfiguration()
        configuration.accounts = [
            RingSimulatorAccount(
                state: .completed,
                devices: [
                    RingSimulatorDevice(kind: .doorbell, name: "Front Door"),
                    RingSimulatorDevice(kind: .camera, name: "Yard"), RingSimulatorDevice(kind: .camera, name: "Twin"),
                    RingSimulatorDevice(kind: .camera, name: "Twin"),
                ])
        ]
        let simulator = try await RingSimulator.start(configuration)
        let folder = FileManager.default.temporaryDirectory.appending(path: "ringctl-names-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let ringctl = Ringctl(environment: [
            "RING_API_URL": simulator.apiURL, "RING_ACCESS_TOKEN": try simulator.grantTokens().access,
            "HOME": folder.path(),
            "RING_STORE": "memory", "SHELL": "/bin/sh",
        ])
        do { try await body(simulator, ringctl) } catch {
            await simulator.stop()
            throw error
        }
        await simulator.stop()
        try FileManager.default.removeItem(at: folder)
    }

    @Test func aDeviceIsNamedByItsName() async throws {
        try await self.with { simulator, ringctl in
            let door = simulator.devices[0].id.rawValue
            for name in ["Front Door", "front door", door] {
                let outcome = try await ringctl.run("devices", "status", name, "--json")
                #expect(outcome.status == 0, "\(outcome.errorText)")
                #expect(try outcome.results.first?["id"]?.string == door)
            }
            let events = try await ringctl.run("events", "list", "Yard", "--json")
            #expect(events.status == 0, "\(events.errorText)")
            let twin = try await ringctl.run("devices", "get", "Twin", "--json")
            #expect(twin.status == 2)
            for device in simulator.devices.suffix(2) { #expect(twin.errorText.contains(device.id.rawValue)) }
            let near = try await ringctl.run("devices", "get", "Frnt Door", "--json")
            #expect(near.status == 4 && near.errorText.contains("did you mean “Front Door”"), "\(near.errorText)")
            let none = try await ringctl.run("devices", "get", "Barn of mine", "--json")
            #expect(none.status == 4 && none.failure?["code"]?.string == "device_not_found")
            #expect(none.errorText.contains("Front Door, Yard"), "\(none.errorText)")
            // An id of any form, which Ring does not know.
            #expect(try await ringctl.run("devices", "get", "d-17", "--json").status == 4)
        }
    }

    @Test func namesAreCompletedFromACacheThatHoldsNothingElse() async throws {
        try await self.with { simulator, ringctl in
            let names = "Front Door\nYard\nTwin\nTwin\n"
            #expect(try await ringctl.run("completions", "devices").outputText == names)
            let requests = simulator.journal.count
            #expect(try await ringctl.run("completions", "devices").outputText == names)
            #expect(simulator.journal.count == requests)
            let folder = URL(filePath: (ringctl.environment["HOME"] ?? "") + "/.cache/ringctl/devices")
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path())
            #expect(files.count == 1)
            #expect(try String(contentsOf: folder.appending(path: files[0]), encoding: .utf8) == names)
            // What nobody has used for a day goes.
            let old = folder.appending(path: "0123456789abcdef")
            try Data("Barn\n".utf8).write(to: old)
            let day = Date(timeIntervalSinceNow: -90_000)
            try FileManager.default.setAttributes([.modificationDate: day], ofItemAtPath: old.path())
            #expect(try await ringctl.run("devices", "list").status == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()) == files)
            // Other settings, other devices; and a failure offers nothing.
            var other = ringctl
            other.environment["RING_ACCESS_TOKEN"] = "wrong"
            let nothing = try await other.run("completions", "devices")
            #expect(nothing.status == 0 && nothing.output.isEmpty && nothing.error.isEmpty, "\(nothing.errorText)")
        }
    }

    @Test func idsAreWholeAtANarrowTerminal() async throws {
        try await self.with { simulator, ringctl in
            for command in ["devices list", "devices list --include all"] {
                let outcome = try await ChildProcess.run(
                    "/usr/bin/script", ["-qec", "stty cols 40; \(Ringctl.path) \(command)", "/dev/null"],
                    environment: ringctl.environment)
                for device in simulator.devices { #expect(outcome.outputText.contains(device.id.rawValue)) }
            }
            // People see the state without asking for it.
            let table = try await ringctl.run("devices", "list").outputText
            #expect(table.split(separator: "\n").first.map { $0.contains("STATE") && $0.contains("BATTERY") } == true)
            let json = try await ringctl.run("devices", "list", "--json").results
            #expect(json.first?["status"] == nil)
        }
    }

    @Test func whatATerminalWaitsForIsShown() async throws {
        try await self.with { simulator, ringctl in
            // A short wait that the service asks for, long enough to be shown.
            simulator.change { $0.next[.rateLimited] = 2 }
            let outcome = try await ChildProcess.run(
                "/usr/bin/script", ["-qec", "\(Ringctl.path) account me", "/dev/null"], environment: ringctl.environment
            )
            #expect(outcome.outputText.contains("account me: 1 s"), "\(outcome.outputText)")
            #expect(outcome.outputText.contains("first_name"), "\(outcome.outputText)")
        }
    }

    @Test(arguments: [
        (["devces", "list"], "devices list"), (["devices", "lst"], "devices list"),
        (["list", "devices"], "devices list"),
        (["dowload"], "see ringctl"), (["exchange"], "auth exchange"), (["hlep"], "help"),
        (["devices", "list", "--jsn"], "--json"), (["clip", "download", "x", "--durration", "5s"], "--duration"),
    ])
    func whatWasMeantIsNamed(words: [String], suggestion: String) async throws {
        let outcome = try await Ringctl().run(words)
        #expect(outcome.status == 2)
        #expect(outcome.errorText.contains(suggestion), "\(outcome.errorText)")
    }

    /// Long texts are wrapped between words, and paragraphs stay apart.
    @Test(arguments: [["live", "record"], ["simulator"], ["clip", "sync"], ["doctor"], ["completions"], []])
    func helpFitsATerminal(_ words: [String]) async throws {
        let text = try await Ringctl().run(["help"] + words).outputText
        for line in text.split(separator: "\n") where !line.hasPrefix("Usage:") {
            #expect(line.count <= 110, "\(line)")
        }
        if words == ["live", "record"] { #expect(text.contains("killed.\n\nWhile a camera streams"), "\(text)") }
    }

    @Test func helpAndVersionAreWords() async throws {
        let ringctl = Ringctl()
        #expect(try await ringctl.run("version").outputText == (try await ringctl.run("--version").outputText))
        let version = try await ringctl.run("version", "--json").results.first?["version"]?.string
        #expect(version.map { "ringctl \($0)\n" } == (try await ringctl.run("version").outputText))
        let help = try await ringctl.run("help")
        #expect(help.status == 0)
        for text in ["Exit status:", "RING_SEALING_KEYS", "$XDG_STATE_HOME", "130, 143", "completions"] {
            #expect(help.outputText.contains(text), "\(text)")
        }
        #expect(
            try await ringctl.run("help", "clip", "download").outputText
                == (try await ringctl.run("clip", "download", "--help").outputText))
        #expect(try await ringctl.run("help", "auth").outputText.contains("auth exchange"))
        #expect(try await ringctl.run("help", "nothing").status == 2)
    }
}
