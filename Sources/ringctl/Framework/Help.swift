/// The texts of `--help`.
enum Help {
    static let version = "ringctl 0.2.0"

    /// The list of all commands, or of one group's.
    static func overview(_ commands: [Command], group: [String] = []) -> [String] {
        let listed = commands.filter { Array($0.path.prefix(group.count)) == group }
        let width = listed.map(\.name.count).max() ?? 0
        var lines = ["Usage: ringctl \((group + ["COMMAND"]).joined(separator: " ")) [arguments]", "", "Commands:"]
        for command in listed {
            let pad = String(repeating: " ", count: width - command.name.count + 2)
            lines.append("  \(command.name)\(pad)\(command.summary)")
        }
        lines += ["", "Settings of every command:"] + Self.flags(Settings.flags.filter { $0.name != "-h" })
        lines += [
            "", "Secrets come from the environment alone: RING_CLIENT_ID, RING_CLIENT_SECRET, RING_HMAC_KEY,",
            "RING_ACCESS_TOKEN (used as it is), RING_REFRESH_TOKEN (seeds the store once).",
        ]
        return lines
    }

    /// One command's own text.
    static func command(_ command: Command) -> [String] {
        var lines = ["Usage: ringctl \(command.name)\(command.usage.isEmpty ? "" : " ")\(command.usage)", ""]
        lines.append(command.summary)
        if !command.detail.isEmpty { lines += [""] + command.detail.split(separator: "\n").map(String.init) }
        if !command.flags.isEmpty { lines += ["", "Flags:"] + Self.flags(command.flags) }
        lines += ["", "Settings of every command:"] + Self.flags(Settings.flags.filter { $0.name != "-h" })
        return lines
    }

    private static func flags(_ flags: [Flag]) -> [String] {
        let names = flags.map { "\($0.name)\($0.value.map { " \($0)" } ?? "")" }
        let width = names.map(\.count).max() ?? 0
        return zip(names, flags).map { name, flag in
            "  \(name)\(String(repeating: " ", count: width - name.count + 2))\(flag.help)"
        }
    }
}
