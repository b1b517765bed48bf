internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// The whole state: what it is, what changed, its clock, a new beginning, and its export and import.
extension ControlAPI {
    static let stateRoutes: [ControlRoute] = [
        ControlRoute(
            "GET", "/state", "getState", "Accounts, their states and devices, the simulated time, the origins",
            replies: [.init(200, "The state", "State")]
        ) { _, simulator in .json(200, simulator.stateLiteral()) },
        ControlRoute(
            "GET", "/changes", "waitForChange", "Waits until something changed after a version",
            parameters: [
                .query("after", "The version that was seen last; 0", ["type": "integer"]),
                .query("timeout_ms", "How long to wait; 30000", ["type": "integer", "maximum": 300_000]),
            ],
            replies: [.init(200, "The version, and the topics that changed; none when the time was up", "Changes")]
        ) { request, simulator throws(ControlFailure) in
            try request.checkQuery("after", "timeout_ms")
            let after = UInt64(try request.queryCount("after", in: 0...(.max)) ?? 0)
            let limit = try request.queryCount("timeout_ms", in: 0...300_000) ?? 30_000
            let changes = simulator.engine.changes
            _ = await changes.wait(until: { changes.version > after }, atMost: .milliseconds(limit))
            let topics = changes.topics(after: after)
            return .json(
                200,
                [
                    "version": .int(Int64(clamping: changes.version)),
                    "topics": .array(topics.names.map { .string($0) }),
                ])
        },
    ]

    static let clockRoutes: [ControlRoute] = [
        ControlRoute(
            "GET", "/clock", "getClock", "The simulated time, how fast it runs, and the number of its last change",
            replies: [.init(200, "The clock", "Clock")]
        ) { _, simulator in .json(200, simulator.clockLiteral) },
        ControlRoute(
            "POST", "/clock", "setClock",
            "Moves the clock forward and waits for what became due, or changes its speed. Going back takes a new world",
            body: "ClockChange", replies: [.init(200, "The clock", "Clock"), .init(400, "Not forward", "Errors")]
        ) { request, simulator throws(ControlFailure) in
            try request.checkMembers("advance_ms", "speed", "to")
            if let value = request.body["speed"] {
                guard let speed = value.double, SimulatedClock.speeds.contains(speed) else {
                    throw .badRequest("/speed: a number from 0, which stands still, to 1000000 is needed")
                }
                simulator.setSpeed(speed)
            }
            var advance = Int64(0)
            if let value = request.body["advance_ms"] {
                guard let milliseconds = value.int64, (0...(1 << 42)).contains(milliseconds) else {
                    throw .badRequest(
                        "/advance_ms: milliseconds from 0 to \(1 << 42 as Int64) are needed; to go back, use POST /reset"
                    )
                }
                advance = milliseconds
            }
            if let value = request.body["to"] {
                guard advance == 0, let time = value.int64, (0...(1 << 45)).contains(time) else {
                    throw .badRequest("/to: epoch milliseconds are needed, without advance_ms")
                }
                advance = time - simulator.now.epochMilliseconds
                guard advance >= 0 else {
                    throw .badRequest("/to: the time is in the past of the simulator; to go back, use POST /reset")
                }
            }
            simulator.advance(by: .milliseconds(advance))
            await simulator.settle()
            return .json(200, simulator.clockLiteral)
        },
        ControlRoute(
            "GET", "/held", "countHeld", "The number of requests that a switch holds",
            replies: [.init(200, "The number", "Held")]
        ) { _, simulator in .json(200, ["held": .int(Int64(simulator.heldRequests))]) },
        ControlRoute(
            "POST", "/release", "releaseHeld",
            "Releases held requests; with close their connections are closed and nothing more is done",
            body: "Release", replies: [.init(204, "Released")]
        ) { request, simulator throws(ControlFailure) in
            try request.checkMembers("close")
            simulator.release(closing: try request.bool("close") ?? false)
            return .empty(204)
        },
    ]

    static let worldRoutes: [ControlRoute] = [
        ControlRoute(
            "POST", "/reset", "reset",
            "A new world: everything is as at the start, or as in a scenario; the clock may go back",
            body: "Reset", replies: [.init(200, "The state", "State"), .init(400, "The scenario is wrong", "Errors")]
        ) { request, simulator throws(ControlFailure) in
            try request.checkMembers("scenario", "now")
            var configuration = simulator.configuration
            if let scenario = request.body["scenario"] {
                do throws(RingSimulatorError) { configuration = try configuration.replaced(by: scenario) } catch {
                    throw ControlFailure(error, in: "scenario")
                }
            }
            var now: Int64?
            if let value = request.body["now"] {
                guard let time = value.int64, (0...(1 << 45)).contains(time) else {
                    throw .badRequest("/now: epoch milliseconds are needed")
                }
                now = time
            }
            do throws(RingSimulatorError) { try simulator.engine.reset(configuration, now: now) } catch {
                throw ControlFailure(error)
            }
            return .json(200, simulator.stateLiteral())
        },
        ControlRoute(
            "GET", "/export", "exportState", "The whole state as one document, with its secrets, for POST /import",
            replies: [.init(200, "The document", "StateDocument")]
        ) { _, simulator throws(ControlFailure) in
            do {
                return .json(200, .value(try JSONAPIValue(parsing: try simulator.engine.exported())))
            } catch {
                throw ControlFailure(status: 500, title: "Internal Server Error", detail: "the export failed: \(error)")
            }
        },
        ControlRoute(
            "POST", "/import", "importState", "Replaces the whole state by that of an exported document",
            body: "StateDocument",
            replies: [.init(200, "The state", "State"), .init(400, "Not a document of this version", "Errors")]
        ) { request, simulator throws(ControlFailure) in
            do throws(RingSimulatorError) { try simulator.engine.restore(request.request.body) } catch {
                throw ControlFailure(error, in: "import")
            }
            return .json(200, simulator.stateLiteral())
        },
    ]
}

extension RingSimulator {
    /// Changes how many simulated milliseconds pass in a real one; 0 stops the clock.
    package func setSpeed(_ speed: Double) {
        self.engine.clock.setSpeed(speed)
        self.engine.changes.note(.clock)
        self.engine.scheduler.wake()
    }

    var clockLiteral: JSONAPILiteral {
        [
            "now": .int(self.now.epochMilliseconds), "speed": .double(self.engine.clock.speed),
            "change": .int(Int64(clamping: self.engine.changes.version(of: .clock))),
        ]
    }

    func stateLiteral() -> JSONAPILiteral {
        let accounts = self.engine.step { state in state.accounts.map { state.literal(of: $0.id) } }
        return [
            "now": .int(self.now.epochMilliseconds), "speed": .double(self.engine.clock.speed),
            "version": .int(Int64(clamping: self.engine.changes.version)), "api_url": .string(self.apiURL),
            "oauth_url": .string(self.oauthURL), "media_url": .string(self.mediaURL),
            "control_url": .string(self.controlURL), "webhook": self.engine.step { $0.partnerURLs },
            "open_sessions": .int(Int64(self.openSessions)), "accounts": .array(accounts),
        ]
    }
}
