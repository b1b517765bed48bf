package import RingCore
internal import RingJSONAPI

/// Something that a scenario makes happen by itself, once or more.
package struct ScenarioStep: Hashable, Sendable {
    package enum Action: Hashable, Sendable {
        /// An event at a device or an account.
        case event(RingSimulatorEvent)
        /// The event, at every account.
        case everywhere(RingSimulatorEvent)
        /// Other switches, as a JSON object with some of them.
        case switches(String)
        /// The user removes the app.
        case unlink(RingAccountID)
        /// The state of an account's integration changes.
        case state(RingSimulatorAccount.State, RingAccountID)
    }

    package var action: Action
    /// The simulated time between the beginning and the first time.
    package var delay: Duration
    /// How often it happens; of an event at every account, how often at each.
    package var count = 1
    /// The simulated time between one time and the next.
    package var interval = Duration.zero
}

extension SimulatorEngine {
    /// Plans the events and steps of a configuration. What lies in the past, because the scenario is back-dated, happens
    /// at once.
    func beginScenario(_ configuration: RingSimulatorConfiguration) {
        let now = self.clock.now
        let start = now - configuration.backDating.wholeMilliseconds
        let (accounts, world) = self.step { ($0.accounts.count, $0.world) }
        let events = configuration.events.map { ScenarioStep(action: .event($0), delay: $0.delay) }
        let runs = (events + configuration.steps).map { step in
            ScenarioRun(step: step, start: start, count: step.times(accounts))
        }
        var plan = ScenarioPlan(runs: runs, world: world)
        while let (step, number, time) = plan.next(until: now - 1) {
            self.step { state in
                let now = state.now
                (state.now, state.isPast) = (time, true)
                step.happen(number, in: &state)
                (state.now, state.isPast) = (now, false)
            }
        }
        self.schedule(plan)
    }

    /// Plans one job, for what comes next; it goes through everything that is due by then, in the order of the times.
    private func schedule(_ plan: ScenarioPlan) {
        guard let due = plan.due else { return }
        self.scheduler.schedule(
            at: due,
            .step { [weak self] in
                var plan = plan
                while let self, let (step, number, time) = plan.next(until: self.clock.now) {
                    let isCurrent = self.step { state in
                        guard state.world == plan.world else { return false }
                        // Also when the clock has jumped over it, it happens at its own time.
                        state.now = time
                        step.happen(number, in: &state)
                        return true
                    }
                    guard isCurrent else { return }
                }
                self?.schedule(plan)
            })
    }
}

/// The steps of a scenario on their way.
private struct ScenarioPlan: Sendable {
    var runs: [ScenarioRun]
    /// Steps of an earlier world have ended with it.
    let world: Int

    /// When something happens next.
    var due: Int64? { self.runs.compactMap(\.due).min() }

    /// Takes what happens next, when it is due; of two at one time, the one that the scenario names first.
    mutating func next(until time: Int64) -> (step: ScenarioStep, number: Int, time: Int64)? {
        guard let due = self.due, due <= time, let index = self.runs.firstIndex(where: { $0.due == due }) else {
            return nil
        }
        defer { self.runs[index].number += 1 }
        return (self.runs[index].step, self.runs[index].number, due)
    }
}

/// A step on its way: the time that is next, of how many.
private struct ScenarioRun: Sendable {
    let step: ScenarioStep
    /// The simulated time of the beginning.
    let start: Int64
    let count: Int
    var number = 0

    /// The next time; `nil` when there is none.
    var due: Int64? {
        guard self.number < self.count else { return nil }
        return self.start + self.step.delay.wholeMilliseconds
            + Int64(self.number) * self.step.interval.wholeMilliseconds
    }
}

extension ScenarioStep {
    /// How often the step happens in all.
    fileprivate func times(_ accounts: Int) -> Int {
        if case .everywhere = self.action { return self.count * accounts }
        return self.count
    }

    fileprivate func happen(_ number: Int, in state: inout ServiceState) {
        switch self.action {
        case .event(let event): state.trigger(event)
        case .everywhere(var event):
            guard !state.accounts.isEmpty else { return }
            event.account = state.accounts[number % state.accounts.count].id
            state.trigger(event)
        case .switches(let text):
            guard let value = try? JSONAPIValue(parsing: text) else { return }
            // Checked when the scenario was read.
            try? state.switches.apply(value)
        case .unlink(let account):
            let event = RingSimulatorEvent(
                type: "app_integration_removed",
                account: account.rawValue.isEmpty ? state.firstAccountID : account)
            state.trigger(event)
        case .state(let accountState, let account):
            state.setState(accountState, of: account.rawValue.isEmpty ? state.firstAccountID : account)
        }
    }
}
