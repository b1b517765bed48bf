internal import RingCore
internal import RingJSONAPI

extension RingSimulatorAccount {
    enum Member: String, CaseIterable {
        case id, email, state, subscriptions, devices
        case firstName = "first_name"
        case lastName = "last_name"
        case phoneNumber = "phone_number"
    }

    enum ListMember: String, CaseIterable {
        case count, each
    }

    static let maximumCount = 100_000

    /// A list of accounts, or a number of accounts that are alike.
    static func list(_ value: JSONAPIValue) throws(RingSimulatorError) -> [Self] {
        guard value.kind == .object else {
            guard value.kind == .array else { throw .invalid(value, "an array or an object is needed") }
            return try value.list { value throws(RingSimulatorError) in try .init(value) }
        }
        var count: Int?
        var pattern = Self(phoneNumber: nil)
        for (member, value) in try value.members(as: ListMember.self) {
            switch member {
            case .count: count = try value.neededCount(upTo: Self.maximumCount)
            case .each: pattern = try .init(value)
            }
        }
        guard let count else { throw .invalid(value, "the member count is missing") }
        let ids = [pattern.id.rawValue] + pattern.devices.map(\.id.rawValue)
        if count > 1, ids.contains(where: { !$0.isEmpty && !$0.contains("{n}") }) {
            throw .invalid(value, "an id of many accounts needs {n}, which stands for the number of the account")
        }
        return (0..<count).map { pattern.numbered($0 + 1) }
    }

    /// The account with a number in place of `{n}`.
    private func numbered(_ number: Int) -> Self {
        func text(_ text: String) -> String {
            text.contains("{n}") ? text.replacing("{n}", with: String(number)) : text
        }
        var account = self
        account.id = RingAccountID(rawValue: text(self.id.rawValue))
        (account.firstName, account.lastName) = (text(self.firstName), text(self.lastName))
        account.email = text(self.email)
        account.phoneNumber = self.phoneNumber.map { text($0) }
        for index in account.devices.indices {
            account.devices[index].id = RingDeviceID(rawValue: text(account.devices[index].id.rawValue))
            account.devices[index].name = text(account.devices[index].name)
        }
        return account
    }

    init(_ account: JSONAPIValue) throws(RingSimulatorError) {
        self.init(phoneNumber: nil)
        for (member, value) in try account.members(as: Member.self) {
            switch member {
            case .id: self.id = RingAccountID(rawValue: try value.needed(value.string, "a string"))
            case .email: self.email = try value.needed(value.string, "a string")
            case .firstName: self.firstName = try value.needed(value.string, "a string")
            case .lastName: self.lastName = try value.needed(value.string, "a string")
            case .phoneNumber:
                self.phoneNumber = value.isNull ? nil : try value.needed(value.string, "a string or null")
            case .state: self.state = try value.word()
            case .subscriptions: self.subscriptionCount = try value.neededCount()
            case .devices:
                var number = 0
                self.devices = try value.list { value throws(RingSimulatorError) in
                    number += 1
                    return try RingSimulatorDevice(value, number: number)
                }
            }
        }
    }
}

extension RingSimulatorDevice {
    enum Member: String, CaseIterable {
        case id, kind, name, online
        case linePowered = "line_powered"
        case motionZones = "motion_zones"
        case privacyZones = "privacy_zones"
    }

    init(_ device: JSONAPIValue, number: Int) throws(RingSimulatorError) {
        self.init(kind: .camera, name: "Device \(number)")
        var hasKind = false
        for (member, value) in try device.members(as: Member.self) {
            switch member {
            case .id: self.id = RingDeviceID(rawValue: try value.needed(value.string, "a string"))
            case .kind: (self.kind, hasKind) = (try value.word(), true)
            case .name: self.name = try value.needed(value.string, "a string")
            case .online: self.isOnline = try value.needed(value.bool, "true or false")
            case .linePowered: self.isLinePowered = try value.needed(value.bool, "true or false")
            case .motionZones:
                self.motionZones = try value.list { value throws(RingSimulatorError) in try .init(value) }
            case .privacyZones:
                self.privacyZones = try value.list { value throws(RingSimulatorError) in try .init(value) }
            }
        }
        if !self.kind.hasVideo, self.motionZones != nil || self.privacyZones != nil {
            throw .invalid(device, "a device without a camera has no zones")
        }
        if !hasKind { throw .invalid(device, "the member kind is missing") }
    }
}

extension RingSimulatorEvent {
    enum Member: String, CaseIterable {
        case type, device, account
        case subType = "sub_type"
        case componentIDs = "component_ids"
        case recordingMilliseconds = "recording_ms"
        case afterMilliseconds = "after_ms"
    }

