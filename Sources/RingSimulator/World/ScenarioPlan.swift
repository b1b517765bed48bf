/// What is still to happen by itself: the steps of a scenario, and events that were planned.
struct ScenarioPlan: Sendable {
    /// A step on its way: the time that is next, of how many.
    struct Run: Sendable {
        var step: ScenarioStep
        /// The simulated time of the beginning.
        var start: Int64
        /// How often it has happened.
        var done = 0

        /// The next time; `nil` when there is none.
        func due(_ accounts: Int) -> Int64? {
            guard self.done < self.step.times(accounts) else { return nil }
            return self.start + self.step.delay.wholeMilliseconds
                + Int64(self.done) * self.step.interval.wholeMilliseconds
        }
    }

    private(set) var runs: [Run] = []
    private let accountCount: Int

    /// - Parameter accountCount: At how many accounts a step happens that happens at each.
    init(accountCount: Int) { self.accountCount = accountCount }

    /// When something happens next.
    var due: Int64? { self.runs.compactMap { $0.due(self.accountCount) }.min() }

    mutating func add(_ run: Run) {
        if run.due(self.accountCount) != nil { self.runs.append(run) }
    }

    /// Takes what happens next, when it is due; of two at one time, the one that was added first.
    mutating func next(until time: Int64) -> (step: ScenarioStep, number: Int, time: Int64)? {
        guard let due = self.due, due <= time,
            let index = self.runs.firstIndex(where: { $0.due(self.accountCount) == due })
        else { return nil }
        let run = self.runs[index]
        self.runs[index].done += 1
        if self.runs[index].due(self.accountCount) == nil { self.runs.remove(at: index) }
        return (run.step, run.done, due)
    }
}

extension ScenarioStep {
    /// How often the step happens in all.
    fileprivate func times(_ accounts: Int) -> Int {
        if case .everywhere = self.action { return self.count * accounts }
        return self.count
    }
}
