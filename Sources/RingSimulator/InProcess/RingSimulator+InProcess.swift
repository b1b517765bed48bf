public import RingCore

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif

extension RingSimulator {
    /// Creates a simulator without sockets, for unit tests: the same service, called through ``transport``.
    ///
    /// With a clock that a test moves, and with the same calls in the same order, every run has the same ids, tokens, times and
    /// bodies. Nothing is resolved, bound or sent.
    ///
    /// ```swift
    /// import RingCore
    /// import RingSimulator
    /// import RingTesting
    ///
    /// let clock = ManualClock()
    /// let simulator = try RingSimulator.inProcess(clock: clock)
    /// let environment = RingEnvironment(clock: simulator.clock)
    /// ```
    ///
    /// - Parameters:
    ///   - configuration: The settings. Its port is not used.
    ///   - clock: The time that passes; `nil` for the machine's.
    /// - Throws: ``RingSimulatorError`` for an HMAC key that is not valid.
    public static func inProcess(
        _ configuration: RingSimulatorConfiguration = .init(), clock: (any RingClock)? = nil
    ) throws -> RingSimulator {
        let engine = SimulatorEngine(
            configuration: configuration, key: try Self.key(configuration), base: clock,
            network: configuration.webhookTransport)
        // Pictures take sockets, and pass by the machine's clock.
        engine.liveStreams.stop()
        let origins = RingSimulatorRequest.Origin.allCases.map { "https://\($0.rawValue).ring-simulator.test" }
        let simulator = RingSimulator(configuration: configuration, engine: engine, origins: origins)
        let simulated = simulator.clock
        engine.step { $0.mediaClock = simulated }
        engine.beginScenario(configuration)
        return simulator
    }

    /// Sends requests to this simulator without sockets. Requests to other hosts than its own are refused.
    ///
    /// Responses of all kinds arrive as over the wire: those that break off, stall or trickle as well.
    public var transport: any RingTransport {
        InProcessTransport(
            engine: self.engine, clock: self.clock,
            origins: [self.apiURL: .api, self.oauthURL: .oauth, self.mediaURL: .media])
    }

    /// The simulated time, for the service under test: its timers run by it, and ``advance(by:)`` moves them.
    public var clock: any RingClock { SimulatorClock(self.engine.clock) }

    /// Hands webhooks and codes to a handler in this process, in place of requests over the network.
    ///
    /// The handler gets what ``webhookURL`` and the Token Exchange URL would get. Where one is not set, its URL is
    /// `https://partner.ring-simulator.test`, with the path `/webhook` or `/code`.
    ///
    /// - Parameter handler: The service under test; `nil` for the network.
    public func setReceiver(_ handler: (@Sendable (RingHTTPRequest) async -> RingHTTPResponse)?) {
        self.engine.partner.handler = handler
        guard handler != nil else { return }
        self.engine.step { state in
            state.webhookURL = state.webhookURL ?? PartnerEnd.origin + "/webhook"
            state.tokenExchangeURL = state.tokenExchangeURL ?? PartnerEnd.origin + "/code"
        }
    }

    /// Begins a new world, as at the start: the accounts and switches of the configuration, no tokens, and an empty journal.
    ///
    /// The only way to go back in time. ``clock`` follows, and its `uptime()` goes on.
    ///
    /// - Parameter date: Where the simulated time begins; `nil` for the time of the clock that passes.
    /// - Throws: ``RingSimulatorError`` for an HMAC key that is not valid; nothing has changed then.
    public func reset(at date: Date? = nil) throws {
        let urls = self.engine.step { ($0.webhookURL, $0.tokenExchangeURL) }
        try self.engine.reset(self.configuration, now: date?.epochMilliseconds ?? self.engine.clock.baseNow)
        if self.engine.partner.handler != nil {
            self.engine.step { ($0.webhookURL, $0.tokenExchangeURL) = urls }
        }
    }
}
