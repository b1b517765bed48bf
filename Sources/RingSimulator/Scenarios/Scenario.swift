internal import RingCore
internal import RingJSONAPI

extension RingSimulatorConfiguration {
    /// The names of the scenarios that are part of this package, for ``init(scenarioNamed:)``.
    package static var scenarioNames: [String] { BuiltInScenarios.texts.keys.sorted() }

    /// The text of one of them.
    package static func scenarioText(named name: String) -> String? { BuiltInScenarios.texts[name] }

    /// Reads a scenario that is part of this package: `delivery`, `flood`, `flapping`, `unlink`, `token-outage`,
    /// `monday-morning`.
    ///
    /// - Throws: ``RingSimulatorError`` for a name that is none of them.
    public init(scenarioNamed name: String) throws(RingSimulatorError) {
        guard let text = Self.scenarioText(named: name) else {
            throw RingSimulatorError(
                message: "scenario: no scenario is named \(name); use \(Self.scenarioNames.joined(separator: ", "))")
        }
        try self.init(scenario: Array(text.utf8))
    }

    /// Reads a scenario file; its format is on the module's page.
    ///
    /// - Throws: ``RingSimulatorError`` with the JSON pointer of the member that is unknown, missing or of the wrong kind.
    public init(scenario bytes: [UInt8]) throws(RingSimulatorError) {
        self.init()
        let value: JSONAPIValue
        do { value = try JSONAPIValue(parsing: bytes) } catch {
            throw RingSimulatorError(message: "scenario: \(error)")
        }
        if let path = value.duplicateNames.first {
            throw RingSimulatorError(message: "scenario: \(path): the member is repeated")
        }
        do { try self.apply(value) } catch { throw RingSimulatorError(message: "scenario: \(error.message)") }
    }
}

/// A scenario file: an unknown member, a missing one or a value of the wrong kind is an error at every depth.
extension RingSimulatorConfiguration {
    enum Member: String, CaseIterable {
        case description, seed, port, speed, client, switches, rates, accounts, events, steps
        case schema = "$schema"
        case redirectURI = "redirect_uri"
        case shortIDs = "short_ids"
        case backDatedMilliseconds = "back_dated_ms"
        case webhookURL = "webhook_url"
        case tokenExchangeURL = "token_exchange_url"
        case accountLinkURL = "account_link_url"
    }

    enum ClientMember: String, CaseIterable {
        case id, secret
        case hmacKey = "hmac_key"
    }

    /// As long as the service keeps media.
    static let maximumBackDating = 180 * 86_400_000

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
            case .redirectURI: self.redirectURI = try value.needed(value.string, "a string")
            case .accountLinkURL: self.accountLinkURL = try value.needed(value.string, "a string")
            case .schema, .description: _ = try value.needed(value.string, "a string")
            case .backDatedMilliseconds:
                self.backDating = .milliseconds(try value.neededCount(upTo: Self.maximumBackDating))
            case .switches: try self.switches.apply(value)
            case .rates: try self.switches.applyRates(value)
            case .accounts: self.accounts = try RingSimulatorAccount.list(value)
            case .steps: self.steps = try value.list { value throws(RingSimulatorError) in try .init(value) }
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
        let ids = Set(accounts)
        func check(_ event: RingSimulatorEvent?, _ account: RingAccountID?, _ path: String) throws(RingSimulatorError) {
            if let device = event?.device, !devices.isEmpty, !names.contains(device.rawValue) {
                throw RingSimulatorError(message: "\(path)/device: no device has the id or the name \(device)")
            }
            if let account = account ?? event?.account, !account.rawValue.isEmpty, !ids.isEmpty,
                !ids.contains(account.rawValue)
            {
                throw RingSimulatorError(message: "\(path)/account: no account has the id \(account)")
            }
        }
        for (index, event) in self.events.enumerated() { try check(event, nil, "/events/\(index)") }
        for (index, step) in self.steps.enumerated() {
            switch step.action {
            case .event(let event), .everywhere(let event): try check(event, nil, "/steps/\(index)/event")
            case .unlink(let account): try check(nil, account, "/steps/\(index)/unlink")
            case .state(_, let account): try check(nil, account, "/steps/\(index)/state")
            case .switches: break
            }
        }
    }
}
