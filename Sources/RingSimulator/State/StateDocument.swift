internal import RingCore
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The whole state as one JSON document: what a state file holds, and what is exported and imported.
///
/// It has secrets: tokens, codes, the client secret. The journal, held requests and pre-signed links are no part of it.
struct StateDocument: Sendable {
    /// The version of the format. A reader takes its own version alone.
    static let version: Int64 = 1

    private enum Member: String, CaseIterable {
        case version = "state_version"
        case now, speed, configuration, switches, accounts, records, plan
        case savedAt = "saved_at"
    }

    /// The document of a state.
    ///
    /// - Parameter savedAt: The machine's time, epoch milliseconds.
    /// - Throws: An error of the encoder.
    static func bytes(of state: ServiceState, speed: Double, savedAt: Int64) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let records = try JSONAPIValue(parsing: Array(try encoder.encode(StateRecords(state))))
        let literal: JSONAPILiteral = .object([
            (Member.version.rawValue, .int(Self.version)), (Member.savedAt.rawValue, .int(savedAt)),
            (Member.now.rawValue, .int(state.now)), (Member.speed.rawValue, .double(speed)),
            (Member.configuration.rawValue, state.configurationLiteral),
            (Member.switches.rawValue, state.switches.changedLiteral),
            (Member.accounts.rawValue, .array(state.accountsWithDevices.map(\.scenarioLiteral))),
            (Member.records.rawValue, .value(records)), (Member.plan.rawValue, state.plan.literal),
        ])
        return Array(literal.line.utf8)
    }

    /// Where the clock was.
    let now: Int64
    let savedAt: Int64
    let speed: Double
    private let scenario: JSONAPIValue
    private let switches: JSONAPIValue
    private let accounts: JSONAPIValue
    private let records: StateRecords
    private let plan: [ScenarioPlan.Run]

    /// Reads a document.
    init(_ bytes: [UInt8]) throws(RingSimulatorError) {
        let value: JSONAPIValue
        do { value = try JSONAPIValue(parsing: bytes, limits: .state) } catch {
            throw RingSimulatorError(message: "it is not valid JSON: \(error)")
        }
        guard let version = value[Member.version.rawValue]?.int64 else {
            throw RingSimulatorError(message: "/\(Member.version.rawValue) is missing; it is no exported state")
        }
        guard version == Self.version else {
            throw RingSimulatorError(
                message: "its state version is \(version), and this program reads version \(Self.version); use the "
                    + "program that wrote it, or begin with a new file")
        }
        func member(_ member: Member) throws(RingSimulatorError) -> JSONAPIValue {
            guard let value = value[member.rawValue] else {
                throw RingSimulatorError(message: "/\(member.rawValue) is missing")
            }
            return value
        }
        self.now = try member(.now).neededTime()
        self.savedAt = try member(.savedAt).neededTime()
        let speed = try member(.speed)
        self.speed = try speed.needed(
            speed.double.flatMap { SimulatedClock.speeds.contains($0) ? $0 : nil }, "a number from 0 to 1000000")
        self.scenario = try member(.configuration)
        self.switches = try member(.switches)
        self.accounts = try member(.accounts)
        // Documents of earlier versions have none.
        self.plan =
            try value[Member.plan.rawValue].map { value throws(RingSimulatorError) in
                try ScenarioPlan.runs(value)
            } ?? []
        let records = try member(.records)
        try Self.checkNumbers(records)
        do {
            self.records = try JSONDecoder().decode(StateRecords.self, from: Data(records.bytes))
        } catch let error as RingSimulatorError {
            throw error
        } catch let error as DecodingError {
            throw RingSimulatorError(message: "/records\(error.pointer): it is missing or of the wrong kind")
        } catch {
            throw RingSimulatorError(message: "/records: it cannot be read")
        }
    }

    /// Times are added to each other, so one that is far from any date is a mistake of the document.
    private static func checkNumbers(_ records: JSONAPIValue) throws(RingSimulatorError) {
        var pending = [records]
        while let value = pending.popLast() {
            if let number = value.int64, !(-(1 << 50)...(1 << 50)).contains(number) {
                throw .invalid(value, "the number is out of range")
            }
            pending += value.elements
            pending += value.members.filter { !StateRecords.randomMembers.contains($0.name) }.map(\.value)
        }
    }

    /// The configuration that makes the document's accounts.
    ///
    /// - Parameter base: For what the document does not have: ports, limits and the transport.
    func configuration(_ base: RingSimulatorConfiguration) throws(RingSimulatorError) -> RingSimulatorConfiguration {
        var configuration = base
        (configuration.webhookURL, configuration.tokenExchangeURL) = (nil, nil)
        try configuration.apply(self.scenario)
        configuration.switches = RingSimulatorSwitches()
        try configuration.switches.apply(self.switches)
        let accounts = JSONAPILiteral.object([("accounts", .value(self.accounts))])
        do { try configuration.apply(try JSONAPIValue(parsing: accounts.bytes)) } catch let error as RingSimulatorError
        {
            throw error
        } catch {
            throw RingSimulatorError(message: "/accounts: \(error)")
        }
        configuration.events = []
        return configuration
    }

    /// Fills a new state.
    func fill(_ state: inout ServiceState) {
        self.records.fill(&state)
        for run in self.plan { state.plan.add(run) }
    }
}

