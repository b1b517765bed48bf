public import RingCore
internal import RingCrypto
internal import RingJSONAPI
internal import RingListener
internal import RingLive

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

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
    /// The settings that it was started with.
    package let configuration: RingSimulatorConfiguration

    let engine: SimulatorEngine
    private let listeners: [RingListener]
    private let stateFile: StateFile?

    init(
        configuration: RingSimulatorConfiguration, engine: SimulatorEngine, listeners: [RingListener] = [],
        origins: [String], stateFile: StateFile? = nil
    ) {
        self.configuration = configuration
        self.engine = engine
        self.listeners = listeners
        self.stateFile = stateFile
        self.apiURL = origins[0]
        self.oauthURL = origins[1]
        self.mediaURL = origins[2]
        self.controlURL = origins[3]
        engine.step { state in
            state.apiOrigin = origins[0]
            state.mediaOrigin = origins[2]
        }
    }

    static func key(_ configuration: RingSimulatorConfiguration) throws(RingSimulatorError) -> RingHMACKey {
        do { return try RingHMACKey(configuration.hmacKey) } catch {
            throw RingSimulatorError(message: "hmacKey: \(error.message)")
        }
    }

    /// Stops all four servers and cancels all later events and webhooks.
    public func stop() async {
        self.engine.stop()
        for listener in self.listeners { await listener.stop() }
        await self.engine.liveStreams.waitUntilEnded()
        await self.stateFile?.stop()
    }

    /// Loads GStreamer in the background, which may take seconds, so that the first live session has its picture at once.
    package func prepareLiveVideo() { RingLiveSender.prepare() }

    // MARK: Accounts and devices

    /// The accounts, in the order of the configuration, with their present states and the devices that are still shared.
    public var accounts: [RingSimulatorAccount] {
        self.engine.step { state in
            state.accounts.map { account in
                var account = account
                account.devices = state.devices(of: account.id).filter { !$0.isRemoved }.map(\.device)
                return account
            }
        }
    }

    /// The first account's id.
    public var accountID: RingAccountID { self.accounts.first?.id ?? "" }

    /// The devices that are still shared, in the order of the configuration; every id is filled in.
    public var devices: [RingSimulatorDevice] { self.accounts.flatMap(\.devices) }

    /// Sets the state of an account's integration, for tests that begin after the linking.
    ///
    /// - Throws: ``RingSimulatorError`` for an account that there is not; it names those that there are.
    public func setState(
        _ accountState: RingSimulatorAccount.State, of account: RingAccountID? = nil
    ) throws(RingSimulatorError) {
        try self.checkedStep { state throws(RingSimulatorError) in
            state.setState(accountState, of: try state.known(account))
        }
    }

    /// The number of open live sessions.
    public var openSessions: Int {
        self.engine.step { state in state.sessions.values.count { !$0.isClosed && $0.ends > state.now } }
    }

    // MARK: Tokens and linking

    /// Creates an authorization code for an account, or the first one.
    ///
    /// - Parameters:
    ///   - account: The account; `nil` for the first one.
    ///   - challenge: The PKCE challenge of the partner-initiated flow; `nil` for the one-way flow.
    /// - Returns: The code, which can be exchanged once.
    /// - Throws: ``RingSimulatorError`` for an account that there is not; it names those that there are.
    public func issueCode(
        account: RingAccountID? = nil, challenge: String? = nil
    ) throws(RingSimulatorError) -> String {
        try self.checkedStep { state throws(RingSimulatorError) in
            state.newCode(try state.known(account), challenge: challenge)
        }
    }

    /// Creates a code and posts it to a Token Exchange URL, as Ring does.
    ///
    /// - Returns: The partner's status; 0 when no response arrives in time.
    /// - Throws: ``RingSimulatorError`` for an account that there is not; it names those that there are.
    public func deliverCode(
        account: RingAccountID? = nil, to url: String? = nil
    ) async throws(RingSimulatorError) -> Int {
        let account = try self.checkedStep { state throws(RingSimulatorError) in try state.known(account) }
        guard let url = url ?? self.engine.step({ $0.tokenExchangeURL }) else { return 0 }
        return await self.postCode(account: account, to: url).status
    }

    /// As ``deliverCode(account:to:)``, with all that came of it.
    func postCode(account: RingAccountID, to url: String) async -> WebhookSender.Outcome {
        let code = self.engine.step { $0.newCode(account, challenge: nil) }
        let isJSON = self.switches.linking.contains(.codesAsJSON)
        let literal: JSONAPILiteral = ["code": .string(code)]
        let body = isJSON ? literal.bytes : Array("code=\(RingPercentCoding.encode(code))".utf8)
        let type = isJSON ? "application/json" : "application/x-www-form-urlencoded"
        var outcome = WebhookSender.Outcome(status: 0, duration: .zero, response: .none)
        for _ in 0..<max(1, min(self.switches.limit(.codeDeliveries), 100)) where !(200..<300).contains(outcome.status)
        {
            outcome = await self.engine.sender.post(
                url, fields: ["Content-Type": type], body: body,
                milliseconds: Int(clamping: self.configuration.codeResponseLimit.wholeMilliseconds))
        }
        return outcome
    }

    /// The URL that Ring sends the user's browser to, with its `nonce` and `time`.
    ///
    /// - Throws: ``RingSimulatorError`` for an account that there is not; it names those that there are.
    public func linkRedirect(
        account: RingAccountID? = nil
    ) throws(RingSimulatorError) -> (url: String, nonce: String, time: String) {
        try self.checkedStep { state throws(RingSimulatorError) in state.redirect(try state.known(account)) }
    }

    /// Creates a token pair without a code, for tests that begin after the linking.
    ///
    /// - Throws: ``RingSimulatorError`` for an account that there is not; it names those that there are.
    public func grantTokens(
        account: RingAccountID? = nil
    ) throws(RingSimulatorError) -> (access: String, refresh: String) {
        try self.checkedStep { state throws(RingSimulatorError) in state.grant(try state.known(account)) }
    }

    /// A step that can refuse what it was given.
    private func checkedStep<Result: Sendable>(
        _ body: (inout ServiceState) throws(RingSimulatorError) -> Result
    ) throws(RingSimulatorError) -> Result {
        let result = self.engine.step { state -> Swift.Result<Result, RingSimulatorError> in
            do throws(RingSimulatorError) { return .success(try body(&state)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Whether a refresh token would be accepted now. A used one is not: the rotation counts, whether or not its response
    /// arrived.
    public func isValid(refreshToken: String) -> Bool { self.engine.step { $0.isValid(refreshToken: refreshToken) } }

    /// Makes an access token expire now.
    public func expire(accessToken: String) {
        self.engine.step { $0.accessTokens[accessToken]?.expires = 0 }
    }

    // MARK: Events

    /// Makes an event happen, with its webhook and its entry in the history.
    ///
    /// - Returns: The request ids of the webhooks.
    /// - Throws: ``RingSimulatorError`` for a device or an account that there is not; it names those that there are.
    @discardableResult public func trigger(_ event: RingSimulatorEvent) throws(RingSimulatorError) -> [String] {
        try self.checkedStep { state throws(RingSimulatorError) in
            do throws(RingSimulatorError) { try state.checkNames(of: event) } catch {
                throw RingSimulatorError(message: "event: \(error.message)")
            }
            return state.trigger(event)
        }
    }

    /// Makes a device detect motion, and returns its webhook for a test that delivers it itself.
    ///
    /// - Returns: The body and the `X-Signature` header.
    /// - Throws: ``RingSimulatorError`` for a device that there is not; it names those that there are.
    public func motion(
        at device: RingDeviceID, subType: String = "human"
    ) throws(RingSimulatorError) -> (body: [UInt8], signature: String) {
        try self.checkedStep { state throws(RingSimulatorError) in
            _ = try state.deviceID(named: device.rawValue, "device")
            state.trigger(RingSimulatorEvent(type: "motion_detected", device: device, subType: subType))
            return state.deliveries[state.deliveries.nextNumber - 1].map { ($0.body, $0.signature) } ?? ([], "")
        }
    }

    // MARK: Switches and time

    /// The switches as they are now, countdowns included.
    public var switches: RingSimulatorSwitches {
        get { self.engine.step { $0.switches } }
        set { self.engine.step { $0.switches = newValue } }
    }

    /// Changes some of the switches in one step.
    public func change(_ change: @Sendable (inout RingSimulatorSwitches) -> Void) {
        self.engine.step { change(&$0.switches) }
    }

    /// The URL that receives webhooks: `https`, or `http` on this machine. `nil` keeps them in ``deliveries`` only.
    public var webhookURL: String? {
        get { self.engine.step { $0.webhookURL } }
        set { self.engine.step { $0.webhookURL = newValue } }
    }

    /// The simulated time.
    public var now: Date { Date(epochMilliseconds: self.engine.clock.now) }

    /// Moves the simulated clock forward and starts what becomes due.
    public func advance(by duration: Duration) {
        self.engine.clock.advance(milliseconds: duration.wholeMilliseconds)
        self.engine.changes.note(.clock)
        self.engine.scheduler.wake()
    }

    /// Waits until every webhook and event that is due now has happened.
    public func settle() async { await self.engine.scheduler.settle() }

    // MARK: Held requests

    /// The number of requests that wait because a switch holds them.
    package var heldRequests: Int { self.engine.held.count }

    /// Waits until a number of requests are held, or the simulator is stopped.
    public func waitUntilHeld(_ count: Int) async { await self.engine.held.wait(for: count) }

    /// Releases every held request.
    ///
    /// - Parameter closing: Whether to close their connections instead of responding; nothing more is done then.
    public func release(closing: Bool = false) { self.engine.held.release(closing: closing) }

    // MARK: Journal

    /// The requests to the API, the token endpoint and the media origin, in order: the last 20,000, of which at most 32 MiB are
    /// kept. Set it to `[]` to begin again.
    public var journal: [RingSimulatorRequest] {
        get { self.engine.step { $0.journal.ascending().map(\.element.request) } }
        set { self.engine.step { $0.replaceJournal(with: newValue) } }
    }

    /// Whether a request with an `Authorization` header ever reached the media origin. None may.
    public var mediaReceivedAuthorization: Bool {
        self.engine.step { $0.authorizationsAtMedia > 0 }
    }

    /// The webhooks, in the order of their creation: those that wait for an attempt, and the last 10,000 others.
    public var deliveries: [RingSimulatorDelivery] { self.engine.step { $0.deliveries.ascending().map(\.element) } }
}
