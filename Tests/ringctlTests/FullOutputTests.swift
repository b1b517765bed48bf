import Foundation
import RingCore
import RingJSONAPI
import RingSimulator
import RingTesting
import Testing

/// A result that cannot be written is a failure, and what the command began is undone.
@Suite(.timeLimit(.minutes(5))) struct FullOutputTests {
    private struct Bench {
        var simulator: RingSimulator
        var ringctl: Ringctl
        var folder: URL
        var door = ""
        var chime = ""
        /// From before the simulated time moved on, so not from the future.
        let redirect: (url: String, nonce: String, time: String)

        init() async throws {
            var configuration = RingSimulatorConfiguration()
            configuration.switches.media.insert(.everywhere)
            // Some of the commands come before the link.
            configuration.accounts = [RingSimulatorAccount(state: .awaiting)]
            // The link is made when the simulated time has moved on, and media of the present time are requested.
            configuration.switches.linking.remove(.consentAtLink)
            self.simulator = try await RingSimulator.start(configuration)
            self.redirect = try self.simulator.linkRedirect()
            self.folder = FileManager.default.temporaryDirectory.appending(path: "ringctl-full-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: self.folder, withIntermediateDirectories: true)
            self.ringctl = Ringctl(environment: [
                "RING_API_URL": self.simulator.apiURL, "RING_OAUTH_URL": self.simulator.oauthURL,
                "RING_STORE": self.folder.appending(path: "ring.sqlite").path(),
                "RING_CLIENT_ID": configuration.clientID, "RING_CLIENT_SECRET": configuration.clientSecret,
                "RING_HMAC_KEY": configuration.hmacKey, "HOME": self.folder.path(),
            ])
            let exchange = try await self.ringctl.run("auth", "exchange", input: try self.simulator.issueCode())
            #expect(exchange.status == 0, "\(exchange.errorText)")
            self.door = try #require(self.simulator.devices.first { $0.kind == .doorbell }).id.rawValue
            self.chime = try #require(self.simulator.devices.first { $0.kind == .chime }).id.rawValue
            try self.simulator.trigger(
                RingSimulatorEvent(type: "motion_detected", device: RingDeviceID(rawValue: self.door)))
            self.simulator.advance(by: .seconds(30))
        }

        /// Runs a command whose standard output goes where a shell's redirection says.
        func run(_ words: [String], redirected: String, input: [UInt8] = []) async throws -> ChildProcess.Outcome {
            try await ChildProcess.run(
                "/bin/sh", ["-c", "exec \"$0\" \"$@\" \(redirected)", Ringctl.path] + words,
                environment: self.ringctl.environment, input: input)
        }

        func end() async {
            await self.simulator.stop()
            try? FileManager.default.removeItem(at: self.folder)
        }
    }

    @Test func aRecordingThatCannotBeWrittenNamesStandardOutput() async throws {
        let bench = try await Bench()
        let outcome = try await bench.run(
            ["live", "record", bench.door, "-o", "-", "--duration", "2s", "--json"], redirected: ">/dev/full")
        await bench.end()
        guard outcome.failure?["code"]?.string != "live_engine_missing" else {
            return print("skipped: GStreamer is not installed")
        }
        #expect(outcome.status == 1, "\(outcome.errorText)")
        #expect(outcome.failure?["code"]?.string == "output_failed", "\(outcome.errorText)")
        #expect(outcome.failure?["message"]?.string?.hasPrefix("standard output cannot be written") == true)
    }

    /// An offer of a real browser.
    private static func offer() throws -> [UInt8] {
        let samples = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("RingWHEPTests/Fixtures/SDP/offer-chromium156-video.sdp")
        return [UInt8](try Data(contentsOf: samples))
    }

    /// Every command, with arguments that succeed.
    private static func commands(_ bench: Bench) throws -> [(words: [String], input: [UInt8])] {
        let simulator = bench.simulator
        let motion = try simulator.motion(at: RingDeviceID(rawValue: bench.door))
        let file = bench.folder.appending(path: "media").path()
        // Nobody listens there.
        simulator.webhookURL = "http://127.0.0.1:1/ring"
        func plain(_ words: String...) -> (words: [String], input: [UInt8]) { (words, []) }
        return [
            plain("--version"), plain("version"), plain("help"), plain("completions", "bash"), plain("doctor"),
            plain("clip", "sync", "--help"), plain("--help"), plain("auth", "--help"),
            plain("auth", "exchange", "--help"),
            (["auth", "exchange"], Array(try simulator.issueCode().utf8)),
            plain("account", "link", "--nonce", bench.redirect.nonce, "--time", bench.redirect.time),
            plain("auth", "refresh"), plain("auth", "token"), plain("auth", "status"),
            plain("account", "me"), plain("account", "subscriptions"),
            plain("devices", "list"), plain("devices", "get", bench.door), plain("devices", "status", bench.door),
            plain("devices", "capabilities", bench.door), plain("devices", "configurations", bench.door),
            plain("devices", "location", bench.door), plain("events", "list", bench.door),
            plain("clip", "download", bench.door, "--at", "-0s", "--duration", "5s", "-o", file),
            plain("image", "download", bench.door, "--at", "-0s", "-o", file),
            plain("chime", "play", bench.chime, "--audio-ref", "aud-17"),
            (["webhook", "sign"], Array("{}".utf8)),
            (["webhook", "verify", "--signature", motion.signature], motion.body),
            plain("webhook", "send", "\(simulator.controlURL)/webhook", "--type", "button_press"),
            plain("webhook", "listen", "--port", "0"), plain("webhook", "quarantine", "list", "--help"),
            plain("webhook", "quarantine", "release", "--help"),
            plain("nonce", "compute", "--account", "a", "--time", "1795000000123"),
            plain(
                "nonce", "verify", "--account", WebhookCommandTests.account, "--time", "1795000000123", "--now",
                "1795000000123", "--nonce", WebhookCommandTests.nonce),
            (["live", "negotiate", bench.door, "--offer", "-", "--answer", "-"], try Self.offer()),
            (["live", "negotiate", bench.door, "--offer", "-", "--answer", "\(file).sdp"], try Self.offer()),
            plain("live", "watch", "--help"), plain("live", "snapshot", "--help"), plain("live", "record", "--help"),
            plain("live", "finish", "--help"),
            plain("live", "close", "\(simulator.apiURL)/v1/devices/\(bench.door)/media/streaming/whep/sessions/none"),
            plain("simulator"), plain("store", "schema"),
            plain("trigger", "motion", "--device", bench.door, "--control-url", simulator.controlURL),
            plain("events", "resend", "1", "--control-url", simulator.controlURL),
            plain("logs", "--control-url", simulator.controlURL),
            plain("logs", "tail", "--control-url", simulator.controlURL),
            plain(
                "store", "migrate", "--from", bench.folder.appending(path: "ring.sqlite").path(), "--to",
                "\(file).sqlite"),
        ]
    }

    @Test(arguments: [[], ["--json"]])
    func everyCommandEndsWithOne(flags: [String]) async throws {
        let bench = try await Bench()
        let commands = try Self.commands(bench)
        // None is forgotten.
        let help = try await bench.ringctl.run("--help").outputText.split(separator: "\n")
        let names = help.drop { $0 != "Commands:" }.dropFirst().prefix { $0.hasPrefix("  ") }.map { line in
            line.components(separatedBy: "  ").first { !$0.isEmpty } ?? ""
        }
        #expect(names.count > 20)
        for name in names {
            #expect(commands.contains { "\($0.words.joined(separator: " ")) ".hasPrefix(name + " ") }, "\(name)")
        }
        var environment = bench.ringctl.environment
        environment["RING_HMAC_KEY"] = WebhookCommandTests.key
        for (words, input) in commands where words.first != "webhook" || words[1] != "listen" {
            var bench = bench
            if words.first == "nonce" { bench.ringctl.environment = environment }
            let outcome = try await bench.run(words + flags, redirected: ">/dev/full", input: input)
            #expect(outcome.status == 1, "\(words): \(outcome.errorText)")
            #expect(outcome.errorText.contains("standard output cannot be written"), "\(words): \(outcome.errorText)")
            if flags == ["--json"], words.last != "--help", words != ["--version"] {
                #expect(outcome.failure?["code"]?.string == "output_failed", "\(words): \(outcome.errorText)")
            }
        }
        // Nobody has the URL of a session, so none is left open, and no SDP answer is left for an engine.
        #expect(bench.simulator.openSessions == 0)
        #expect(!FileManager.default.fileExists(atPath: bench.folder.appending(path: "media.sdp").path()))
        await bench.end()
    }

    @Test func aClosedOutputIsNoSuccess() async throws {
        let bench = try await Bench()
        let closed = try await bench.run(["devices", "list", "--json"], redirected: ">&-")
        #expect(closed.status == 1, "\(closed.errorText)")
        #expect(closed.failure?["code"]?.string == "output_failed")
        // Nothing else got the number of the closed stream: the store is still a store.
        #expect(try await bench.ringctl.run("auth", "status", "--json").results.count == 1)
        let silent = try await bench.run(["devices", "list", "--json"], redirected: "2>&-")
        #expect(silent.status == 0)
        let noInput = try await bench.run(["webhook", "sign"], redirected: "<&-")
        #expect(noInput.status == 2, "\(noInput.errorText)")
        await bench.end()
    }

    @Test func aReaderThatHasLeftIsNoSuccess() async throws {
        let bench = try await Bench()
        // The command starts when its standard output has no reader any more: the right side has said so.
        let script =
            "{ cat >/dev/null; \"$0\" \"$@\"; echo \"status $?\" >&2; } | { exec 0<&-; echo closed; }"
        let child = try ChildProcess(
            "/bin/sh", ["-c", script, Ringctl.path, "devices", "list"], environment: bench.ringctl.environment,
            input: nil)
        _ = await child.line { $0 == "closed" }
        child.closeInput()
        let outcome = await child.outcome()
        #expect(outcome.errorText.contains("standard output cannot be written"), "\(outcome.errorText)")
        #expect(outcome.errorText.hasSuffix("status 1\n"), "\(outcome.errorText)")
        await bench.end()
    }

    @Test func anEventThatCannotBePrintedComesAgain() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ringctl-unprinted-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let environment = [
            "RING_HMAC_KEY": WebhookCommandTests.key, "RING_STORE": folder.appending(path: "ring.sqlite").path(),
        ]
        let full = try ChildProcess(
            "/bin/sh", ["-c", "exec \(Ringctl.path) webhook listen --port 0 --json 2>&1 >/dev/full"],
            environment: environment, input: nil)
        let url = try await WebhookCommandTests.address(of: full)
        let event =
            #"{"meta":{"time":"\#(Date().ISO8601Format())","request_id":"r1"},"data":{"id":"e1","type":"news"}}"#
        #expect(try await WebhookCommandTests.post(event, to: url) == 503)
        let outcome = await full.outcome()
        #expect(outcome.status == 1, "\(outcome.outputText)")
        #expect(outcome.outputText.contains(#""code":"output_failed""#))

        // The next run prints it without a request, and Ring's own repetition as what it is.
        let next = try WebhookCommandTests.listener(environment)
        let newURL = try await WebhookCommandTests.address(of: next)
        let line = await next.line { $0.contains(#""event_id":"e1""#) }
        #expect(line?.contains(#""duplicate":false"#) == true)
        #expect(try await WebhookCommandTests.post(event, to: newURL) == 200)
        next.signal(15)
        let events = try WebhookCommandTests.events(await next.outcome())
        #expect(events.map { $0["duplicate"]?.bool } == [false, true])
    }
}
