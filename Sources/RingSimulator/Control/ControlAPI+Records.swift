internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// The journal of requests, and the deliveries of webhooks.
extension ControlAPI {
    static let recordRoutes: [ControlRoute] = [
        ControlRoute(
            "GET", "/journal", "listRequests", "The requests to the API, the token endpoint and the media origin",
            parameters: Self.paging + [
                .query("bodies", "true for header fields and bodies, too, without secrets", ["type": "boolean"])
            ] + Self.requestFilter,
            replies: [.init(200, "One page, oldest first", "RequestPage")]
        ) { request, simulator throws(ControlFailure) in
            let isComplete = try request.queryBool("bodies")
            let (after, before, limit) = try Self.page(request)
            let page = try Self.step(simulator) { state throws(RingSimulatorError) in
                let filter = try RecordFilter(
                    query: request.request.queryItems, of: .requests, others: ["after", "before", "limit", "bodies"],
                    in: state)
                return state.journal.page(after: after, before: before, limit: limit, where: filter.matches)
            }
            return page.response("requests", number: \.number) { $0.literal(isComplete: isComplete) }
        },
        ControlRoute(
            "DELETE", "/journal", "clearRequests", "Forgets the journal; the numbers go on",
            replies: [.init(204, "Forgotten")]
        ) { _, simulator in
            simulator.journal = []
            return .empty(204)
        },
        ControlRoute(
            "GET", "/journal/{number}", "getRequest", "One request with header fields and bodies, without secrets",
            parameters: [.path("number", "The request's number", ["type": "integer"])],
            replies: [.init(200, "The request", "Request"), .init(404, "Never there, or removed", "Errors")]
        ) { request, simulator throws(ControlFailure) in
            let number = try Self.number(request)
            guard let entry = simulator.engine.step({ $0.journal[number] }) else {
                throw .notFound("the journal has no request \(number); it may have been removed")
            }
            return .json(200, entry.literal(isComplete: true))
        },
        ControlRoute(
            "GET", "/deliveries", "listDeliveries", "The webhooks with every attempt",
            parameters: Self.paging + Self.deliveryFilter,
            replies: [.init(200, "One page, oldest first", "DeliveryPage")]
        ) { request, simulator throws(ControlFailure) in
            let (after, before, limit) = try Self.page(request)
            let page = try Self.step(simulator) { state throws(RingSimulatorError) in
                let filter = try RecordFilter(
                    query: request.request.queryItems, of: .deliveries, others: ["after", "before", "limit"], in: state)
                return state.deliveries.page(after: after, before: before, limit: limit, where: filter.matches)
            }
            return page.response("deliveries", number: \.number, literal: \.literal)
        },
        ControlRoute(
            "DELETE", "/deliveries", "clearDeliveries", "Forgets all webhooks, those that wait for an attempt, too",
            replies: [.init(204, "Forgotten")]
        ) { _, simulator in
            simulator.engine.step { $0.deliveries.removeAll() }
            return .empty(204)
        },
        ControlRoute(
            "GET", "/deliveries/{number}", "getDelivery", "One webhook with every attempt",
            parameters: [.path("number", "The delivery's number", ["type": "integer"])],
            replies: [.init(200, "The webhook", "Delivery"), .init(404, "Never there, or removed", "Errors")]
        ) { request, simulator throws(ControlFailure) in
            let number = try Self.number(request)
            guard let delivery = simulator.engine.step({ $0.deliveries[number] }) else {
                throw .notFound("there is no delivery \(number); it may have been removed")
            }
            return .json(200, delivery.literal)
        },
        ControlRoute(
            "POST", "/deliveries/{number}/send", "sendAgain",
            "Sends a webhook again, whatever its outcome is, with the same body and signature; failures are repeated",
            parameters: [.path("number", "The delivery's number", ["type": "integer"])],
            replies: [
                .init(200, "It is on its way", "Delivery"), .init(404, "Never there, or removed", "Errors"),
                .init(409, "No URL receives webhooks", "Errors"),
            ]
        ) { request, simulator throws(ControlFailure) in
            let number = try Self.number(request)
            try Self.needWebhookURL(simulator)
            guard simulator.engine.step({ $0.sendAgain(number) }),
                let delivery = simulator.engine.step({ $0.deliveries[number] })
            else { throw .notFound("there is no delivery \(number); it may have been removed") }
            return .json(200, delivery.literal)
        },
        ControlRoute(
            "POST", "/deliveries/replay", "replayDeadLetters",
            "Sends the dead letters of the last 72 simulated hours again, as Ring does when a partner asks for it",
            body: "DeliveryFilter",
            replies: [
                .init(200, "Those that are on their way, and how many are too old", "Replay"),
                .init(409, "No URL receives webhooks", "Errors"),
            ]
        ) { request, simulator throws(ControlFailure) in
            try Self.needWebhookURL(simulator)
            let (sent, expired) = try Self.step(simulator) { state throws(RingSimulatorError) in
                let filter = try RecordFilter(request.body, of: .deliveries, in: state)
                return state.replayDeadLetters(where: filter.matches)
            }
            return .json(
                200, ["sent": .array(sent.map { .int(Int64($0)) }), "expired": .int(Int64(expired))])
        },
        ControlRoute(
            "GET", "/authorization-check", "checkAuthorization",
            "Whether a request with an Authorization header ever reached the media origin; none may",
            replies: [.init(200, "None did", "AuthorizationCheck"), .init(409, "Some did", "AuthorizationCheck")]
        ) { _, simulator in Self.authorizationCheck(simulator) },
        ControlRoute(
            "GET", "/bearer-check", "checkAuthorizationEarlier", "The earlier name of /authorization-check",
            replies: [.init(200, "None did", "AuthorizationCheck"), .init(409, "Some did", "AuthorizationCheck")]
        ) { _, simulator in Self.authorizationCheck(simulator) },
    ]

