import FoundationEssentials
import RingPartner

/// `logs`: the journal of a simulator.
enum LogCommands {
    static let all = [
        Command(
            path: ["logs"], summary: "the simulator's journal of requests",
            usage: "[--status S] [--path P] [--account A]", flags: Self.flags, run: { try await Self.list($0) }),
        Command(
            path: ["logs", "tail"], summary: "the last requests of the simulator, and those that come",
            usage: "[--status S] [--path P] [--account A]", flags: Self.flags, runsUntilStopped: true,
            run: { try await Self.tail($0) }),
    ]

    private static let flags = [
        Flag(name: "--status", value: "S", help: "404, 4xx, 0 for a closed connection, or several with commas"),
        Flag(name: "--path", value: "P", help: "a path, a part of one, or a pattern with *"), SimulatorControl.flag,
    ]

    private static func filter(_ context: CommandContext) throws -> [(String, String?)] {
        let status = context.arguments["--status"]
        for word in (status ?? "").split(separator: ",", omittingEmptySubsequences: false) where status != nil {
            let isClass = word.count == 3 && word.lowercased().hasSuffix("xx") && "12345".contains(word.prefix(1))
            guard isClass || Int(word).map({ $0 == 0 || (100...599).contains($0) }) == true else {
                throw UsageError("--status takes 404, 4xx, 0 for no response, or several with commas")
            }
        }
        // Of a flag alone: RING_ACCOUNT is set for other commands.
        return [
            ("status", status), ("path", context.arguments["--path"]), ("account", context.arguments["--account"]),
        ]
    }

    private static func list(_ context: CommandContext) async throws {
        let filter = try Self.filter(context)
        let last = try await Self.print(after: 0, filter, SimulatorControl(context), context)
        guard last == 0, !context.output.json else { return }
        let isFiltered = filter.contains { $0.1 != nil }
        context.output.remark("the simulator has had no requests" + (isFiltered ? " that match" : " yet"))
    }

    private static func tail(_ context: CommandContext) async throws {
        let filter = try Self.filter(context)
        let control = try SimulatorControl(context)
        var version = try await Self.version(control)
        let last = try await control.get(["journal"], [("before", String(Int.max)), ("limit", "10")] + filter)
        var after: Int64 = 0
        for record in last["requests"]?.elements ?? [] { after = max(after, try Self.print(record, context)) }
        while !Task.isCancelled {
            // What was recorded since the version was read counts as a change.
            after = try await Self.print(after: after, filter, control, context)
            let change = try await control.get(["changes"], [("after", String(version)), ("timeout_ms", "30000")])
            version = change["version"]?.int64 ?? version
        }
    }

    private static func version(_ control: SimulatorControl) async throws -> Int64 {
        try await control.get(["changes"], [("timeout_ms", "0")])["version"]?.int64 ?? 0
    }

    /// Prints what comes after a record.
    ///
    /// - Returns: The number of the last record.
    private static func print(
        after: Int64, _ filter: [(String, String?)], _ control: SimulatorControl, _ context: CommandContext
    ) async throws -> Int64 {
        var after = after
        while true {
            let page = try await control.get(["journal"], [("after", String(after)), ("limit", "1000")] + filter)
            let records = page["requests"]?.elements ?? []
            let before = after
            for record in records { after = max(after, try Self.print(record, context)) }
            guard records.count == 1000, after > before else { return after }
        }
    }

    private static func print(_ record: JSONAPIValue, _ context: CommandContext) throws -> Int64 {
        guard let number = record["number"]?.int64 else { throw SimulatorControl.unreadable }
        let time = record["time"]?.int64.map { Date(timeIntervalSince1970: Double($0) / 1_000) }
        let query = record["query"]?.string.map { "?\($0)" } ?? ""
        let words = [
            time.map { JSONAPITime.format($0, fractionDigits: 3) }, record["origin"]?.string, record["method"]?.string,
            record["path"]?.string.map { $0 + query }, record["status"]?.int64.map { $0 == 0 ? "closed" : String($0) },
            record["duration_ms"]?.double.flatMap { Int(exactly: $0.rounded()) }.map { "\($0) ms" },
            record["account"]?.string,
        ]
        try context.output.result(.value(record), text: words.compactMap { $0 }.joined(separator: " "))
        return number
    }
}
