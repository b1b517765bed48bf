package import RingCore
internal import RingJSONAPI
internal import RingLive

/// The settings that a simulator starts with.
public struct RingSimulatorConfiguration: Sendable {
    /// The port of the API origin; the other three follow it. 0 lets the system choose all four.
    public var port = 0
    /// The seed of ids, tokens and codes: the same seed gives the same ones.
    public var seed: UInt64 = 1
    /// The client id of the simulated app.
    public var clientID = "sim-client"
    /// The client secret of the simulated app.
    public var clientSecret = "sim-client-secret"
    /// The HMAC signature key, for webhooks and nonces.
    public var hmacKey = "c2ltdWxhdG9yLWhtYWMta2V5LW5vdC1zZWNyZXQtMDE="
    /// The URL that receives webhooks; `nil` keeps them in the journal of deliveries only.
    public var webhookURL: String?
    /// The URL that receives codes.
    public var tokenExchangeURL: String?
    /// The URL that the browser is sent to with `nonce` and `time`.
    public var accountLinkURL = "http://127.0.0.1/link"
    /// The redirect URI of the partner-initiated flow, compared letter by letter; `nil` accepts any on the web.
    package var redirectURI: String?
    /// Whether device ids are short, as in the documents, instead of long, as seen live.
    package var usesShortIDs = false
    /// The accounts.
    public var accounts = [RingSimulatorAccount()]
    /// The switches at the start.
    public var switches = RingSimulatorSwitches()
    /// How many simulated milliseconds pass in a real one. 1 is real time; 3600 brings the last retry after a second.
    public var speed = 1.0
    /// The events that happen by themselves.
    public var events: [RingSimulatorEvent] = []
    /// Sends webhooks and codes; `nil` for a transport of the simulator's own.
    package var webhookTransport: (any RingTransport)?
    /// The file that keeps the state over restarts; `nil` for none.
    package var stateFile: String?
    /// What waits for the file go by, for tests; `nil` for the machine's clock.
    package var stateClock: (any RingClock)?
    /// Replaces the file by bytes, for tests; `nil` for the disk.
    package var stateWrite: (@Sendable (_ path: String, _ bytes: [UInt8]) throws -> Void)?
    /// Receives a line for each request and each attempt to deliver a webhook.
    package var requestLog: (@Sendable (String) -> Void)?
    /// Receives a line for what goes wrong beside all requests: a state file that cannot be written.
    package var warningLog: (@Sendable (String) -> Void)?
    /// How long the Token Exchange URL may take to respond to a code.
    package var codeResponseLimit = Duration.seconds(10)
    /// How long ``RingSimulator/stop()`` lets requests under way finish.
    package var graceAtStop = Duration.seconds(2)
    /// What live sessions show instead of the scene of their device.
    var liveFilm: RingLiveFilm?
    /// How much of the journal is kept.
    var journalLimits = LogLimits(count: 20_000, bytes: 32 << 20)
    /// How many deliveries are kept that wait for no attempt.
    var deliveryLimits = LogLimits(count: 10_000, bytes: 32 << 20)

    /// Keeps less of the journal, for tests.
    package mutating func limitJournal(count: Int, bytes: Int) {
        self.journalLimits = LogLimits(count: count, bytes: bytes)
    }

    /// Lets live sessions show prepared H.264 (a byte stream, Annex B) again and again.
    ///
    /// - Parameter rate: Pictures a second.
    /// - Throws: ``RingSimulatorError`` when it has no key frame with parameter sets.
    package mutating func setLiveVideo(_ bytes: [UInt8], rate: Int) throws(RingSimulatorError) {
        do { self.liveFilm = try RingLiveFilm(annexB: bytes, rate: rate) } catch {
            throw RingSimulatorError(message: error.message)
        }
    }

    /// Keeps fewer deliveries, for tests.
    package mutating func limitDeliveries(count: Int) { self.deliveryLimits.count = count }

    /// How long before the start the scenario began; what has happened since is in the history only.
    package var backDating = Duration.zero
    /// What happens by itself besides ``events``.
    package var steps: [ScenarioStep] = []

    /// The defaults: one account with seven devices, not linked.
    public init() {}
}

/// How much of a log is kept.
struct LogLimits: Hashable, Sendable {
    /// The most values, and their most bytes, without those that are held.
    var count: Int
    var bytes: Int
    /// The same for all of them together.
    var totalCount = 200_000
    var totalBytes = 256 << 20
}

/// Why the simulator could not start or could not do what was requested.
public struct RingSimulatorError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was wrong, where, and what to do.
    public var message: String

    /// The message.
    public var description: String { self.message }
}
