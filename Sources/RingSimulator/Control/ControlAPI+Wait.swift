internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// Calls that wait for something to happen, or assert that it has.
extension ControlAPI {
    static let waitRoutes: [ControlRoute] = [
        ControlRoute(
            "POST", "/wait", "wait", "Waits until enough requests, deliveries, held requests or live sessions match",
            body: "Wait",
            replies: [
                .init(200, "They match", "Found"), .init(400, "The condition is wrong", "Errors"),
                .init(409, "The time was up; found is what matched until then", "NotFound"),
            ]
        ) { request, simulator throws(ControlFailure) in
            try request.checkMembers(
                "requests", "deliveries", "held", "sessions", "account", "state", "settled", "count", "timeout_ms")
            let condition = try Condition(request, simulator)
            let timeout = try request.count("timeout_ms") ?? 10_000
            guard timeout <= 300_000 else { throw .badRequest("/timeout_ms: at most 300000") }
            let count = try request.count("count") ?? 1
            if case .settled = condition {
                let isSettled = await simulator.engine.scheduler.settle(atMost: .milliseconds(timeout))
                guard isSettled else { throw .conflict("after \(timeout) ms: webhooks are still under way") }
                return .json(200, ["found": 0, "records": []])
            }
            // Looked at again after each change.
            let isMet = await simulator.engine.changes.wait(
                until: { condition.count(in: simulator) >= count }, atMost: .milliseconds(timeout))
            let found = condition.found(in: simulator)
            if isMet { return .json(200, found.literal) }
            return found.failure(
                "after \(timeout) ms: \(found.count) of \(count) \(condition.name) match\(condition.hint(simulator))")
        },
        ControlRoute(
            "POST", "/assert", "assert", "Whether the number of matching records is as it should be, now",
            body: "Assert",
            replies: [
                .init(200, "It is", "Found"), .init(400, "The condition is wrong", "Errors"),
                .init(409, "It is not; found is what matches", "NotFound"),
            ]
        ) { request, simulator throws(ControlFailure) in
            try request.checkMembers(
                "requests", "deliveries", "held", "sessions", "account", "state", "count", "minimum", "maximum")
            let condition = try Condition(request, simulator)
            let exact = try request.count("count")
            let minimum = try request.count("minimum") ?? exact ?? (request.body["maximum"] == nil ? 1 : 0)
            let maximum = try request.count("maximum") ?? exact ?? .max
            guard exact == nil || request.body["minimum"] == nil && request.body["maximum"] == nil else {
                throw .badRequest("/count: use count, or minimum and maximum")
            }
            guard minimum <= maximum else { throw .badRequest("/minimum: it is greater than maximum") }
            let found = condition.found(in: simulator)
            if (minimum...maximum).contains(found.count) { return .json(200, found.literal) }
            let wanted =
                exact.map { "exactly \($0)" }
                ?? (maximum == .max ? "at least \(minimum)" : "\(minimum) to \(maximum)")
            return found.failure(
                "\(found.count) \(condition.name) match, \(wanted) wanted\(condition.hint(simulator))")
        },
    ]

    /// What is counted.
    private enum Condition: Sendable {
        case requests(RecordFilter)
        case deliveries(RecordFilter)
        case held
        case sessions(RingDeviceID?)
        case account(RingAccountID, RingSimulatorAccount.State)
        case settled

