internal import RingCore
internal import RingListener
internal import Synchronization

extension RingSimulator {
    /// Starts the simulator on loopback.
    ///
    /// - Throws: ``RingSimulatorError`` for an HMAC key or a state file that is not valid; `RingListenerError` when a port is taken.
    public static func start(_ configuration: RingSimulatorConfiguration = .init()) async throws -> RingSimulator {
        let engine = SimulatorEngine(
            configuration: configuration, key: try Self.key(configuration),
            network: configuration.webhookTransport ?? WebhookSender.ownTransport)
        let isNew = configuration.stateFile.map { !StateFile.exists(at: $0) } ?? true
        let stateFile = try await StateFile.open(configuration, engine)
        let box = ControlBox()
        var listeners: [RingListener] = []
        for (index, origin) in [RingSimulatorRequest.Origin.api, .oauth, .media, .control].enumerated() {
            let port = configuration.port == 0 ? 0 : configuration.port + index
            do {
                listeners.append(
                    try await RingListener.startRaw(port: port, limits: Self.limits(origin, configuration)) { request in
                        let version = stateFile?.version ?? 0
                        let response =
                            origin == .control
                            ? await box.response(to: request) : await engine.respond(to: request, origin)
                        await stateFile?.keep(since: version)
                        return response
                    })
            } catch {
                for listener in listeners { await listener.stop() }
                engine.stop()
                await stateFile?.stop()
                throw error
            }
        }
        let simulator = RingSimulator(
            configuration: configuration, engine: engine, listeners: listeners, origins: listeners.map(\.origin),
            stateFile: stateFile)
        box.set(simulator, port: listeners[3].port)
        if isNew { engine.beginScenario(configuration) }
        return simulator
    }

    /// The documents of many accounts that are imported are long.
    private static func limits(
        _ origin: RingSimulatorRequest.Origin, _ configuration: RingSimulatorConfiguration
    ) -> RingListenerLimits {
        var limits = RingListenerLimits(grace: configuration.graceAtStop)
        if origin == .control { limits.maximumBodyBytes = 64 << 20 }
        return limits
    }
}

/// Lets the control origin find its simulator without keeping it alive.
private final class ControlBox: Sendable {
    private struct Weak: Sendable { weak var simulator: RingSimulator? }
    private let state = Mutex(Weak())
    private let control = Mutex<ControlAPI?>(nil)

    func set(_ simulator: RingSimulator, port: Int) {
        self.state.withLock { $0.simulator = simulator }
        self.control.withLock { $0 = ControlAPI(check: OriginCheck(port: port)) }
    }

    func response(to request: RingListenerRequest) async -> RingListenerResponse {
        guard let simulator = self.state.withLock({ $0.simulator }), let control = self.control.withLock({ $0 }) else {
            return .empty(503)
        }
        return await control.response(to: request, simulator)
    }
}
