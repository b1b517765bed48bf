internal import RingJSONAPI

/// What a simulator starts with.
public struct RingSimulatorConfiguration: Sendable {
    /// The port of the API origin; the other three follow it. 0 lets the system choose all four.
    public var port = 0
    /// Where ids, tokens and codes come from: the same seed gives the same ones.
    public var seed: UInt64 = 1
    /// The client id of the simulated app.
    public var clientID = "sim-client"
    /// The client secret of the simulated app.
    public var clientSecret = "sim-client-secret"
    /// The HMAC signature key, for webhooks and nonces.
    public var hmacKey = "c2ltdWxhdG9yLWhtYWMta2V5LW5vdC1zZWNyZXQtMDE="
    /// Where webhooks go; `nil` keeps them in the journal of deliveries only.
    public var webhookURL: String?
    /// Where codes are delivered.
    public var tokenExchangeURL: String?
    /// Where the browser is sent with `nonce` and `time`.
    public var accountLinkURL = "http://127.0.0.1/link"
    /// Whether device ids are short, as in the documents, instead of long, as seen live.
    public var usesShortIDs = false
    /// The accounts.
    public var accounts = [RingSimulatorAccount()]
    /// The switches at the start.
    public var switches = RingSimulatorSwitches()
    /// How many simulated milliseconds pass in a real one. 1 is real time; 3600 brings the last retry after a second.
    public var speed = 1.0
    /// What happens by itself.
    public var events: [RingSimulatorEvent] = []

    /// The defaults: one account with a household, nothing linked.
    public init() {}

    /// Reads a scenario file; its format is on the module's page.
    ///
    /// - Throws: ``RingSimulatorError`` naming the member that is wrong.
    public init(scenario bytes: [UInt8]) throws {
        self.init()
        let value: JSONAPIValue
        do { value = try JSONAPIValue(parsing: bytes) } catch {
            throw RingSimulatorError(message: "scenario: \(error)")
        }
        try self.apply(value)
    }
}