    private static let paging: [ControlRoute.Parameter] = [
        .query("limit", "The most records of a page; 1000", ["type": "integer", "minimum": 1, "maximum": 1000]),
        .query("after", "Only records with a higher number: newer ones, the oldest of them first", ["type": "integer"]),
        .query("before", "Only records with a lower number: the newest of them", ["type": "integer"]),
    ]

    private static let requestFilter: [ControlRoute.Parameter] = [
        .query("path", "The path; with * for anything, or without a slash in front for a part of it"),
        .query("status", "404, 4xx, 0 for a closed connection, or several with commas"),
        .query("method", "The method"), .query("account", "The account of the token or code"),
        .query("origin", "The server", ["type": "string", "enum": ["api", "oauth", "media"]]),
        .query("grant_type", "The grant type of a token request"),
        .query("after_number", "Only records with a higher number", ["type": "integer"]),
    ]

    private static let deliveryFilter: [ControlRoute.Parameter] = [
        .query("type", "The webhook's data.type"),
        .query(
            "outcome", "The state of the delivery",
            [
                "type": "string",
                "enum": .array(RingSimulatorDelivery.Outcome.allCases.map { .string($0.rawValue) }),
            ]), .query("status", "The status of the last attempt: 404, 4xx, 0 for none, or several with commas"),
        .query("device", "The id or the name of a device"), .query("account", "The account"),
        .query("request_id", "The webhook's meta.request_id"),
        .query("after_number", "Only records with a higher number", ["type": "integer"]),
    ]

    private static func page(
        _ request: ControlRequest
    ) throws(ControlFailure) -> (after: Int?, before: Int?, limit: Int) {
        (
            try request.queryCount("after", in: 0...(.max - 1)), try request.queryCount("before", in: 0...(.max)),
            try request.queryCount("limit", in: 1...1000) ?? 1000
        )
    }

    private static func number(_ request: ControlRequest) throws(ControlFailure) -> Int {
        guard let number = request.values["number"].flatMap({ Int($0) }) else {
            throw .badRequest("the path: a number of a record is needed")
        }
        return number
    }

    private static func needWebhookURL(_ simulator: RingSimulator) throws(ControlFailure) {
        guard simulator.webhookURL == nil else { return }
        throw .conflict("no URL receives webhooks; set one with POST /webhook")
    }

    private static func authorizationCheck(_ simulator: RingSimulator) -> RingListenerResponse {
        let count = simulator.engine.step { $0.authorizationsAtMedia }
        return .json(count == 0 ? 200 : 409, ["authorization_at_media_origin": .int(Int64(count))])
    }

    /// One step that may find a mistake of the caller.
    static func step<Value: Sendable>(
        _ simulator: RingSimulator, in part: String? = nil,
        _ body: (inout ServiceState) throws(RingSimulatorError) -> Value
    ) throws(ControlFailure) -> Value {
        let result = simulator.engine.step { state in
            do throws(RingSimulatorError) {
                return Result<Value, RingSimulatorError>.success(try body(&state))
            } catch {
                return .failure(error)
            }
        }
        do { return try result.get() } catch { throw ControlFailure(error, in: part) }
    }
}
