internal import RingCrypto
internal import RingJSONAPI
internal import RingListener

/// Everything the simulated service knows. A value behind one lock: each request is one step.
struct World {
    struct Code {
        var account: String
        var expires: Int64
        var challenge: String?
        var isSpent = false
    }

    struct Token {
        var account: String
        var expires: Int64
        var isSpent = false
    }

    struct Device {
        var device: RingSimulatorDevice
        var account: String
        var isRemoved = false
        var faulted = false
        var addedAt: Int64
        var number: Int
        var id: String { self.device.id }
    }

    struct Event {
        var id: String
        var type: String
        var subType: String?
        var start: Int64
        var end: Int64
        var isReviewed = false
    }

    struct Session {
        var device: String
        var ends: Int64
        var event: String
        var isClosed = false
    }

    struct Ticket {
        var isImage: Bool
        var format: String
        var device: String
        var start: Int64
        var length: Int64
        var isPartial: Bool
        var expires: Int64
        var problem: Answer?
    }

    let configuration: RingSimulatorConfiguration
    let key: RingHMACKey
    var random: SeededRandom
    var switches: RingSimulatorSwitches
    var webhookURL: String?
    var apiOrigin = ""
    var mediaOrigin = ""
    var now: Int64
    var accounts: [RingSimulatorAccount] = []
    var consents: [String: Int64] = [:]
    var pkceAccounts: Set<String> = []
    var codes: [String: Code] = [:]
    var accessTokens: [String: Token] = [:]
    var refreshTokens: [String: Token] = [:]
    var redirects: [String: [(nonce: String, time: Int64)]] = [:]
    var spentNonces: Set<String> = []
    var devices: [Device] = []
    var history: [String: [Event]] = [:]
    var sessions: [String: Session] = [:]
    var tickets: [String: Ticket] = [:]
    var journal: [RingSimulatorRequest] = []
    var deliveries: [RingSimulatorDelivery] = []
    var outbox: [Int] = []
    /// Whether the answer of this step waits until a test lets it go.
    var isAnswerHeld = false
    var rateSecond: Int64 = 0
    var rateCount = 0

    init(configuration: RingSimulatorConfiguration, key: RingHMACKey, now: Int64) {
        self.configuration = configuration
        self.key = key
        self.random = SeededRandom(seed: configuration.seed)
        self.switches = configuration.switches
        self.webhookURL = configuration.webhookURL
        self.now = now
        for var account in configuration.accounts {
            if account.id.isEmpty { account.id = "ava1.ring.account.\(self.random.text(24))" }
            for (number, var device) in account.devices.enumerated() {
                if device.id.isEmpty {
                    // Long and with characters that need encoding, as the service's own ids.
                    device.id =
                        configuration.usesShortIDs
                        ? "ava1.ring.device.\(self.random.text(8))"
                        : "ava1.ring.device.\(self.random.text(44))/\(self.random.text(20))+\(self.random.text(26))=="
                }
                self.devices.append(
                    Device(device: device, account: account.id, addedAt: now, number: number))
                account.devices[number] = device
            }
            self.consents[account.id] = now - 86_400_000
            self.accounts.append(account)
        }
    }

    /// Takes one off a countdown; whether it struck.
    mutating func strikes(_ countdown: WritableKeyPath<RingSimulatorSwitches, Int>) -> Bool {
        guard self.switches[keyPath: countdown] > 0 else { return false }
        self.switches[keyPath: countdown] -= 1
        return true
    }

    func account(_ id: String) -> RingSimulatorAccount? { self.accounts.first { $0.id == id } }

    mutating func setState(_ state: RingSimulatorAccount.State, of id: String) {
        guard let index = self.accounts.firstIndex(where: { $0.id == id }) else { return }
        self.accounts[index].state = state
        guard state == .completed else { return }
        for index in self.deliveries.indices
        where self.deliveries[index].account == id && self.deliveries[index].outcome == .withheld {
            self.deliveries[index].outcome = .pending
            self.outbox.append(index)
        }
    }

    var meta: JSONAPILiteral { ["time": .string(isoTime(self.now))] }
}