        init(_ request: ControlRequest, _ simulator: RingSimulator) throws(ControlFailure) {
            let body = request.body
            let kinds = ["requests", "deliveries", "held", "sessions", "state", "settled"].filter { body[$0] != nil }
            guard kinds.count == 1, let kind = kinds.first, let value = body[kind] else {
                throw .badRequest(
                    "/: one of requests, deliveries, held, sessions, state with account, and settled is needed")
            }
            switch kind {
            case "requests", "deliveries":
                let filter = try ControlAPI.step(simulator) { state throws(RingSimulatorError) in
                    try RecordFilter(value, of: kind == "requests" ? .requests : .deliveries, in: state)
                }
                self = kind == "requests" ? .requests(filter) : .deliveries(filter)
            case "state":
                let text = try request.string("state") ?? ""
                guard let state = RingSimulatorAccount.State(rawValue: text) else {
                    let known = RingSimulatorAccount.State.allCases.map(\.rawValue)
                    throw ControlFailure(.unknownValue(text, "/state", known))
                }
                self = .account(try request.account(simulator), state)
            case "sessions" where value.kind == .object:
                for (name, member) in value.members where name != "device" {
                    throw ControlFailure(.unknownMember(name, member, ["device"]))
                }
                let name = value["device"]?.string
                self = .sessions(
                    try ControlAPI.step(simulator) { state throws(RingSimulatorError) in
                        guard let name else { return nil }
                        return try state.deviceID(named: name, "/sessions/device")
                    })
            case "sessions": self = try Self.flag(value, .sessions(nil))
            default: self = try Self.flag(value, kind == "held" ? .held : .settled)
            }
        }

        private static func flag(_ value: JSONAPIValue, _ condition: Self) throws(ControlFailure) -> Self {
            guard value.bool == true else { throw .badRequest("\(value.path): true is needed") }
            return condition
        }

        var name: String {
            switch self {
            case .requests: "requests"
            case .deliveries: "deliveries"
            case .held: "held requests"
            case .sessions: "open live sessions"
            case .account: "accounts"
            case .settled: "webhooks"
            }
        }

        func count(in simulator: RingSimulator) -> Int { self.found(in: simulator, limit: 0).count }

        func found(in simulator: RingSimulator, limit: Int = 50) -> Found {
            switch self {
            case .held: return Found(count: simulator.heldRequests)
            case .settled: return Found(count: 0)
            default: break
            }
            return simulator.engine.step { state in
                switch self {
                case .requests(let filter):
                    let matching = state.journal.ascending(from: filter.after + 1).filter { filter.matches($0.element) }
                    return Found(
                        count: matching.count,
                        records: matching.suffix(limit).map { $0.element.literal(isComplete: false) })
                case .deliveries(let filter):
                    let matching = state.deliveries.ascending(from: filter.after + 1)
                        .filter { filter.matches($0.element) }
                    return Found(count: matching.count, records: matching.suffix(limit).map(\.element.literal))
                case .sessions(let device):
                    let open = state.openSessions.filter { device == nil || $0.value.device == device }
                    return Found(count: open.count, records: limit == 0 ? [] : open.map { state.literal(of: $0) })
                case .account(let id, let wanted):
                    let isThere = state.account(id)?.state == wanted
                    return Found(count: isThere ? 1 : 0)
                case .held, .settled: return Found(count: 0)
                }
            }
        }

        /// What there is instead, when nothing matches.
        func hint(_ simulator: RingSimulator) -> String {
            simulator.engine.step { state in
                switch self {
                case .requests:
                    let last = state.journal.descending().prefix(3).map {
                        "\($0.element.request.method) \($0.element.request.path) (\($0.element.request.status))"
                    }
                    return last.isEmpty
                        ? "; the journal is empty" : "; the last requests are \(last.joined(separator: ", "))"
                case .deliveries:
                    let last = state.deliveries.descending().prefix(3).map {
                        "\($0.element.type) (\($0.element.outcome.rawValue))"
                    }
                    return last.isEmpty
                        ? "; there are no deliveries" : "; the last deliveries are \(last.joined(separator: ", "))"
                case .account(let id, _): return "; its state is \(state.account(id)?.state.rawValue ?? "unknown")"
                case .held, .sessions, .settled: return ""
                }
            }
        }
    }

    /// What a condition found.
    private struct Found: Sendable {
        var count: Int
        var records: [JSONAPILiteral] = []

        var literal: JSONAPILiteral { ["found": .int(Int64(self.count)), "records": .array(self.records)] }

        func failure(_ detail: String) -> RingListenerResponse {
            .json(
                409,
                [
                    "errors": [["status": "409", "title": "Conflict", "detail": .string(detail)]],
                    "found": .int(Int64(self.count)), "records": .array(self.records),
                ])
        }
    }
}
