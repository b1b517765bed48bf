internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// Events, and what links an account: codes, redirects, tokens.
extension ControlAPI {
    static let eventRoutes: [ControlRoute] = [
        ControlRoute(
            "POST", "/events", "makeEvent", "Makes an event happen now, with its webhook and its entry in the history",
            body: "Event", replies: [.init(200, "The webhooks", "EventResult")]
        ) { request, simulator throws(ControlFailure) in
            let event = try Self.event(request.body)
            let (ids, silence, number) = try Self.step(simulator, in: "event") { state throws(RingSimulatorError) in
                try state.checkNames(of: event)
                let number = state.deliveries.nextNumber
                let ids = state.trigger(event)
                return (ids, ids.isEmpty ? state.silence(of: event) : nil, number)
            }
            let numbers = simulator.engine.step { state in
                state.deliveries.ascending(from: number).filter { ids.contains($0.element.requestID) }.map(\.number)
            }
            return .json(
                200,
                [
                    "request_ids": .array(ids.map { .string($0) }),
                    "deliveries": .array(numbers.map { .int(Int64($0)) }),
                    "not_reported": silence.map { .string($0) } ?? nil,
                ])
        },
        ControlRoute(
            "GET", "/webhook", "getWebhook", "The URLs of the partner", replies: [.init(200, "The URLs", "PartnerURLs")]
        ) { _, simulator in .json(200, simulator.engine.step { $0.partnerURLs }) },
        ControlRoute(
            "POST", "/webhook", "setWebhook",
            "Sets the URLs of the partner that are named: https, or http on this machine; null sends no webhooks",
            body: "PartnerURLs", replies: [.init(204, "Set"), .init(400, "Not a URL that can be used", "Errors")]
        ) { request, simulator throws(ControlFailure) in
            try request.checkMembers("url", "token_exchange_url")
            var urls: [String: String?] = [:]
            for name in ["url", "token_exchange_url"] where request.body.members.contains(where: { $0.name == name }) {
                let url = try request.string(name)
                if let url { try Self.check(url, "/\(name)") }
                urls[name] = .some(url)
            }
            guard !urls.isEmpty else { throw .badRequest("/: the member url or token_exchange_url is missing") }
            simulator.engine.step { [urls] state in
                if let url = urls["url"] { state.webhookURL = url }
                if let url = urls["token_exchange_url"] { state.tokenExchangeURL = url }
            }
            return .empty(204)
        },
        ControlRoute(
            "POST", "/code", "makeCode",
            "A code for an account. With url, or with a Token Exchange URL and deliver, it is posted there as Ring does",
            body: "CodeRequest",
            replies: [
                .init(200, "The code, or the partner's status", "CodeResult"),
                .init(409, "There is no Token Exchange URL", "Errors"),
            ]
        ) { request, simulator throws(ControlFailure) in
            try request.checkMembers("account", "url", "code_challenge", "deliver")
            let account = try request.account(simulator)
            let challenge = try request.string("code_challenge")
            var url = try request.string("url")
            if let url { try Self.check(url, "/url") }
            let isDelivered = try request.bool("deliver")
            if url == nil, isDelivered == true {
                url = simulator.engine.step { $0.tokenExchangeURL }
                guard url != nil else {
                    throw .conflict(
                        "there is no Token Exchange URL; name one as url, in POST /webhook or in the scenario")
                }
            }
            guard let url, isDelivered != false else {
                return .json(
                    200,
                    ["code": .string(simulator.engine.step { $0.newCode(account, challenge: challenge) })])
            }
            guard challenge == nil else {
                throw .badRequest("/code_challenge: the code of the PKCE flow goes to the browser, not to a URL")
            }
            let outcome = await simulator.postCode(account: account, to: url)
            return .json(
                200,
                [
                    "status": .int(Int64(outcome.status)),
                    "duration_ms": .double(outcome.duration.fractionalMilliseconds),
                    "failure": outcome.failure.map { .string($0) } ?? nil, "response_body": outcome.response.literal,
                ])
        },
        ControlRoute(
            "POST", "/redirect", "makeRedirect",
            "The URL of the partner that Ring sends the browser to, with nonce and time", body: "AccountRequest",
            replies: [.init(200, "The redirect", "Redirect")]
        ) { request, simulator throws(ControlFailure) in
            try request.checkMembers("account")
            let account = try request.account(simulator)
            let redirect = simulator.engine.step { $0.redirect(account) }
            return .json(
                200,
                ["url": .string(redirect.url), "nonce": .string(redirect.nonce), "time": .string(redirect.time)])
        },
        ControlRoute(
            "POST", "/tokens", "makeTokens", "A token pair without a code, for tests that begin after the linking",
            body: "AccountRequest", replies: [.init(200, "The pair", "TokenPair")]
        ) { request, simulator throws(ControlFailure) in
            try request.checkMembers("account")
            let account = try request.account(simulator)
            let pair = simulator.engine.step { $0.grant(account) }
            return .json(200, ["access_token": .string(pair.access), "refresh_token": .string(pair.refresh)])
        },
    ]

    /// An event now or, with `at_ms`, in the past.
    private static func event(_ body: JSONAPIValue) throws(ControlFailure) -> RingSimulatorEvent {
        var members = body
        if body["at_ms"] != nil {
            let others = body.members.filter { $0.name != "at_ms" }.map { ($0.name, JSONAPILiteral.value($0.value)) }
            do { members = try JSONAPIValue(parsing: JSONAPILiteral.object(others).bytes) } catch {
                throw .badRequest("the body is not valid JSON: \(error)")
            }
        }
        do throws(RingSimulatorError) {
            var event = try RingSimulatorEvent(members)
            if let moment = body["at_ms"] {
                guard let time = moment.int64, time >= 0 else {
                    throw RingSimulatorError(message: "/at_ms: epoch milliseconds are needed")
                }
                event.moment = time
            }
            return event
        } catch {
            throw ControlFailure(error, in: "event")
        }
    }

    static func check(_ url: String, _ place: String) throws(ControlFailure) {
        do { _ = try WebhookSender.checkedURL(url) } catch { throw .badRequest("\(place): \(error.message)") }
    }
}

extension ServiceState {
    /// Finds misspelt names in an event.
    func checkNames(of event: RingSimulatorEvent) throws(RingSimulatorError) {
        if let account = event.account { try self.checkAccount(account, "/account") }
        guard let name = event.device?.rawValue else { return }
        let device = try self.deviceID(named: name, "/device", account: event.account)
        guard let account = event.account, self.device(device)?.account != account else { return }
        throw RingSimulatorError(message: "/device: \(name) is a device of another account than /account names")
    }

    var partnerURLs: JSONAPILiteral {
        [
            "url": self.webhookURL.map { .string(SecretFilter.address($0)) } ?? nil,
            "token_exchange_url": self.tokenExchangeURL.map { .string(SecretFilter.address($0)) } ?? nil,
            "account_link_url": .string(SecretFilter.address(self.configuration.accountLinkURL)),
        ]
    }
}
