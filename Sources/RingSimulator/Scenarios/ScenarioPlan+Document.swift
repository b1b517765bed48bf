internal import RingCore
internal import RingJSONAPI

/// A plan in a document, so that a scenario goes on after a restart.
extension ScenarioPlan {
    private enum Member: String, CaseIterable {
        case start, done, step
    }

    var literal: JSONAPILiteral {
        .array(
            self.runs.map { run in
                // The delay is part of the start, so that it may be any.
                [
                    Member.start.rawValue: .int(run.start + run.step.delay.wholeMilliseconds),
                    Member.done.rawValue: .int(Int64(run.done)), Member.step.rawValue: run.step.literal,
                ]
            })
    }

    /// Reads the steps of a document.
    static func runs(_ value: JSONAPIValue) throws(RingSimulatorError) -> [Run] {
        try value.list { value throws(RingSimulatorError) in
            var (start, done): (Int64?, Int) = (nil, 0)
            var step: ScenarioStep?
            for (member, value) in try value.members(as: Member.self) {
                switch member {
                case .start: start = try value.neededTime()
                case .done: done = try value.neededCount()
                case .step: step = try ScenarioStep(value)
                }
            }
            guard let start, let step else { throw .invalid(value, "the members start and step are needed") }
            return Run(step: step, start: start, done: done)
        }
    }
}

extension JSONAPIValue {
    /// Epoch milliseconds, near enough to the present to be added to others.
    func neededTime() throws(RingSimulatorError) -> Int64 {
        let times = -(Int64(1) << 50)...(Int64(1) << 50)
        return try self.needed(self.int64.flatMap { times.contains($0) ? $0 : nil }, "epoch milliseconds")
    }
}

extension ScenarioStep {
    /// The step as a scenario has it, without its delay.
    fileprivate var literal: JSONAPILiteral {
        var members: [(Member, JSONAPILiteral)] = [
            (.count, .int(Int64(self.count))), (.everyMilliseconds, .int(self.interval.wholeMilliseconds)),
        ]
        switch self.action {
        case .event(let event): members.append((.event, event.literal))
        case .everywhere(let event): members += [(.event, event.literal), (.eachAccount, true)]
        case .switches(let text):
            // Checked when the scenario was read.
            members.append((.switches, (try? JSONAPIValue(parsing: text)).map { .value($0) } ?? [:]))
        case .unlink(let account): members.append((.unlink, Self.literal(account)))
        case .state(let state, let account): members.append((.state, Self.literal(account, state)))
        }
        return .object(members.map { ($0.0.rawValue, $0.1) })
    }

    private static func literal(
        _ account: RingAccountID, _ state: RingSimulatorAccount.State? = nil
    ) -> JSONAPILiteral {
        var members = [(AccountMember.account.rawValue, JSONAPILiteral.string(account.rawValue))]
        if let state { members.append((AccountMember.state.rawValue, .string(state.rawValue))) }
        return .object(members)
    }
}

extension RingSimulatorEvent {
    /// The event as a scenario has it, without its delay.
    fileprivate var literal: JSONAPILiteral {
        var members: [(Member, JSONAPILiteral)] = [
            (.type, .string(self.type)), (.componentIDs, .array(self.componentIDs.map { .string($0) })),
            (.recordingMilliseconds, .int(max(0, min(self.recording.wholeMilliseconds, 1_000_000_000)))),
        ]
        if let device { members.append((.device, .string(device.rawValue))) }
        if let account { members.append((.account, .string(account.rawValue))) }
        if let subType { members.append((.subType, .string(subType))) }
        return .object(members.map { ($0.0.rawValue, $0.1) })
    }
}
