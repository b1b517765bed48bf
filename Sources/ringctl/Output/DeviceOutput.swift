import RingDevices
import RingJSONAPI
import RingPartner

/// Devices for programs, with every attribute the server sent, and for people.
enum DeviceOutput {
    /// `{"id", …the device's attributes, "status":{…}, …}`, only what was included.
    static func json(_ device: RingDevice) -> JSONAPILiteral {
        var parts: [(String, JSONAPILiteral)] = []
        func add(_ name: String, _ isThere: Bool, _ attributes: JSONAPIValue?) {
            if isThere { parts.append((name, attributes.map { .value($0) } ?? .object([]))) }
        }
        add("status", device.status != nil, device.status?.attributes)
        add("capabilities", device.capabilities != nil, device.capabilities?.attributes)
        add("configurations", device.configurations != nil, device.configurations?.attributes)
        add("location", device.location != nil, device.location?.attributes)
        let attributes = self.members(device.attributes, except: ["id"] + parts.map(\.0))
        return .object([("id", .string(device.id.rawValue))] + attributes + parts)
    }

    /// An object's members as they were received, but for names that mean something else here.
    static func members(_ value: JSONAPIValue?, except names: [String]) -> [(String, JSONAPILiteral)] {
        value?.members.filter { !names.contains($0.name) }.map { ($0.name, .value($0.value)) } ?? []
    }

    /// A line of JSON for programs, a table of names and values for people.
    ///
    /// - Throws: `CommandFailure` when it cannot be written.
    static func print(_ object: JSONAPILiteral, to output: Output) throws {
        guard !output.json, let value = try? JSONAPIValue(parsing: object.bytes) else {
            return try output.object(object)
        }
        var table = Table("NAME", "VALUE")
        self.flatten(value, "", into: &table)
        try output.table(table)
    }

    /// One row a value, its name dotted; arrays as they were received.
    private static func flatten(_ value: JSONAPIValue, _ name: String, into table: inout Table) {
        var pending = [(name: name, value: value)]
        while let (name, value) = pending.popLast() {
            if value.kind == .object, value.count > 0 {
                pending += value.members.map { (name.isEmpty ? $0.name : "\(name).\($0.name)", $0.value) }.reversed()
            } else if !value.isNull {
                table.add([name, value.string ?? JSONAPILiteral.value(value).line])
            }
        }
    }

    /// What a person looks for first; the columns that the included parts can fill.
    static func table(_ devices: [RingDevice], _ parts: Set<RingDeviceInclude>) -> Table {
        var columns: [(title: String, cell: (RingDevice) -> String)] = [("NAME", { $0.name ?? "–" })]
        if parts.contains(.capabilities) || parts.contains(.status) {
            columns.append(("KIND", { $0.likelyKind.rawValue }))
        }
        if parts.contains(.status) {
            columns.append(("STATE", { self.state($0) }))
            columns.append(("BATTERY", { self.battery($0) }))
        }
        if parts.contains(.capabilities) {
            columns.append(("VIDEO", { $0.capabilities?.video?.maximumHeight.map { "\($0)p" } ?? "" }))
        }
        if parts.contains(.configurations) {
            columns.append(("MOTION", { self.onOff($0.configurations?.motion?.isEnabled) }))
            columns.append(("ENCRYPTED", { $0.isEncrypted.map { $0 ? "yes" : "no" } ?? "" }))
        }
        if parts.contains(.location) {
            columns.append(
                ("PLACE", { [$0.location?.state, $0.location?.country].compactMap { $0 }.joined(separator: ", ") }))
        }
        columns.append(("ID", { $0.id.rawValue }))
        var table = Table("")
        table.header = columns.map(\.title)
        for device in devices { table.add(columns.map { $0.cell(device) }) }
        return table
    }

    private static func state(_ device: RingDevice) -> String {
        switch device.reachability.state {
        case .online: "online"
        case .offline: "offline"
        case .neverReported: "never reported"
        case .unknown: ""
        }
    }

    private static func battery(_ device: RingDevice) -> String {
        guard let battery = device.status?.battery else { return "" }
        return battery.isOnMains ? "mains" : battery.percentage.map { "\($0) %" } ?? ""
    }

    private static func onOff(_ isOn: Bool?) -> String { isOn.map { $0 ? "on" : "off" } ?? "" }
}
