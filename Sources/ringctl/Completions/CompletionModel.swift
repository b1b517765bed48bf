/// The table of commands as the scripts need it.
struct CompletionModel {
    struct Word {
        var word: String
        var summary: String
    }

    /// The words that follow the words of a command or a group, by these: `""`, `auth`.
    private(set) var next: [(path: String, words: [Word])] = []
    /// The flags that each command takes, by its words; those of every command by `""`.
    private(set) var flags: [(path: String, flags: [Flag])] = []
    /// What the arguments of commands are, where that is known.
    private(set) var arguments: [(path: String, completion: Completion)] = []

    init(_ commands: [Command]) {
        var words: [String: [Word]] = [:]
        var order: [String] = []
        func add(_ word: Word, to path: String) {
            if words[path] == nil { order.append(path) }
            if words[path]?.contains(where: { $0.word == word.word }) != true { words[path, default: []].append(word) }
        }
        for command in commands {
            for length in 1...command.path.count {
                let isWhole = length == command.path.count
                let group = commands.filter {
                    $0.path.starts(with: command.path.prefix(length)) && $0.path.count > length
                }
                let summary = isWhole ? command.summary : group.compactMap(\.path.last).joined(separator: ", ")
                add(
                    Word(word: command.path[length - 1], summary: summary),
                    to: command.path.prefix(length - 1).joined(separator: " "))
            }
            self.flags.append((command.name, command.flags))
            if command.completes != .nothing { self.arguments.append((command.name, command.completes)) }
        }
        self.flags.append(("", Settings.flags))
        self.next = order.map { ($0, words[$0] ?? []) }
    }

    /// The flags of every command.
    var commonFlags: [Flag] { self.flags.last?.flags ?? [] }

    /// The commands that have flags of their own, with these.
    var ownFlags: [(path: String, flags: [Flag])] { self.flags.filter { !$0.path.isEmpty && !$0.flags.isEmpty } }

    /// Every flag that takes a value, whose next word is none of the command's.
    var valued: [String] {
        Set(self.flags.flatMap(\.flags).filter { $0.value != nil }.map(\.name)).sorted()
    }

    /// Every sequence of words that is a command or a group.
    var paths: [String] {
        self.next.flatMap { path, words in words.map { path.isEmpty ? $0.word : "\(path) \($0.word)" } }
    }

    /// The values of flags, by what completes them: `clip download --codec` for a flag of one command, `* --store` for one
    /// of all.
    var values: [(completion: Completion, flags: [String])] {
        var order: [Completion] = []
        var found: [Completion: [String]] = [:]
        for (path, flags) in self.flags {
            for flag in flags where flag.completes != .nothing {
                if found[flag.completes] == nil { order.append(flag.completes) }
                found[flag.completes, default: []].append("\(path.isEmpty ? "*" : path) \(flag.name)")
            }
        }
        return order.map { ($0, found[$0] ?? []) }
    }
}

extension String {
    /// In single quotes, as all three shells read it.
    var shellQuoted: String { "'" + self.replacing("'", with: #"'\''"#) + "'" }
}
