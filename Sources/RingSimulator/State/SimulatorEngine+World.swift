internal import RingCore
internal import RingCrypto
internal import RingJSONAPI

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// New beginnings, and the state as a document.
extension SimulatorEngine {
    /// Begins again: a new world with the accounts of a configuration.
    ///
    /// - Parameter now: Where the clock begins; `nil` for the machine's time.
    /// - Throws: ``RingSimulatorError`` for an HMAC key that is not valid; nothing has changed then.
    func reset(_ configuration: RingSimulatorConfiguration, now: Int64?) throws(RingSimulatorError) {
        let key = try Self.key(configuration)
        let start = now ?? RingSystemClock().now().epochMilliseconds
        self.begin(ServiceState(configuration: configuration, key: key, now: start), speed: configuration.speed)
        self.beginScenario(configuration)
    }

    /// The whole state as a document.
    ///
    /// - Throws: An error of the encoder.
    func exported() throws -> [UInt8] {
        // Without the journal, which is no part of it and changes with each request while the copy is written.
        let state = self.step { state in
            var copy = state
            copy.journal = NumberedLog(limits: state.journal.limits)
            return copy
        }
        return try StateDocument.bytes(
            of: state, speed: self.clock.speed, savedAt: RingSystemClock().now().epochMilliseconds)
    }

    /// Takes the state of a document.
    ///
    /// - Parameter continuing: Whether the machine's time that has passed since it was saved counts.
    /// - Throws: ``RingSimulatorError`` when the document cannot be read; nothing has changed then.
    func restore(_ bytes: [UInt8], continuing: Bool = false) throws(RingSimulatorError) {
        let document = try StateDocument(bytes)
        let configuration = try document.configuration(self.step { $0.configuration })
        let passed = RingSystemClock().now().epochMilliseconds - document.savedAt
        let now = document.now + (continuing && document.speed > 0 ? max(0, passed) : 0)
        var state = ServiceState(configuration: configuration, key: try Self.key(configuration), now: now)
        document.fill(&state)
        self.begin(state, speed: document.speed)
    }

    private static func key(_ configuration: RingSimulatorConfiguration) throws(RingSimulatorError) -> RingHMACKey {
        do { return try RingHMACKey(configuration.hmacKey) } catch {
            throw RingSimulatorError(message: "hmac_key: \(error.message)")
        }
    }

    /// Replaces the state. What was planned or held before is gone.
    private func begin(_ state: ServiceState, speed: Double) {
        self.scheduler.clear()
        self.held.release(closing: true)
        self.liveStreams.endAll()
        self.clock.restart(at: state.now, speed: speed)
        self.step { old in
            var state = state
            (state.apiOrigin, state.mediaOrigin, state.mediaClock) = (old.apiOrigin, old.mediaOrigin, old.mediaClock)
            state.world = old.world + 1
            old = state
            old.changed = ChangedTopics.all.reduce(into: []) { $0.formUnion($1.topic) }
        }
        for attempt in self.step({ $0.restoredAttempts() }) { self.schedule(attempt) }
        self.schedulePlan()
        self.scheduler.wake()
    }
}

extension ServiceState {
    /// Adds a delivery of an earlier run.
    mutating func restore(_ delivery: RingSimulatorDelivery) {
        var delivery = delivery
        delivery.number = self.deliveries.nextNumber
        self.deliveries.append(delivery, bytes: delivery.bytes, isHeld: delivery.nextAttempt != nil)
        if delivery.outcome == .withheld { self.withheld[delivery.account, default: []].append(delivery.number) }
    }

    /// The attempts that deliveries of an earlier run wait for.
    func restoredAttempts() -> [PlannedAttempt] {
        self.deliveries.ascending().compactMap { number, delivery in
            delivery.nextAttempt.map {
                PlannedAttempt(
                    number: number, series: delivery.series, world: self.world, due: $0.epochMilliseconds)
            }
        }
    }
}

extension RingSimulatorConfiguration {
    /// The accounts, switches and events of a scenario in place of these; what it does not name of the rest stays.
    func replaced(by scenario: JSONAPIValue) throws(RingSimulatorError) -> Self {
        var configuration = self
        configuration.accounts = [RingSimulatorAccount()]
        configuration.switches = RingSimulatorSwitches()
        (configuration.events, configuration.steps) = ([], [])
        configuration.backDating = .zero
        try configuration.apply(scenario)
        return configuration
    }
}