extension JSONAPILimits {
    /// Documents of many accounts and tokens.
    static let state = JSONAPILimits(bytes: 512 << 20, values: 60_000_000)
}

extension DecodingError {
    /// Where the wrong value is.
    fileprivate var pointer: String {
        let path: [any CodingKey]
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            path = context.codingPath
        case .keyNotFound(let key, let context): path = context.codingPath + [key]
        @unknown default: path = []
        }
        return path.map { "/\($0.intValue.map(String.init) ?? $0.stringValue)" }.joined()
    }
}

extension ServiceState {
    /// The members of a scenario that are not accounts, switches or events.
    fileprivate var configurationLiteral: JSONAPILiteral {
        var members: [(String, JSONAPILiteral)] = [
            ("seed", .int(Int64(bitPattern: self.configuration.seed))),
            ("short_ids", .bool(self.configuration.usesShortIDs)),
            (
                "client",
                [
                    "id": .string(self.configuration.clientID), "secret": .string(self.configuration.clientSecret),
                    "hmac_key": .string(self.configuration.hmacKey),
                ]
            ), ("account_link_url", .string(self.configuration.accountLinkURL)),
        ]
        if let uri = self.configuration.redirectURI { members.append(("redirect_uri", .string(uri))) }
        if let url = self.webhookURL { members.append(("webhook_url", .string(url))) }
        if let url = self.tokenExchangeURL { members.append(("token_exchange_url", .string(url))) }
        return .object(members)
    }

    /// The accounts with all their devices, removed ones too, in the state that they are in.
    fileprivate var accountsWithDevices: [RingSimulatorAccount] {
        self.accounts.map { account in
            var account = account
            account.devices = (self.places.devicesOfAccount[account.id] ?? []).map { self.devices[$0].device }
            return account
        }
    }
}

extension RingSimulatorSwitches {
    /// The switches that differ from their defaults.
    fileprivate var changedLiteral: JSONAPILiteral {
        guard case .object(let members) = self.literal, case .object(let standards) = Self().literal else { return [:] }
        let standard = Dictionary(standards, uniquingKeysWith: { first, _ in first })
        return .object(members.filter { standard[$0.0] != $0.1 })
    }
}

extension RingSimulatorAccount {
    /// The account as a scenario has it.
    var scenarioLiteral: JSONAPILiteral {
        [
            "id": .string(self.id.rawValue), "first_name": .string(self.firstName), "last_name": .string(self.lastName),
            "email": .string(self.email), "phone_number": self.phoneNumber.map { .string($0) } ?? nil,
            "state": .string(self.state.rawValue), "subscriptions": .int(Int64(self.subscriptionCount)),
            "devices": .array(self.devices.map(\.scenarioLiteral)),
        ]
    }
}

extension RingSimulatorDevice {
    /// The device as a scenario has it.
    var scenarioLiteral: JSONAPILiteral {
        var members: [(String, JSONAPILiteral)] = [
            ("id", .string(self.id.rawValue)), ("kind", .string(self.kind.rawValue)), ("name", .string(self.name)),
            ("online", .bool(self.isOnline)), ("line_powered", .bool(self.isLinePowered)),
        ]
        for (member, zones) in [(Member.motionZones, self.motionZones), (.privacyZones, self.privacyZones)] {
            guard let zones else { continue }
            members.append((member.rawValue, .array(zones.map(\.scenarioLiteral))))
        }
        return .object(members)
    }
}
