import FoundationEssentials
import RingDevices
import RingJSONAPI
import RingPartner

/// `events …`: a device's history.
enum EventCommands {
    static let all: [Command] = [list]

    private static let list = Command(
        path: ["events", "list"], summary: "a device's history, newest first",
        usage: "ID [--types motion.human,ding] [--since T] [--until T] [--limit N]",
        detail:
            "Times are epoch milliseconds, ISO 8601, or relative such as -10m; both ends count. Filters are sent to "
            + "Ring and applied once more to its responses.",
        flags: [
            Flag(name: "--types", value: "TYPES", help: "motion, ding, on_demand, motion.human …, any of them"),
            Flag(name: "--since", value: "T", help: "the earliest start"),
            Flag(name: "--until", value: "T", help: "the latest start"),
            Flag(name: "--limit", value: "N", help: "how many at most"),
        ],
        positionals: 1...1, completes: .device,
        run: { context in
            let query = try Self.query(context)
            let api = try await context.api()
            let events = RingDevicesClient(api: api).history(of: try await context.device(api), query)
            var table = Table("START", "LENGTH", "TYPE", "REVIEWED", "ID")
            var iterator = events.makeAsyncIterator()
            do {
                while let event = try await iterator.next() {
                    if context.settings.json {
                        try context.output.object(Self.json(event))
                    } else {
                        table.add(Self.row(event))
                        context.output.progress("\(table.rows.count) events …")
                    }
                }
            } catch {
                // What came before the failure stays.
                if !table.rows.isEmpty { try context.output.table(table) }
                throw error
            }
            if iterator.end == .repeatedLink { context.output.repeatedLink() }
            context.output.endProgress()
            if !context.settings.json { try context.output.table(table) }
        })

    private static func query(_ context: CommandContext) throws -> RingHistoryQuery {
        let now = context.environment.clock.now()
        func moment(_ flag: String) throws -> Date? {
            try context.arguments[flag].map { try TimeArguments.moment($0, flag: flag, now: now) }
        }
        return RingHistoryQuery(
            types: context.arguments.list("--types").map { RingHistoryFilter(rawValue: $0) },
            since: try moment("--since"), until: try moment("--until"),
            limit: try context.arguments.integer("--limit", in: 1...Int.max))
    }

    private static func json(_ event: RingHistoryEvent) -> JSONAPILiteral {
        var members: [(String, JSONAPILiteral)] = [
            ("id", .string(event.id.rawValue)), ("event_type", .string(event.kind.historyType)),
            ("start", .int(event.start.epochMilliseconds)),
            ("end", event.end.map { .int($0.epochMilliseconds) } ?? .null),
            ("is_third_party_reviewed", event.isThirdPartyReviewed.map { .bool($0) } ?? .null),
            ("device_id", .string(event.device.rawValue)),
        ]
        if let subType = event.subType { members.append(("sub_type", .string(subType.rawValue))) }
        return .object(members)
    }

    private static func row(_ event: RingHistoryEvent) -> [String] {
        let type = event.kind.historyType + (event.subType.map { ".\($0.rawValue)" } ?? "")
        let length = event.length.map { "\($0.components.seconds) s" } ?? ""
        return [
            JSONAPITime.format(event.start), length, type, event.isThirdPartyReviewed == true ? "yes" : "",
            event.id.rawValue,
        ]
    }
}
