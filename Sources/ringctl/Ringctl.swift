import FoundationEssentials
import Glibc
import RingCore
import RingJSONAPI

/// `ringctl`: every capability of the libraries from a shell, and their first user.
@main
struct Ringctl {
    static func main() async {
        StandardStreams.fill()
        Signals.install()
        let status = await Self.run(Array(CommandLine.arguments.dropFirst()), ProcessInfo.processInfo.environment)
        let signal = Signals.received
        exit(signal == 0 ? status.rawValue : 128 + signal)
    }

    private static func run(_ words: [String], _ environment: [String: String]) async -> ExitStatus {
        let output = Output(
            json: words.contains("--json"), quiet: words.contains("--quiet"),
            noColour: environment["NO_COLOR"]?.isEmpty == false)
        do {
            let plain = Self.plainWords(words)
            if words.contains("--version") && plain.isEmpty || plain == ["version"] {
                try output.result(["version": .string(Help.version)], text: "ringctl \(Help.version)")
                return .done
            }
            if plain.first == "help" { return try Self.help(for: plain.dropFirst() + ["--help"], output) }
            guard let command = Self.find(words) else { return try Self.help(for: words, output) }
            let rest = Self.words(words, without: command)
            let arguments = try Arguments(rest, flags: Settings.flags + command.flags)
            if arguments.has("--help") || arguments.has("-h") {
                try output.lines(Help.command(command))
                return .done
            }
            guard command.positionals.contains(arguments.positionals.count) else {
                throw UsageError("usage: ringctl \(command.name) \(command.usage)")
            }
            let settings = try Settings(arguments, environment: environment, allowsBlanks: command.allowsBlanks)
            try await Self.perform(command, arguments, settings, output)
            return .done
        } catch {
            output.endProgress()
            guard Signals.received == 0 else { return .done }
            let failure = Failure(error)
            output.failure(failure)
            return failure.status
        }
    }

    /// Runs a command until it ends, its time is up, or a signal comes.
    private static func perform(
        _ command: Command, _ arguments: Arguments, _ settings: Settings, _ output: Output
    ) async throws {
        let clock = RingSystemClock()
        let waiting = WaitingLine(output: output, what: command.name, clock: clock)
        let observer: any RingObserver =
            settings.verbose ? VerboseObserver(output: output) : QuietObserver(output: output, waiting: waiting)
        let isBounded = !command.runsUntilStopped || settings.hasTimeout
        let context = CommandContext(
            settings: settings, arguments: arguments, output: output,
            environment: RingEnvironment(clock: clock, observer: observer),
            deadline: isBounded ? RingDeadline(in: settings.timeout, clock: clock) : nil)
        let work = Task { try await command.run(context) }
        Signals.onSignal { work.cancel() }
        let timer = Task {
            guard isBounded else { return }
            // Requests and waits end at the deadline by themselves and say why, so they come first.
            try await clock.sleep(for: settings.timeout + .milliseconds(500))
            work.cancel()
        }
        let drawing = Task {
            guard !command.runsUntilStopped, output.drawsProgress else { return }
            try await waiting.draw()
        }
        defer {
            timer.cancel()
            drawing.cancel()
            output.endProgress()
        }
        let outcome = await work.result
        let unsaved = await CommandStore.shared.settle()
        guard unsaved.isEmpty else {
            throw CommandFailure(
                .server, code: "storage_failed",
                """
                the new tokens of \(unsaved.map(\.rawValue).joined(separator: ", ")) could not be stored and are lost with \
                this process; mend the store, and have the account linked again
                """)
        }
        try outcome.get()
    }

    /// The command that the first words name, whatever flags stand between them.
    private static func find(_ words: [String]) -> Command? {
        let plain = Self.plainWords(words)
        return CommandTable.all.filter { plain.starts(with: $0.path) }.max { $0.path.count < $1.path.count }
    }

    /// The words that are neither flags nor values of the settings every command has.
    private static func plainWords(_ words: [String]) -> [String] {
        let valued = Set(Settings.flags.filter { $0.value != nil }.map(\.name))
        var plain: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            if valued.contains(word) { _ = rest.popFirst() } else if !word.hasPrefix("-") { plain.append(word) }
        }
        return plain
    }

    /// The words without those that name the command.
    private static func words(_ words: [String], without command: Command) -> [String] {
        let valued = Set(Settings.flags.filter { $0.value != nil }.map(\.name))
        var name = command.path[...]
        var kept: [String] = []
        var rest = words[...]
        while let word = rest.popFirst() {
            if valued.contains(word), let value = rest.popFirst() {
                kept += [word, value]
            } else if word == name.first {
                name = name.dropFirst()
            } else {
                kept.append(word)
            }
            if name.isEmpty { return kept + rest }
        }
        return kept
    }

    private static func help(for words: [String], _ output: Output) throws -> ExitStatus {
        let plain = Self.plainWords(words)
        if words.last == "--help", let command = Self.find(words) {
            try output.lines(Help.command(command))
            return .done
        }
        let isKnown = plain.isEmpty || CommandTable.all.contains { $0.path.starts(with: plain) }
        if words.contains("--help") || words.contains("-h"), isKnown {
            try output.lines(Help.overview(CommandTable.all, group: plain))
            return .done
        }
        guard isKnown else {
            let given = plain.prefix(2).joined(separator: " ")
            let near = Suggestion.command(for: Array(plain.prefix(2)), in: CommandTable.all + Help.words)
            throw UsageError("unknown command: \(given); \(near.map { "did you mean \($0)?" } ?? "see ringctl --help")")
        }
        throw UsageError("which command? see ringctl \((plain + ["--help"]).joined(separator: " "))")
    }
}

/// Every command, in the order in which help lists them.
enum CommandTable {
    static let all: [Command] = [
        AuthCommands.all,
        AccountCommands.all,
        DeviceCommands.all,
        EventCommands.all,
        MediaCommands.all,
        ChimeCommands.all,
        WebhookCommands.all,
        NonceCommands.all,
        LiveCommands.all, LiveViewCommands.all, [LiveRecordCommand.command],
        DoctorCommand.all,
        StoreCommands.all,
        SimulatorCommands.all,
        TriggerCommands.all,
        LogCommands.all,
        [CompletionCommand.command { Self.all }],
    ].flatMap { $0 }
}
