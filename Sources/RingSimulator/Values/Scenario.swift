internal import RingCore
internal import RingJSONAPI

/// A scenario file: an unknown member, a missing one or a value of the wrong kind is an error at every depth.
extension RingSimulatorConfiguration {
    private enum Member: String, CaseIterable {
        case seed, port, speed, client, switches, accounts, events
        case shortIDs = "short_ids"
        case webhookURL = "webhook_url"
        case tokenExchangeURL = "token_exchange_url"
        case accountLinkURL = "account_link_url"
        case redirectURI = "redirect_uri"
    }

    private enum ClientMember: String, CaseIterable {
        case id, secret
        case hmacKey = "hmac_key"
    }

    mutating func apply(_ scenario: JSONAPIValue) throws(RingSimulatorError) {
        for (member, value) in try scenario.members(as: Member.self) {
            switch member {
            case .seed: self.seed = UInt64(bitPattern: try value.needed(value.int64, "an integer"))
            case .port: self.port = try value.neededCount()
            case .speed:
                self.speed = try value.needed(
                    value.double.flatMap { $0 > 0 && $0 <= 1e6 ? $0 : nil }, "a number above 0")
            case .shortIDs: self.usesShortIDs = try value.needed(value.bool, "true or false")
            case .webhookURL: self.webhookURL = try value.needed(value.string, "a string")
            case .tokenExchangeURL: self.tokenExchangeURL = try value.needed(value.string, "a string")
            case .accountLinkURL: self.accountLinkURL = try value.needed(value.string, "a string")
            case .redirectURI: self.redirectURI = try value.needed(value.string, "a string")
            case .switches: try self.switches.apply(value)
            case .accounts: self.accounts = try value.list { value throws(RingSimulatorError) in try .init(value) }
            case .events: self.events = try value.list { value throws(RingSimulatorError) in try .init(value) }
            case .client:
                for (member, value) in try value.members(as: ClientMember.self) {
                    let text = try value.needed(value.string, "a string")
                    switch member {
                    case .id: self.clientID = text
                    case .secret: self.clientSecret = text
                    case .hmacKey: self.hmacKey = text
                    }
                }
            }
        }
        try self.checkIDs(scenario)
    }

    /// Two devices with one id, or an event of a device or an account that the file does not have, are mistakes.
    private func checkIDs(_ scenario: JSONAPIValue) throws(RingSimulatorError) {
        let devices = self.accounts.flatMap(\.devices)
        let accounts = self.accounts.map(\.id.rawValue).filter { !$0.isEmpty }
        let deviceIDs = devices.map(\.id.rawValue).filter { !$0.isEmpty }
        for (ids, name) in [(deviceIDs, "devices"), (accounts, "accounts")] where Set(ids).count < ids.count {
            throw .invalid(scenario, "two \(name) have the same id")
        }
        let names = Set(deviceIDs + devices.map(\.name))
        for (index, event) in self.events.enumerated() {
            if let device = event.device, !devices.isEmpty, !names.contains(device.rawValue) {
                throw RingSimulatorError(message: "/events/\(index)/device: no device has the id or the name \(device)")
            }
            if let account = event.account, !accounts.isEmpty, !accounts.contains(account.rawValue) {
                throw RingSimulatorError(message: "/events/\(index)/account: no account has the id \(account)")
            }
        }
    }
}

extension RingSimulatorAccount {
    private enum Member: String, CaseIterable {
        case id, email, state, subscriptions, devices
        case firstName = "first_name"
        case lastName = "last_name"
        case phoneNumber = "phone_number"
    }

