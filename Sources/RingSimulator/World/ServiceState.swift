internal import RingCore
internal import RingCrypto
internal import RingJSONAPI
internal import RingListener
internal import RingLive

/// Everything that the simulated service knows. A value behind one lock: each request is one step.
struct ServiceState {
    struct Code: Codable {
        var account: RingAccountID
        var expires: Int64
        var challenge: String?
        var isUsed = false
    }

    struct Token: Codable {
        var account: RingAccountID
        var expires: Int64
        /// When a refresh token was used.
        var usedAt: Int64?
        /// The user removed the app; a later link does not bring the token back.
        var isRevoked = false
        /// Whether it may only read.
        var isReadOnly = false
    }

    struct Device {
        var device: RingSimulatorDevice
        var account: RingAccountID
        var isRemoved = false
        var sensors = Sensors()
        /// When the device was shared again after a removal.
        var sharedAt: Int64 = 0
        var number: Int
        var id: RingDeviceID { self.device.id }
    }

    struct Event: Codable {
        var id: String
        var type: String
        var subType: String?
        var start: Int64
        var end: Int64
        var isReviewed = false
    }

    struct Session: Codable {
        var device: RingDeviceID
        var ends: Int64
        var event: String
        var isClosed = false
    }

    struct Ticket {
        var isImage: Bool
        var format: String
        var device: RingDeviceID
        /// The first moment that is shown.
        var start: Int64
        var length: Int64
        var isPartial: Bool
        var expires: Int64
        var problem: Response?
        var options = MediaOptions()
    }

    var configuration: RingSimulatorConfiguration
    let key: RingHMACKey
    var random: SeededRandom
    /// Decides about faults, so that their rates do not change ids.
    var faults: SeededRandom
    var switches: RingSimulatorSwitches { didSet { self.changed.insert(.switches) } }
    /// Setting it switches webhooks on again.
    var webhookURL: String? {
        didSet {
            self.refusals = WebhookRefusals()
            self.changed.insert(.switches)
        }
    }
    var tokenExchangeURL: String? { didSet { self.changed.insert(.switches) } }
    var apiOrigin = ""
    var mediaOrigin = ""
    /// What slow media wait by.
    var mediaClock: any RingClock = RingSystemClock()
    var now: Int64
    var accounts: [RingSimulatorAccount] = [] { didSet { self.changed.insert(.accounts) } }
    var consents: [RingAccountID: Int64] = [:] { didSet { self.changed.insert(.accounts) } }
    var pkceAccounts: Set<RingAccountID> = [] { didSet { self.changed.insert(.accounts) } }
    var codes = BoundedTable<Code>(limit: 50_000) { didSet { self.changed.insert(.tokens) } }
    /// Those that were issued last; more of them with many accounts.
    var accessTokens = BoundedTable<Token>(limit: 100_000) { didSet { self.changed.insert(.tokens) } }
    var refreshTokens = BoundedTable<Token>(limit: 100_000) { didSet { self.changed.insert(.tokens) } }
    var redirects: [RingAccountID: [(nonce: String, time: Int64)]] = [:] { didSet { self.changed.insert(.tokens) } }
    var usedNonces: Set<String> = [] { didSet { self.changed.insert(.tokens) } }
    var devices: [Device] = [] { didSet { self.changed.insert(.accounts) } }
    var history: [RingDeviceID: [Event]] = [:] { didSet { self.changed.insert(.accounts) } }
    var sessions = BoundedTable<Session>(limit: 5000) { didSet { self.changed.insert(.sessions) } }
    var tickets = BoundedTable<Ticket>(limit: 5000)
    var journal: NumberedLog<JournalEntry>
    /// Requests with an `Authorization` at the media origin since the journal was emptied.
    var authorizationsAtMedia = 0
    var deliveries: NumberedLog<RingSimulatorDelivery> { didSet { self.changed.insert(.deliveries) } }
    /// The numbers of deliveries to be attempted after this step.
    var outbox: [Int] = []
    var withheld: [RingAccountID: [Int]] = [:]
    /// Rises when everything begins again.
    var world = 0
    /// What is to happen by itself.
    var plan: ScenarioPlan
    /// What this step changes.
    var changed: ChangedTopics = []
    /// Whether the response of this step waits until a test releases it.
    var isResponseHeld = false
    /// The live session that this step opened, when it may send a moving picture.
    var openedSession: OpenedSession?
    var subscriptions: [RingAccountID: [Subscription]] = [:] { didSet { self.changed.insert(.accounts) } }
    /// The last call for an account, kept while the switch for the life of refresh tokens needs it.
    var lastCalls: [RingAccountID: Int64] = [:] { didSet { self.changed.insert(.tokens) } }
    var limiter = RateLimiter()
    var places = Places()
    var refusals = WebhookRefusals()
    /// Numbers for request ids: apart from `random`, so that they do not change the other ids.
    var requestNumbers: SeededRandom
    var expiry = Expiry()
    /// Whether what happens lies in the past, so that it is not reported any more.
    var isPast = false

