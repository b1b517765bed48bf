import RingDevices
import RingJSONAPI
import RingPartner

/// `devices …`: what a device is, how it is, what it can do, how it is set up, where it is.
enum DeviceCommands {
    static let all: [Command] = [list, get] + parts

    private static let include = Flag(
        name: "--include", value: "PARTS", help: "status,capabilities,configurations,location, or all",
        completes: .words(["status", "capabilities", "configurations", "location", "all"]))
    private static let component = Flag(
        name: "--component", value: "C", help: "one lens of a multi-camera device")

    private static let list = Command(
        path: ["devices", "list"], summary: "all devices of the account", usage: "[--include PARTS]",
        detail:
            "Without --include people see status and capabilities; JSON has only what was included. A device that cannot be "
            + "read is left out with a warning; --verbose also shows what is new to this version.",
        flags: [include],
        run: { context in
            var parts = try Self.parts(context)
            if !context.settings.json, context.arguments["--include"] == nil { parts = [.status, .capabilities] }
            let list = try await RingDevicesClient(api: try await context.api()).list(include: parts)
            DeviceNames(context).remember(list.compactMap(\.name))
            if context.settings.json {
                for device in list { try context.output.object(DeviceOutput.json(device)) }
            } else {
                try context.output.table(DeviceOutput.table(Array(list), parts))
            }
        })

    private static let get = Command(
        path: ["devices", "get"], summary: "one device", usage: "ID [--include PARTS]", flags: [include],
        positionals: 1...1, completes: .device,
        run: { context in
            let parts = try Self.parts(context)
            let api = try await context.api()
            let id = try await context.device(api)
            let device = try await RingDevicesClient(api: api).device(id, include: parts)
            try DeviceOutput.print(DeviceOutput.json(device), to: context.output)
        })

    private static let parts: [Command] = [
        part("status", "whether a device can be reached, and what its sensors say", flags: []) { client, id, _ in
            try await client.status(of: id).attributes
        },
        part("capabilities", "what a device can do", flags: [component]) { client, id, component in
            try await client.capabilities(of: id, component: component).attributes
        },
        part("configurations", "how the user has set a device up", flags: [component]) { client, id, component in
            try await client.configurations(of: id, component: component).attributes
        },
        part("location", "the country and state a device is in", flags: []) { client, id, _ in
            guard let location = try await client.location(of: id) else {
                throw CommandFailure(.notFound, code: "location_not_found", "Ring has no location of this device")
            }
            return location.attributes
        },
    ]

    private static func part(
        _ name: String, _ summary: String, flags: [Flag],
        _ fetch: @escaping @Sendable (RingDevicesClient, RingDeviceID, RingComponentID?) async throws -> JSONAPIValue?
    ) -> Command {
        Command(
            path: ["devices", name], summary: summary, usage: flags.isEmpty ? "ID" : "ID [--component C]",
            flags: flags, positionals: 1...1, completes: .device,
            run: { context in
                let component = flags.isEmpty ? nil : context.arguments["--component"]
                let api = try await context.api()
                let id = try await context.device(api)
                let client = RingDevicesClient(api: api)
                let attributes = try await fetch(client, id, component.map { RingComponentID(rawValue: $0) })
                let members = DeviceOutput.members(attributes, except: ["id"])
                try DeviceOutput.print(.object([("id", .string(id.rawValue))] + members), to: context.output)
            })
    }

    private static func parts(_ context: CommandContext) throws -> Set<RingDeviceInclude> {
        var parts: Set<RingDeviceInclude> = []
        for word in context.arguments.list("--include") {
            let part = RingDeviceInclude(rawValue: word)
            if word == "all" {
                parts.formUnion(Set<RingDeviceInclude>.all)
            } else if Set<RingDeviceInclude>.all.contains(part) {
                parts.insert(part)
            } else {
                throw UsageError("--include takes status, capabilities, configurations, location, or all")
            }
        }
        return parts
    }
}