    fileprivate init(_ account: JSONAPIValue) throws(RingSimulatorError) {
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
    private enum Member: String, CaseIterable {
        case id, kind, name, online
        case linePowered = "line_powered"
    }

    fileprivate init(_ device: JSONAPIValue, number: Int) throws(RingSimulatorError) {
        self.init(kind: .camera, name: "Device \(number)")
        var hasKind = false
        for (member, value) in try device.members(as: Member.self) {
            switch member {
            case .id: self.id = RingDeviceID(rawValue: try value.needed(value.string, "a string"))
            case .kind: (self.kind, hasKind) = (try value.word(), true)
            case .name: self.name = try value.needed(value.string, "a string")
            case .online: self.isOnline = try value.needed(value.bool, "true or false")
            case .linePowered: self.isLinePowered = try value.needed(value.bool, "true or false")
            }
        }
        if !hasKind { throw .invalid(device, "the member kind is missing") }
    }
}

extension RingSimulatorEvent {
    private enum Member: String, CaseIterable {
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

extension JSONAPIValue {
    /// The members of an object by their names.
    fileprivate func members<Member: RawRepresentable<String> & CaseIterable>(
        as type: Member.Type
    ) throws(RingSimulatorError) -> [(Member, JSONAPIValue)] {
        guard self.kind == .object else { throw .invalid(self, "an object is needed") }
        var members: [(Member, JSONAPIValue)] = []
        for (name, value) in self.members {
            guard let member = Member(rawValue: name) else {
                throw .unknownMember(name, value, Member.allCases.map(\.rawValue))
            }
            members.append((member, value))
        }
        return members
    }

    fileprivate func list<Element>(
        _ element: (JSONAPIValue) throws(RingSimulatorError) -> Element
    ) throws(RingSimulatorError) -> [Element] {
        guard self.kind == .array else { throw .invalid(self, "an array is needed") }
        var list: [Element] = []
        for value in self.elements { list.append(try element(value)) }
        return list
    }

    fileprivate func word<Word: RawRepresentable<String> & CaseIterable>() throws(RingSimulatorError) -> Word {
        let text = try self.needed(self.string, "a string")
        guard let word = Word(rawValue: text) else { throw .unknownWord(text, self, Word.allCases.map(\.rawValue)) }
        return word
    }

    func needed<Value>(_ value: Value?, _ kind: String) throws(RingSimulatorError) -> Value {
        guard let value else { throw .invalid(self, "\(kind) is needed") }
        return value
    }

    /// An integer that is not negative, and small enough to count seconds or milliseconds with.
    func neededCount() throws(RingSimulatorError) -> Int {
        guard let number = self.int64, (0...1_000_000_000).contains(number) else {
            throw .invalid(self, "an integer from 0 to 1000000000 is needed")
        }
        return Int(clamping: number)
    }
}

extension RingSimulatorError {
    static func invalid(_ value: JSONAPIValue, _ problem: String) -> Self {
        Self(message: "\(value.path.isEmpty ? "/" : value.path): \(problem)")
    }

    static func unknownMember(_ name: String, _ value: JSONAPIValue, _ known: [String]) -> Self {
        let suggestion = Self.nearest(to: name, in: known).map { "; did you mean \($0)" } ?? ""
        return .invalid(value, "unknown member\(suggestion)")
    }

    static func unknownWord(_ word: String, _ value: JSONAPIValue, _ known: [String]) -> Self {
        .invalid(value, "unknown value \(word); use \(known.joined(separator: ", "))")
    }

    /// The known name that differs by at most three edits, and by less than half of its letters.
    static func nearest(to name: String, in known: [String]) -> String? {
        let candidates = known.map { (name: $0, edits: Self.edits(Array(name.utf8), Array($0.utf8))) }
        guard let best = candidates.min(by: { $0.edits < $1.edits }) else { return nil }
        return best.edits <= min(3, best.name.utf8.count / 2) ? best.name : nil
    }

    /// How many letters to insert, delete or replace (Levenshtein distance).
    private static func edits(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (line, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = line + 1
            for (column, other) in right.enumerated() {
                let replaced = diagonal + (letter == other ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
            }
        }
        return row[right.count]
    }
}
