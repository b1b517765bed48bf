/// How often which fault happens to a call. Each number is a probability.
package struct SimulatedFaults: Hashable, Sendable {
    /// The process ends before the call has its effect.
    package var endBefore = 0.0
    /// The process ends after the effect, before it learns of it.
    package var endAfter = 0.0
    /// The call fails without effect.
    package var failBefore = 0.0
    /// The call fails although it had its effect.
    package var failAfter = 0.0
    /// The call takes up to ``slowTime`` instead of some milliseconds.
    package var slow = 0.0
    /// The longest time of a slow call.
    package var slowTime = Duration.seconds(20)

    /// No faults.
    package static let none = SimulatedFaults()

    package init(
        endBefore: Double = 0, endAfter: Double = 0, failBefore: Double = 0, failAfter: Double = 0, slow: Double = 0,
        slowTime: Duration = .seconds(20)
    ) {
        self.endBefore = endBefore
        self.endAfter = endAfter
        self.failBefore = failBefore
        self.failAfter = failAfter
        self.slow = slow
        self.slowTime = slowTime
    }

    /// What happens to one call.
    enum Fate: Hashable, Sendable {
        case success
        case endBefore
        case endAfter
        case failBefore
        case failAfter
    }

    /// Draws what happens to a call.
    func fate(_ simulation: Simulation) -> Fate {
        if self == .none { return .success }
        var rest = Double(simulation.next() >> 11) * 0x1p-53
        for (probability, fate) in [
            (self.endBefore, Fate.endBefore), (self.endAfter, .endAfter), (self.failBefore, .failBefore),
            (self.failAfter, .failAfter),
        ] {
            if rest < probability { return fate }
            rest -= probability
        }
        return .success
    }

    /// Draws how long one way of a call takes.
    func time(_ simulation: Simulation) -> Duration {
        if self.slow > 0, simulation.chance(self.slow) { return simulation.duration(below: self.slowTime) }
        return simulation.duration(below: .milliseconds(4))
    }
}

/// The faults of every seam of a simulation, changed while it runs.
package struct SimulatedFaultPlan: Hashable, Sendable {
    /// Of storage calls.
    package var storage = SimulatedFaults.none
    /// Of requests.
    package var transport = SimulatedFaults.none
    /// Of waiting. Only ``SimulatedFaults/endBefore`` and ``SimulatedFaults/endAfter`` count.
    package var clock = SimulatedFaults.none
    /// The number of processes that may still end by a fault.
    package var ends = 0

    package init() {}
}