    init(_ event: JSONAPIValue) throws(RingSimulatorError) {
        self.init(type: "")
        for (member, value) in try event.members(as: Member.self) {
            switch member {
            case .type: self.type = try value.needed(value.string, "a string")
            case .device: self.device = RingDeviceID(rawValue: try value.needed(value.string, "a string"))
            case .account: self.account = RingAccountID(rawValue: try value.needed(value.string, "a string"))
            case .subType: self.subType = try value.needed(value.string, "a string")
            case .recordingMilliseconds: self.recording = .milliseconds(try value.neededCount())
            case .afterMilliseconds: self.delay = .milliseconds(try value.neededCount())
            case .componentIDs:
                self.componentIDs = try value.list { value throws(RingSimulatorError) in
                    try value.needed(value.string, "a string")
                }
            }
        }
        if self.type.isEmpty { throw .invalid(event, "the member type is missing") }
    }
}

extension RingSimulatorDevice.Zone {
    enum Member: String, CaseIterable {
        case id, vertices
    }

    enum PointMember: String, CaseIterable {
        case x, y
    }

    static let vertexCounts = 3...64

    init(_ zone: JSONAPIValue) throws(RingSimulatorError) {
        self.init(vertices: [])
        for (member, value) in try zone.members(as: Member.self) {
            switch member {
            case .id: self.id = try value.needed(value.string, "a string")
            case .vertices:
                self.vertices = try value.list { point throws(RingSimulatorError) in
                    var vertex = RingSimulatorDevice.Vertex(x: -1, y: -1)
                    for (member, value) in try point.members(as: PointMember.self) {
                        let number = try value.needed(
                            value.double.flatMap { (0...1).contains($0) ? $0 : nil }, "a number from 0 to 1")
                        switch member {
                        case .x: vertex.x = number
                        case .y: vertex.y = number
                        }
                    }
                    guard vertex.x >= 0, vertex.y >= 0 else { throw .invalid(point, "x and y are needed") }
                    return vertex
                }
            }
        }
        guard Self.vertexCounts.contains(self.vertices.count) else {
            throw .invalid(zone, "a zone needs from 3 to 64 vertices")
        }
    }
}

extension ScenarioStep {
    enum Member: String, CaseIterable {
        case event, switches, unlink, state, count
        case afterMilliseconds = "after_ms"
        case everyMilliseconds = "every_ms"
        case eachAccount = "each_account"
    }

    /// Of an account whose integration is removed or changed.
    enum AccountMember: String, CaseIterable {
        case account, state
    }

    static let maximumCount = 1_000_000

    init(_ step: JSONAPIValue) throws(RingSimulatorError) {
        self.init(action: .switches("{}"), delay: .zero)
        var actions = 0
        var isEverywhere = false
        for (member, value) in try step.members(as: Member.self) {
            switch member {
            case .afterMilliseconds: self.delay = .milliseconds(try value.neededCount())
            case .everyMilliseconds: self.interval = .milliseconds(try value.neededCount())
            case .count: self.count = try value.neededCount(upTo: Self.maximumCount)
            case .eachAccount: isEverywhere = try value.needed(value.bool, "true or false")
            case .event:
                self.action = .event(try .init(value))
                actions += 1
            case .switches:
                var checked = RingSimulatorSwitches()
                try checked.apply(value)
                self.action = .switches(value.text)
                actions += 1
            case .unlink, .state:
                let (account, state) = try Self.account(value)
                if member == .unlink, state != nil { throw .invalid(value, "unlink has no state") }
                if member == .state, state == nil { throw .invalid(value, "the member state is missing") }
                self.action = state.map { .state($0, account) } ?? .unlink(account)
                actions += 1
            }
        }
        guard actions == 1 else { throw .invalid(step, "exactly one of event, switches, unlink and state is needed") }
        guard isEverywhere else { return }
        guard case .event(let event) = self.action, event.account == nil else {
            throw .invalid(step, "each_account needs an event without an account")
        }
        self.action = .everywhere(event)
    }

    private static func account(
        _ value: JSONAPIValue
    ) throws(RingSimulatorError) -> (RingAccountID, RingSimulatorAccount.State?) {
        var account: RingAccountID = ""
        var state: RingSimulatorAccount.State?
        for (member, value) in try value.members(as: AccountMember.self) {
            switch member {
            case .account: account = RingAccountID(rawValue: try value.needed(value.string, "a string"))
            case .state: state = try value.word()
            }
        }
        return (account, state)
    }
}
