internal import RingCrypto
internal import RingJSONAPI
internal import RingListener
internal import Synchronization

/// The Ring Partner API on loopback: OAuth, REST, live video negotiation, media, webhooks.
///
/// It listens on four ports, as the service has separate hosts: the API, the token endpoint, pre-signed media, and a
/// control origin for tests in other processes.
public final class RingSimulator: Sendable {
    /// The origin of the Partner API.
    public let apiURL: String
    /// The origin of the token endpoint, which is at `/oauth/token`.
    public let oauthURL: String
    /// The origin of pre-signed media.
    public let mediaURL: String
    /// The origin of the journal and the switches.
    public let controlURL: String
    /// What it was started with.
    public let configuration: RingSimulatorConfiguration

    private let engine: SimulatorEngine
    private let listeners: [RingListener]

    private init(
        configuration: RingSimulatorConfiguration, engine: SimulatorEngine, listeners: [RingListener]
    ) {
        self.configuration = configuration
        self.engine = engine
        self.listeners = listeners
        let origins = listeners.map(\.origin)
        self.apiURL = origins[0]
        self.oauthURL = origins[1]
        self.mediaURL = origins[2]
        self.controlURL = origins[3]
    }

    /// Starts the simulator on loopback.
    ///
    /// - Throws: ``RingSimulatorError`` for a key that is none; `RingListenerError` when a port is taken.
    public static func start(_ configuration: RingSimulatorConfiguration = .init()) async throws -> RingSimulator {
        let key: RingHMACKey
        do { key = try RingHMACKey(configuration.hmacKey) } catch {
            throw RingSimulatorError(message: "hmacKey: \(error.message)")
        }
        let engine = SimulatorEngine(configuration: configuration, key: key)
        let box = ControlBox()
        var listeners: [RingListener] = []
        for (index, origin) in [RingSimulatorRequest.Origin.api, .oauth, .media, .control].enumerated() {
            let port = configuration.port == 0 ? 0 : configuration.port + index
            do {
                listeners.append(
                    try await RingListener.start(port: port) { request in
                        if origin == .control {
                            guard let simulator = box.simulator else { return .empty(503) }
                            return await controlAnswer(request, simulator)
                        }
                        return await engine.answer(request, origin)
                    })
            } catch {
                for listener in listeners { await listener.stop() }
                throw error
            }
        }
        let simulator = RingSimulator(configuration: configuration, engine: engine, listeners: listeners)
        box.set(simulator)
        engine.step { [api = simulator.apiURL, media = simulator.mediaURL] world in
            world.apiOrigin = api
            world.mediaOrigin = media
        }
        let start = engine.clock.now
        for event in configuration.events {
            engine.scheduler.schedule(at: start + event.afterMilliseconds) { engine.step { _ = $0.happen(event) } }
        }
        return simulator
    }

    /// Stops all four servers and everything that was to happen later.
    public func stop() async {
        self.engine.scheduler.stop()
        self.engine.held.stop()
        for listener in self.listeners { await listener.stop() }
    }

    // MARK: What is there

    /// The ids of the accounts, in the order of the configuration.
    public var accountIDs: [String] { self.engine.step { $0.accounts.map(\.id) } }

    /// The first account's id.
    public var accountID: String { self.accountIDs.first ?? "" }

    /// How many live sessions are open.
    public var openSessions: Int {
        self.engine.step { world in world.sessions.values.count { !$0.isClosed && $0.ends > world.now } }
    }

    /// The devices still shared, in the order of the configuration; every id is filled in.
    public var devices: [RingSimulatorDevice] {
        self.engine.step { world in world.devices.filter { !$0.isRemoved }.map(\.device) }
    }

    /// Where an account's integration stands; `nil` for an unknown account.
    public func state(of account: String) -> RingSimulatorAccount.State? {
        self.engine.step { $0.account(account)?.state }
    }

    /// Simulated epoch milliseconds.
    public var now: Int64 { self.engine.clock.now }

    /// Whether a refresh token would be taken now. One that was used is not: its rotation is the truth, whether or not the
    /// answer arrived.
    public func isValid(refreshToken: String) -> Bool { self.engine.step { $0.isValid(refreshToken: refreshToken) } }

    // MARK: What Ring does

    /// Creates an authorization code for an account, or the first one.
    ///
    /// - Parameters:
    ///   - account: The account's identifier; `nil` for the first one.
    ///   - challenge: The PKCE challenge of the partner-initiated flow; `nil` for the one-way flow.
    /// - Returns: The code, good for one exchange.
    public func issueCode(account: String? = nil, challenge: String? = nil) -> String {
        self.engine.step { $0.newCode(account ?? $0.accounts.first?.id ?? "", challenge: challenge) }
    }

    /// Creates a code and posts it to a Token Exchange URL, as Ring does.
    ///
    /// - Returns: The partner's status; 0 for none in time.
    public func deliverCode(account: String? = nil, to url: String? = nil) async -> Int {
        let code = self.issueCode(account: account)
        guard let url = url ?? self.configuration.tokenExchangeURL else { return 0 }
        let isJSON = self.switches.codeDeliveryJson
        let literal: JSONAPILiteral = ["code": .string(code)]
        let body = isJSON ? literal.bytes : Array("code=\(encodedSegment(code))".utf8)
        let type = isJSON ? "application/json" : "application/x-www-form-urlencoded"
        return await loopbackPost(url, headers: [("Content-Type", type)], body: body, milliseconds: 10_000)
    }

