/// The texts of `--help`.
enum Help {
    static let version = "0.2.0"

    /// The words that stand for flags.
    static let words = [
        Command(path: ["help"], summary: "this text, or that of a command", usage: "[COMMAND]", run: { _ in }),
        Command(path: ["version"], summary: "the version", run: { _ in }),
    ]

    private static let environment = [
        "", "Environment:",
        "  RING_CLIENT_ID, RING_CLIENT_SECRET  the app's credentials, for commands that obtain or refresh tokens",
        "  RING_HMAC_KEY                       the app's HMAC key, for webhooks and nonces",
        "  RING_SEALING_KEYS                   encrypts what the store holds",
        "  RING_ACCESS_TOKEN                   a token that is used as it is, and neither stored nor refreshed",
        "  RING_REFRESH_TOKEN                  seeds the store once",
        "  NO_COLOR                            no colour",
        "Secrets have no flag: it would show in the list of processes.",
        "", "The default store is ringctl/ring.sqlite in $XDG_STATE_HOME, else in ~/.local/state.",
        "A device is named by its id or its name.",
        "", "Exit status:",
        "  0  done                              5  still rate limited after the waiting that --timeout allows",
        "  1  the server failed, or the result  6  no media: nothing recorded, not ready, damaged, before consent",
        "     could not be written              7  verification failed: signature or nonce",
        "  2  usage                             8  network: unreachable, TLS, timed out",
        "  3  not authorised                    130, 143  ended by SIGINT, SIGTERM",
        "  4  not found",
    ]

    /// The list of all commands, or of one group's.
    static func overview(_ commands: [Command], group: [String] = []) -> [String] {
        let listed = (group.isEmpty ? Self.words + commands : commands).filter {
            Array($0.path.prefix(group.count)) == group
        }
        let width = listed.map(\.name.count).max() ?? 0
        var lines = ["Usage: ringctl \((group + ["COMMAND"]).joined(separator: " ")) [arguments]", "", "Commands:"]
        for command in listed {
            let pad = String(repeating: " ", count: width - command.name.count + 2)
            lines.append("  \(command.name)\(pad)\(command.summary)")
        }
        lines += ["", "Settings of every command:"] + Self.flags(Settings.flags.filter { $0.name != "-h" })
        return lines + Self.environment
    }

    /// One command's own text.
    static func command(_ command: Command) -> [String] {
        var lines = ["Usage: ringctl \(command.name)\(command.usage.isEmpty ? "" : " ")\(command.usage)", ""]
        lines.append(command.summary)
        for paragraph in command.detail.split(separator: "\n\n") { lines += [""] + Self.wrapped(paragraph) }
        if !command.flags.isEmpty { lines += ["", "Flags:"] + Self.flags(command.flags) }
        lines += ["", "Settings of every command:"] + Self.flags(Settings.flags.filter { $0.name != "-h" })
        return lines
    }

    private static func flags(_ flags: [Flag]) -> [String] {
        let names = flags.map { "\($0.name)\($0.value.map { " \($0)" } ?? "")" }
        let width = names.map(\.count).max() ?? 0
        return zip(names, flags).flatMap { name, flag in
            let lines = Self.wrapped(flag.help, to: Self.width - width - 4)
            let first = "  \(name)\(String(repeating: " ", count: width - name.count + 2))\(lines[0])"
            return [first] + lines.dropFirst().map { String(repeating: " ", count: width + 4) + $0 }
        }
    }

    private static let width = 100

    /// The words of a text in lines of a width; a longer word has a line of its own.
    private static func wrapped(_ text: some StringProtocol, to width: Int = Self.width) -> [String] {
        var lines: [String] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = "\(last) \(word)"
            } else {
                lines.append(String(word))
            }
        }
        return lines.isEmpty ? [""] : lines
    }
}
