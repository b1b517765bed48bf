/// Who the simulated partner's app is, and where Ring reaches it.
public struct RingSimulatorConfiguration: Sendable {
    /// The app's id.
    public var clientID = "ava1.ring.client.SIMULATOR"
    /// The app's secret.
    public var clientSecret = "simulator-client-secret"
    /// The app's HMAC key, as the console shows it: its UTF-8 bytes are the key.
    public var hmacKey = "c2ltdWxhdG9yLWhtYWMta2V5LW5vdC1mb3ItcHJvZHVjdGlvbg=="
    /// The port of the API; 0 lets the system choose. The other origins always have ports of the system's choice.
    public var port = 0
    /// The seed of everything random.
    public var seed: UInt64 = 1
    /// Where codes go. Wire: the Token Exchange URL.
    public var tokenExchangeURL: String?
    /// Where signed webhooks go.
    public var webhookURL: String?
    /// What is disputed or goes wrong.
    public var switches = RingSimulatorSwitches()

    /// The defaults.
    public init() {}
}
