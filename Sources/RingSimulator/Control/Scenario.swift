internal import RingJSONAPI

extension RingSimulatorConfiguration {
    mutating func apply(_ value: JSONAPIValue) throws(RingSimulatorError) {
        guard value.kind == .object else { throw RingSimulatorError(message: "scenario: an object is needed") }
        for (name, member) in value.members {
            switch name {
            case "seed": self.seed = UInt64(bitPattern: try need(member.int64, name, "an integer"))
            case "port": self.port = Int(clamping: try need(member.int64, name, "an integer"))
            case "speed": self.speed = try need(member.double, name, "a number")
            case "short_ids": self.usesShortIDs = try need(member.bool, name, "true or false")
            case "webhook_url": self.webhookURL = try need(member.string, name, "a string")
            case "token_exchange_url": self.tokenExchangeURL = try need(member.string, name, "a string")
            case "account_link_url": self.accountLinkURL = try need(member.string, name, "a string")
            case "client":
                self.clientID = member["id"]?.string ?? self.clientID
                self.clientSecret = member["secret"]?.string ?? self.clientSecret
                self.hmacKey = member["hmac_key"]?.string ?? self.hmacKey
            case "switches":
                if let problem = SwitchTable.apply(member, to: &self.switches) {
                    throw RingSimulatorError(message: "scenario: switches: \(problem)")
                }
            case "accounts":
                self.accounts = []
                for (index, account) in member.elements.enumerated() {
                    self.accounts.append(try RingSimulatorAccount(account, "accounts[\(index)]"))
                }
            case "events":
                self.events = []
                for event in member.elements { self.events.append(try RingSimulatorEvent(event)) }
            default: throw RingSimulatorError(message: "scenario: no member is called \(name)")
            }
        }
    }
}

private func need<Value>(_ value: Value?, _ name: String, _ kind: String) throws(RingSimulatorError) -> Value {
    guard let value else { throw RingSimulatorError(message: "scenario: \(name): \(kind) is needed") }
    return value
}

extension RingSimulatorAccount {
    init(_ value: JSONAPIValue, _ place: String) throws(RingSimulatorError) {
        self.init(phoneNumber: nil)
        self.id = value["id"]?.string ?? ""
        self.firstName = value["first_name"]?.string ?? self.firstName
        self.lastName = value["last_name"]?.string ?? self.lastName
        self.email = value["email"]?.string ?? self.email
        self.phoneNumber = value["phone_number"]?.string
        self.subscriptionCount = Int(clamping: value["subscriptions"]?.int64 ?? Int64(self.subscriptionCount))
        if let state = value["state"]?.string {
            self.state = try need(State(rawValue: state), "\(place).state", "pending, awaiting, completed or removed")
        }
        guard let devices = value["devices"] else { return }
        self.devices = []
        for (index, device) in devices.elements.enumerated() {
            let kind = RingSimulatorDevice.Kind(rawValue: device["kind"]?.string ?? "")
            self.devices.append(
                RingSimulatorDevice(
                    id: device["id"]?.string ?? "",
                    kind: try need(kind, "\(place).devices[\(index)].kind", "a known kind"),
                    name: device["name"]?.string ?? "Device \(index + 1)", isOnline: device["online"]?.bool ?? true,
                    isLinePowered: device["line_powered"]?.bool ?? true))
        }
    }
}

extension RingSimulatorEvent {
    init(_ value: JSONAPIValue) throws(RingSimulatorError) {
        self.init(
            type: try need(value["type"]?.string, "event.type", "a string"), device: value["device"]?.string,
            account: value["account"]?.string, subType: value["sub_type"]?.string,
            componentIDs: value["component_ids"]?.elements.compactMap(\.string) ?? [],
            recordingMilliseconds: value["recording_ms"]?.int64 ?? 25_000,
            afterMilliseconds: value["after_ms"]?.int64 ?? 0)
    }
}
