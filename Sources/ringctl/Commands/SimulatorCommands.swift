import FoundationEssentials
import RingJSONAPI
import RingListener
import RingSimulator

/// `simulator`.
enum SimulatorCommands {
    static let all = [
        Command(
            path: ["simulator"], summary: "run the local Ring Partner API of this package",
            usage:
                "[--port P] [--seed N] [--scenario NAME-or-FILE] [--state FILE] [--video FILE [--video-rate N]] | --schema",
            detail: """
                Listens on loopback until it is stopped. The first line names its four origins: API, token endpoint,
                media, and the control origin with the journal, the switches and the events. With --verbose it logs
                each request on standard error. Live sessions send a moving picture where GStreamer is installed.
                Commands that control a simulator find the one started last.
                """,
            flags: [
                Flag(name: "--port", value: "P", help: "the port of the API, the other three follow; any free ports"),
                Flag(name: "--seed", value: "N", help: "the seed of ids, tokens and codes; 1"),
                Flag(
                    name: "--scenario", value: "NAME-or-FILE",
                    help: "accounts, devices, switches and steps, as JSON; or one of "
                        + RingSimulatorConfiguration.scenarioNames.joined(separator: ", "),
                    completes: .words(RingSimulatorConfiguration.scenarioNames)),
                Flag(name: "--schema", help: "print the JSON Schema of scenario files, and end"),
                Flag(
                    name: "--state", value: "FILE",
                    help: "keeps accounts, tokens, deliveries and switches over restarts; with secrets, mode 0600",
                    completes: .file),
                Flag(
                    name: "--video", value: "FILE",
                    help:
                        "H.264 (a byte stream, Annex B) that live sessions show again and again; the scenes of the devices",
                    completes: .file),
                Flag(name: "--video-rate", value: "N", help: "its pictures a second; 20"),
            ],
            runsUntilStopped: true, run: { try await Self.run($0) })
    ]

    private static func run(_ context: CommandContext) async throws {
        if context.arguments.has("--schema") { return try context.output.object(ScenarioSchema.document) }
        var configuration = try Self.scenario(context.arguments["--scenario"])
        if let port = try context.arguments.integer("--port", in: 0...65_532) { configuration.port = port }
        if let text = context.arguments["--seed"] {
            guard let seed = UInt64(text) else { throw UsageError("--seed takes a whole number") }
            configuration.seed = seed
        }
        if let path = context.arguments["--video"] {
            guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
                throw UsageError("--video: cannot read \(path)")
            }
            let rate = try context.arguments.integer("--video-rate", in: 1...120) ?? 20
            do { try configuration.setLiveVideo(Array(data), rate: rate) } catch {
                throw UsageError("--video: \(path): \(error.message)")
            }
        }
        configuration.stateFile = context.arguments["--state"]
        configuration.warningLog = { context.output.error($0) }
        if context.settings.verbose { configuration.requestLog = { context.output.error($0) } }
        let simulator = try await Self.start(configuration)
        // In this line for people, too: scripts read it whether or not they asked for JSON.
        let origins: [(String, JSONAPILiteral)] = [
            ("api_url", .string(simulator.apiURL)), ("oauth_url", .string(simulator.oauthURL)),
            ("media_url", .string(simulator.mediaURL)), ("control_url", .string(simulator.controlURL)),
        ]
        let announcement = RunningSimulator.Announcement(origins, context.settings.allVariables)
        defer { announcement?.end() }
        try context.output.object(.object(origins))
        simulator.prepareLiveVideo()
        let (forever, _) = AsyncStream.makeStream(of: Never.self)
        for await _ in forever {}
        await simulator.stop()
    }

    private static func start(_ configuration: RingSimulatorConfiguration) async throws -> RingSimulator {
        do {
            return try await RingSimulator.start(configuration)
        } catch let error as RingListenerError {
            throw CommandFailure(.usage, code: "address_unavailable", error.message)
        } catch let error as RingSimulatorError {
            throw UsageError(error.message)
        }
    }

    private static func scenario(_ path: String?) throws -> RingSimulatorConfiguration {
        guard let path else { return RingSimulatorConfiguration() }
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            if let text = RingSimulatorConfiguration.scenarioText(named: path) {
                return try Self.scenario(Array(text.utf8))
            }
            let names = RingSimulatorConfiguration.scenarioNames.joined(separator: ", ")
            throw UsageError("--scenario: cannot read \(path); name a file or one of \(names)")
        }
        return try Self.scenario(Array(data))
    }

    private static func scenario(_ bytes: [UInt8]) throws -> RingSimulatorConfiguration {
        do {
            return try RingSimulatorConfiguration(scenario: bytes)
        } catch {
            throw UsageError(error.message)
        }
    }
}
