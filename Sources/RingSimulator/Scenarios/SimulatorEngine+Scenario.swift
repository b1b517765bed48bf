internal import RingCore
internal import RingJSONAPI

extension SimulatorEngine {
    /// Plans the events and steps of a configuration. What lies in the past, because the scenario is back-dated, happens
    /// at once.
    func beginScenario(_ configuration: RingSimulatorConfiguration) {
        let now = self.clock.now
        let start = now - configuration.backDating.wholeMilliseconds
        let events = configuration.events.map { ScenarioStep(action: .event($0), delay: $0.delay) }
        self.step { state in
            for step in events + configuration.steps { state.plan.add(.init(step: step, start: start)) }
        }
        while self.step({ $0.happenNext(until: now - 1, isPast: true) }) {}
        self.schedulePlan()
    }

    /// Makes an event happen after its delay.
    func plan(_ event: RingSimulatorEvent) {
        let (due, world) = self.step { state in
            let step = ScenarioStep(action: .event(event), delay: event.delay)
            state.plan.add(.init(step: step, start: state.now))
            state.changed.insert(.clock)
            return (state.now + event.delay.wholeMilliseconds, state.world)
        }
        self.scheduler.schedule(at: due, .step { [weak self] in self?.happen(in: world) })
    }

    /// Plans one job, for what comes next, which then plans the next one.
    func schedulePlan() {
        let (due, world) = self.step { ($0.plan.due, $0.world) }
        guard let due else { return }
        self.scheduler.schedule(
            at: due,
            .step { [weak self] in
                // Steps of an earlier world have ended with it.
                guard let self, self.happen(in: world) else { return }
                self.schedulePlan()
            })
    }

    /// Goes through everything that is due, in the order of the times.
    ///
    /// - Returns: Whether the world is still the same.
    @discardableResult
    private func happen(in world: Int) -> Bool {
        while true {
            let now = self.clock.now
            let (isCurrent, isMore) = self.step { state in
                guard state.world == world else { return (false, false) }
                return (true, state.happenNext(until: now))
            }
            guard isCurrent, isMore else { return isCurrent }
        }
    }
}

extension ServiceState {
    /// Makes the next thing of the plan happen, at its own time also when the clock has jumped over it.
    ///
    /// - Returns: Whether anything was due.
    fileprivate mutating func happenNext(until limit: Int64, isPast: Bool = false) -> Bool {
        guard let (step, number, time) = self.plan.next(until: limit) else { return false }
        let now = self.now
        (self.now, self.isPast) = (time, isPast)
        step.happen(number, in: &self)
        self.changed.insert(.clock)
        // What is reported is reported at its own time.
        if isPast { (self.now, self.isPast) = (now, false) }
        return true
    }
}

extension ScenarioStep {
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
