import FoundationEssentials
import RingPartner

/// `completions`.
enum CompletionCommand {
    /// - Parameter commands: All commands, this one included.
    static func command(_ commands: @escaping @Sendable () -> [Command]) -> Command {
        Command(
            path: ["completions"], summary: "print the completion script of a shell", usage: "bash|zsh|fish",
            detail: """
                bash: source <(ringctl completions bash). zsh: ringctl completions zsh > a file _ringctl in $fpath.
                fish: ringctl completions fish > ~/.config/fish/completions/ringctl.fish. Devices are completed by their names,
                which are kept for five minutes in ringctl/devices under $XDG_CACHE_HOME, without anything secret.
                """,
            positionals: 1...1, completes: .words(["bash", "zsh", "fish"]),
            run: { context in
                let shell = try context.arguments.positional(0, "the shell")
                let model = CompletionModel(commands() + Help.words)
                switch shell {
                case "bash": try context.output.script(CompletionScripts.bash(model))
                case "zsh": try context.output.script(CompletionScripts.zsh(model))
                case "fish": try context.output.script(CompletionScripts.fish(model))
                // What the scripts run: no word for people.
                case "devices": try await context.output.lines(DeviceNames(context).completions())
                default: throw UsageError("completions takes bash, zsh or fish")
                }
            })
    }
}
