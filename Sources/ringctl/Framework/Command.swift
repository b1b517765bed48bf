/// One command: what it is called, what it takes, and what it does.
struct Command: Sendable {
    /// The words that name it: `["auth", "exchange"]`.
    var path: [String]
    /// One line for the list of commands.
    var summary: String
    /// The arguments after the words, as help shows them: `ID -o FILE`.
    var usage = ""
    /// A paragraph for the command's own help.
    var detail = ""
    /// The flags of its own, beside the ones every command has.
    var flags: [Flag] = []
    /// The least and most positional arguments.
    var positionals: ClosedRange<Int> = 0...0
    /// What completes its first positional argument.
    var completes = Completion.nothing
    /// Whether it runs until it is told to stop, so that `--timeout` bounds nothing unless it is given.
    var runsUntilStopped = false
    /// Whether white space around the variables of this package is let pass; it is noted in the settings.
    var allowsBlanks = false
    /// What it does. Results go to the context's output; a failure is thrown.
    var run: @Sendable (CommandContext) async throws -> Void

    /// The words, joined: `auth exchange`.
    var name: String { self.path.joined(separator: " ") }
}

/// One flag of a command.
struct Flag: Sendable {
    /// Its spelling: `--at`, `-o`.
    var name: String
    /// What its value stands for in help; `nil` when it takes none.
    var value: String?
    /// One line of help.
    var help: String
    /// What completes its value.
    var completes = Completion.nothing
}

/// What can stand where a word is completed.
enum Completion: Sendable, Hashable {
    case nothing
    case file
    case folder
    /// A device, by its name.
    case device
    case words([String])
}