    init(configuration: RingSimulatorConfiguration, key: RingHMACKey, now: Int64) {
        self.configuration = configuration
        self.key = key
        self.random = SeededRandom(seed: configuration.seed)
        self.requestNumbers = SeededRandom(seed: ~configuration.seed)
        self.faults = SeededRandom(seed: configuration.seed ^ 0x5EED_FA17)
        self.switches = configuration.switches
        self.webhookURL = configuration.webhookURL
        self.tokenExchangeURL = configuration.tokenExchangeURL
        self.now = now
        self.plan = ScenarioPlan(accountCount: configuration.accounts.count)
        self.journal = NumberedLog(limits: configuration.journalLimits)
        self.deliveries = NumberedLog(limits: configuration.deliveryLimits)
        for var account in configuration.accounts {
            if account.id.rawValue.isEmpty {
                account.id = RingAccountID(rawValue: "ava1.ring.account.\(self.random.text(24))")
            }
            for (number, var device) in account.devices.enumerated() {
                if device.id.rawValue.isEmpty {
                    // Long and with characters that need encoding, as the service's own ids. None with a slash was seen.
                    let separator = self.switches.devices.contains(.slashedIDs) ? "/" : "+"
                    let text =
                        configuration.usesShortIDs
                        ? self.random.text(8)
                        : "\(self.random.text(44))\(separator)\(self.random.text(20))+\(self.random.text(26))=="
                    device.id = RingDeviceID(rawValue: "ava1.ring.device.\(text)")
                }
                let added = Device(device: device, account: account.id, number: number)
                self.places.add(added, at: self.devices.count)
                self.devices.append(added)
                account.devices[number] = device
            }
            self.consents[account.id] = now - max(86_400_000, configuration.backDating.wholeMilliseconds + 3_600_000)
            self.accounts.append(account)
            self.places.add(account.id, at: self.accounts.count - 1)
            self.addSubscriptions(of: account)
        }
        let count = configuration.accounts.count * 20
        self.codes.raise(to: count)
        self.accessTokens.raise(to: count)
        self.refreshTokens.raise(to: count)
        self.changed = []
    }

    /// Whether this request is one that fails, by the countdown of the failure or else by its rate.
    mutating func fails(_ failure: RingSimulatorSwitches.Failure) -> Bool {
        if let count = self.switches.next[failure], count > 0 {
            self.switches.next[failure] = count - 1
            return true
        }
        guard let rate = self.switches.rates[failure], rate > 0 else { return false }
        return self.faults.unit() < rate
    }

    var firstAccountID: RingAccountID { self.accounts.first?.id ?? "" }

    mutating func setState(_ state: RingSimulatorAccount.State, of id: RingAccountID) {
        guard let index = self.place(of: id) else { return }
        self.accounts[index].state = state
        if state == .removed { self.endAccess(of: id) }
        guard state == .completed else { return }
        self.sendWithheld(of: id)
    }

    var meta: JSONAPILiteral { ["time": .string(isoTime(self.now))] }
}

/// A live session that may send a moving picture.
struct OpenedSession: Sendable {
    var id: String
    var device: RingDeviceID
    var offer: String
    /// The payload type of the H.264 that is sent.
    var payload: String
    var network: RingLiveSender.Network
}
