internal import RingCore
internal import RingJSONAPI
internal import RingListener
internal import RingLive

/// Accounts, their devices and their live sessions.
extension ControlAPI {
    private static let id: ControlRoute.Parameter = .path("id", "The account's id")

    static let accountRoutes: [ControlRoute] = [
        ControlRoute(
            "GET", "/accounts", "listAccounts", "The accounts with the states of their integrations and their devices",
            replies: [.init(200, "The accounts", "AccountList")]
        ) { _, simulator in
            .json(
                200,
                simulator.engine.step { state in
                    ["accounts": .array(state.accounts.map { state.literal(of: $0.id) })]
                })
        },
        ControlRoute(
            "GET", "/accounts/{id}", "getAccount", "One account", parameters: [id],
            replies: [.init(200, "The account", "Account"), .init(404, "No such account", "Errors")]
        ) { request, simulator throws(ControlFailure) in
            let id = try request.pathAccount(simulator)
            return .json(200, simulator.engine.step { $0.literal(of: id) })
        },
        ControlRoute(
            "PATCH", "/accounts/{id}", "setAccountState",
            "Sets the state of an integration, without webhooks about it: for tests that begin after the linking",
            parameters: [id], body: "AccountState",
            replies: [.init(200, "The account", "Account"), .init(404, "No such account", "Errors")]
        ) { request, simulator throws(ControlFailure) in
            try request.checkMembers("state")
            let id = try request.pathAccount(simulator)
            let text = try request.string("state") ?? ""
            guard let wanted = RingSimulatorAccount.State(rawValue: text) else {
                throw ControlFailure(
                    .unknownValue(text, "/state", RingSimulatorAccount.State.allCases.map(\.rawValue)))
            }
            return .json(
                200,
                simulator.engine.step { state in
                    state.setState(wanted, of: id)
                    return state.literal(of: id)
                })
        },
        ControlRoute(
            "POST", "/accounts/{id}/unlink", "unlinkAccount",
            "The user removes the integration: tokens are dead, sessions end, app_integration_removed is sent",
            parameters: [id],
            replies: [
                .init(200, "The account", "Account"), .init(404, "No such account", "Errors"),
                .init(409, "It is not linked", "Errors"),
            ]
        ) { request, simulator throws(ControlFailure) in
            let id = try request.pathAccount(simulator)
            let literal = simulator.engine.step { state -> JSONAPILiteral? in
                guard state.account(id)?.state != .removed else { return nil }
                state.trigger(RingSimulatorEvent(type: "app_integration_removed", account: id))
                return state.literal(of: id)
            }
            guard let literal else { throw .conflict("the integration is removed already; reinstall it first") }
            return .json(200, literal)
        },
        ControlRoute(
            "POST", "/accounts/{id}/reinstall", "reinstallAccount",
            "The user installs the app again: the integration is pending, all devices are shared, old tokens stay dead",
            parameters: [id],
            replies: [
                .init(200, "The account", "Account"), .init(404, "No such account", "Errors"),
                .init(409, "It was not removed", "Errors"),
            ]
        ) { request, simulator throws(ControlFailure) in
            let id = try request.pathAccount(simulator)
            let literal = simulator.engine.step { state -> JSONAPILiteral? in
                guard state.account(id)?.state == .removed else { return nil }
                state.reinstall(id)
                return state.literal(of: id)
            }
            guard let literal else { throw .conflict("the integration is not removed; unlink it first") }
            return .json(200, literal)
        },
        ControlRoute(
            "GET", "/sessions", "listSessions", "The open live sessions with the time that they have left",
            replies: [.init(200, "The sessions", "SessionList")]
        ) { _, simulator in
            let sessions = simulator.engine.step { state in state.openSessions.map { ($0.key, state.literal(of: $0)) } }
            return .json(
                200,
                [
                    "sessions": .array(
                        sessions.map { id, literal in
                            guard case .object(let members) = literal else { return literal }
                            return .object(members + [("video", simulator.engine.liveStreams.literal(of: id))])
                        })
                ])
        },
        ControlRoute(
            "POST", "/sessions/{id}/end", "endSession",
            "Ends a live session without a word to the client, as Ring does",
            parameters: [.path("id", "The session's id")],
            replies: [.init(204, "Ended"), .init(404, "No such session", "Errors")]
        ) { request, simulator throws(ControlFailure) in
            let id = request.values["id"] ?? ""
            guard simulator.engine.step({ $0.endSession(id) }) else {
                throw .notFound("no live session with this id is open")
            }
            return .empty(204)
        },
    ]
}

