import FoundationEssentials
import RingPartner

/// `trigger` and `events resend`: what happens in a simulator.
enum TriggerCommands {
    static let all = [
        Command(
            path: ["trigger"], summary: "make an event happen in the simulator",
            usage: "EVENT [--device ID-or-name] [--set k=v] [--at T] [--count N]",
            detail: """
                EVENT is motion, ding, or any webhook type such as flood_detected. --set sets a member of the event:
                sub_type=human, recording_ms=5000. Times are those of the simulator's clock, and past.
                """,
            flags: [
                Flag(name: "--device", value: "ID", help: "the device, by its id or its name", completes: .device),
                Flag(name: "--set", value: "k=v", help: "a member of the event; may be repeated"),
                Flag(name: "--at", value: "T", help: "when it happened; now"),
                Flag(name: "--count", value: "N", help: "how many events; 1"), SimulatorControl.flag,
            ],
            positionals: 1...1, completes: .words(["motion", "ding"]), run: { try await Self.trigger($0) }),
        Command(
            path: ["events", "resend"], summary: "deliver a webhook of the simulator again", usage: "ID",
            detail: "ID is an event's id, a webhook's request id, or the number of a delivery.",
            flags: [SimulatorControl.flag], positionals: 1...1, run: { try await Self.resend($0) }),
    ]

    private static let shortNames = ["motion": "motion_detected", "ding": "button_press", "press": "button_press"]

    private static func trigger(_ context: CommandContext) async throws {
        let word = try context.arguments.positional(0, "EVENT").replacing("-", with: "_")
        var members: [(String, JSONAPILiteral)] = [("type", .string(Self.shortNames[word] ?? word))]
        for text in context.arguments.all("--set") {
            let pair = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            guard pair.count == 2, !pair[0].isEmpty else { throw UsageError("--set takes k=v, such as sub_type=human") }
            guard !["type", "device", "at_ms"].contains(pair[0]) else {
                throw UsageError("--set \(pair[0]): use the command's own arguments for it")
            }
            members.removeAll { $0.0 == pair[0] }
            members.append((pair[0], Self.value(pair[1])))
        }
        let count = try context.arguments.integer("--count", in: 1...100_000) ?? 1
        let control = try SimulatorControl(context)
        if let name = context.arguments["--device"] {
            members.append(("device", .string(try await Self.device(name, control))))
        }
        if let text = context.arguments["--at"] {
            guard let now = try await control.get(["clock"])["now"]?.int64 else { throw SimulatorControl.unreadable }
            let present = Date(timeIntervalSince1970: Double(now) / 1_000)
            let moment = try TimeArguments.moment(text, flag: "--at", now: present)
            guard moment <= present else { throw UsageError("--at is in the future of the simulator's clock") }
            members.append(("at_ms", .int(moment.epochMilliseconds)))
        }
        for _ in 0..<count { try await Self.make(members, control, context) }
    }

    /// A number, `true`, `false`, `null` and a JSON array or object as such; everything else is a text.
    private static func value(_ text: String) -> JSONAPILiteral {
        guard let value = try? JSONAPIValue(parsing: text), value.kind != .string else { return .string(text) }
        return .value(value)
    }

    /// The id of a device by its id or its name.
    private static func device(_ name: String, _ control: SimulatorControl) async throws -> String {
        let accounts = try await control.get(["state"])["accounts"]?.elements ?? []
        let devices = accounts.flatMap { ($0["devices"]?.elements ?? []) + ($0["removed_devices"]?.elements ?? []) }
        for member in ["id", "name"] {
            let found = devices.filter { $0[member]?.string == name }.compactMap { $0["id"]?.string }
            guard found.count <= 1 else {
                throw UsageError("--device: \(found.count) devices have this name; use an id")
            }
            if let id = found.first { return id }
        }
        let known = devices.compactMap { $0["name"]?.string }.prefix(20).joined(separator: ", ")
        throw CommandFailure(.notFound, code: "device_not_found", "the simulator has no such device; it has \(known)")
    }

    private static func make(
        _ members: [(String, JSONAPILiteral)], _ control: SimulatorControl, _ context: CommandContext
    ) async throws {
        let result = try await control.post(["events"], .object(members))
        if let reason = result["not_reported"]?.string { context.output.remark("no webhook was sent: \(reason)") }
        for number in result["deliveries"]?.elements.compactMap(\.int64) ?? [] {
            let delivery = try await control.delivery(number, attemptsAbove: 0)
            try context.output.result(delivery.literal, text: delivery.text)
        }
    }

    private static func resend(_ context: CommandContext) async throws {
        let id = try context.arguments.positional(0, "ID")
        let control = try SimulatorControl(context)
        let found = try await Self.delivery(id, control)
        _ = try await control.post(["deliveries", String(found.number), "send"])
        let delivery = try await control.delivery(found.number, attemptsAbove: found.statuses.count)
        try context.output.result(delivery.literal, text: delivery.text)
    }

    private static func delivery(_ id: String, _ control: SimulatorControl) async throws -> SimulatorControl.Delivery {
        if let number = Int64(id) {
            guard let delivery = SimulatorControl.Delivery(try await control.get(["deliveries", String(number)])) else {
                throw SimulatorControl.unreadable
            }
            return delivery
        }
        var after: Int64 = 0
        var found: SimulatorControl.Delivery?
        while true {
            let page = try await control.get(["deliveries"], [("after", String(after)), ("limit", "1000")])
            let deliveries = page["deliveries"]?.elements.compactMap(SimulatorControl.Delivery.init) ?? []
            found = deliveries.last { $0.requestID == id || $0.eventID == id } ?? found
            guard let last = deliveries.last, last.number > after else { break }
            after = last.number
        }
        guard let found else {
            throw CommandFailure(.notFound, code: "event_not_found", "the simulator has no webhook with this id")
        }
        return found
    }
}