    /// The address Ring sends the user's browser to, with its `nonce` and `time`.
    public func linkRedirect(account: String? = nil) -> (url: String, nonce: String, time: String) {
        self.engine.step { $0.redirect(account ?? $0.accounts.first?.id ?? "") }
    }

    /// Creates a token pair without the detour of a code, for tests that begin behind the linking.
    public func grantTokens(account: String? = nil) -> (access: String, refresh: String) {
        self.engine.step { $0.grant(account ?? $0.accounts.first?.id ?? "") }
    }

    /// Sets where an account's integration stands, for tests that begin behind the linking.
    public func setState(_ state: RingSimulatorAccount.State, of account: String? = nil) {
        self.engine.step { $0.setState(state, of: account ?? $0.accounts.first?.id ?? "") }
    }

    /// Makes an access token expire now.
    public func expire(accessToken: String) {
        self.engine.step { $0.accessTokens[accessToken]?.expires = 0 }
    }

    /// Makes something happen, with its webhook and its entry in the history.
    ///
    /// - Returns: The request ids of the webhooks.
    @discardableResult public func happen(_ event: RingSimulatorEvent) -> [String] {
        self.engine.step { $0.happen(event) }
    }

    /// Makes a device see motion, and gives its webhook to a test that delivers it itself.
    ///
    /// - Returns: The body and the `X-Signature` header.
    public func motion(at device: String, subType: String = "human") -> (body: [UInt8], signature: String) {
        self.engine.step { world in
            world.happen(RingSimulatorEvent(type: "motion_detected", device: device, subType: subType))
            return world.deliveries.last.map { ($0.body, $0.signature) } ?? ([], "")
        }
    }

    // MARK: Switches and time

    /// The switches as they stand now, countdowns included.
    public var switches: RingSimulatorSwitches {
        get { self.engine.step { $0.switches } }
        set { self.engine.step { $0.switches = newValue } }
    }

    /// Changes some of the switches in one step.
    public func change(_ change: @Sendable (inout RingSimulatorSwitches) -> Void) {
        self.engine.step { change(&$0.switches) }
    }

    /// Sets where webhooks go.
    public func setWebhookURL(_ url: String?) {
        self.engine.step { $0.webhookURL = url }
    }

    /// Moves the simulated clock forward; what becomes due happens.
    public func advance(milliseconds: Int64) {
        self.engine.clock.advance(milliseconds: milliseconds)
        self.engine.scheduler.wake()
    }

    /// Waits until every webhook and event that is due now has happened.
    public func settle() async { await self.engine.scheduler.settle() }

    // MARK: Held requests

    /// How many requests wait because a switch holds them.
    public var heldRequests: Int { self.engine.held.count }

    /// Waits until so many requests are held, or the simulator is stopped.
    public func waitUntilHeld(_ count: Int) async { await self.engine.held.wait(for: count) }

    /// Lets every held request go on.
    ///
    /// - Parameter closing: Closes their connections instead; nothing more is done then.
    public func letGo(closing: Bool = false) { self.engine.held.letGo(closing: closing) }

    // MARK: What was seen

    /// Every request to the API, the token endpoint and the media origin, in order.
    public var journal: [RingSimulatorRequest] { self.engine.step { $0.journal } }

    /// Forgets the journal.
    public func clearJournal() { self.engine.step { $0.journal = [] } }

    /// Whether an `Authorization` header ever reached the media origin. It must not.
    public var mediaSawAuthorization: Bool { self.journal.contains { $0.origin == .media && $0.hasAuthorization } }

    /// Every webhook, in the order they were made.
    public var deliveries: [RingSimulatorDelivery] { self.engine.step { $0.deliveries } }

    /// Checks that no request to the media origin carried an `Authorization` header.
    ///
    /// - Throws: ``RingSimulatorError`` naming how many did.
    public func checkNoBearerReachedMedia() throws(RingSimulatorError) {
        let count = self.journal.count { $0.origin == .media && $0.hasAuthorization }
        if count > 0 {
            throw RingSimulatorError(message: "\(count) requests to the media origin carried an Authorization header")
        }
    }

    func stateLiteral() -> JSONAPILiteral {
        self.engine.step { world in
            let accounts = world.accounts.map { account -> JSONAPILiteral in
                let devices = world.devices.filter { $0.account == account.id && !$0.isRemoved }.map {
                    device -> JSONAPILiteral in
                    [
                        "id": .string(device.id), "kind": .string(device.device.kind.rawValue),
                        "name": .string(device.device.name), "online": .bool(device.device.isOnline),
                    ]
                }
                return [
                    "id": .string(account.id), "state": .string(account.state.rawValue), "devices": .array(devices),
                ]
            }
            return ["now": .int(world.now), "accounts": .array(accounts)]
        }
    }
}

/// Lets the control origin find the simulator it belongs to, without keeping it alive.
private final class ControlBox: Sendable {
    private struct Weak: Sendable { weak var simulator: RingSimulator? }
    private let state = Mutex(Weak())
    var simulator: RingSimulator? { self.state.withLock { $0.simulator } }
    func set(_ simulator: RingSimulator) { self.state.withLock { $0.simulator = simulator } }
}