extension LiveStreams {
    /// What a session has sent; `null` when it sends no picture.
    fileprivate func literal(of session: String) -> JSONAPILiteral {
        guard let report = self.report(of: session) else { return nil }
        let numbers = report.numbers
        return [
            "connected": .bool(report.isConnected), "pictures": .int(Int64(report.pictures)),
            "packets": .int(Int64(numbers.packets)),
            "lost_packets": .int(Int64(numbers.lost)), "delayed_packets": .int(Int64(numbers.delayed)),
            "reordered_packets": .int(Int64(numbers.reordered)), "requested_packets": .int(Int64(numbers.requested)),
            "repeated_packets": .int(Int64(numbers.repeated)),
            "key_frame_requests": .int(Int64(numbers.keyFrameRequests)),
        ]
    }
}

extension ServiceState {
    /// The live sessions that are neither closed nor over.
    var openSessions: [(key: String, value: Session)] {
        self.sessions.ordered.filter { !$0.value.isClosed && $0.value.ends > self.now }
    }

    func literal(of session: (key: String, value: Session)) -> JSONAPILiteral {
        let device = self.device(session.value.device)
        return [
            "id": .string(session.key), "device": .string(session.value.device.rawValue),
            "device_name": device.map { .string($0.device.name) } ?? nil,
            "account": device.map { .string($0.account.rawValue) } ?? nil, "ends": .int(session.value.ends),
            "remaining_ms": .int(max(0, session.value.ends - self.now)),
        ]
    }

    mutating func endSession(_ id: String) -> Bool {
        guard let session = self.sessions[id], !session.isClosed, session.ends > self.now else { return false }
        let now = self.now
        self.sessions[id]?.ends = now
        return true
    }

    /// An account and its devices as JSON.
    func literal(of id: RingAccountID) -> JSONAPILiteral {
        guard let account = self.account(id) else { return nil }
        let devices = (self.places.devicesOfAccount[id] ?? []).map { self.devices[$0] }
        return [
            "id": .string(id.rawValue), "state": .string(account.state.rawValue),
            "first_name": .string(account.firstName), "last_name": .string(account.lastName),
            "email": .string(account.email),
            "devices": .array(devices.filter { !$0.isRemoved }.map(self.literal)),
            "removed_devices": .array(devices.filter(\.isRemoved).map(self.literal)),
        ]
    }

    private func literal(of device: Device) -> JSONAPILiteral {
        [
            "id": .string(device.id.rawValue), "kind": .string(device.device.kind.rawValue),
            "name": .string(device.device.name), "online": .bool(device.device.isOnline),
            "line_powered": .bool(device.device.isLinePowered),
            "alarms": .array(device.sensors.alarms.sorted().map { .string($0) }),
        ]
    }

    /// The user installs the app again after a removal.
    mutating func reinstall(_ id: RingAccountID) {
        self.endAccess(of: id)
        for (key, code) in self.codes where code.account == id { self.codes[key]?.isUsed = true }
        self.redirects[id] = nil
        self.pkceAccounts.remove(id)
        self.consents[id] = self.now
        for index in self.places.devicesOfAccount[id] ?? [] {
            self.devices[index].isRemoved = false
            self.devices[index].sharedAt = self.now
        }
        self.setState(.pending, of: id)
    }
}
