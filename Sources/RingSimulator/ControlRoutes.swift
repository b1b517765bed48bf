internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// The control origin, for tests in other processes.
func controlResponse(_ request: RingListenerRequest, _ simulator: RingSimulator) async -> RingListenerResponse {
    let body = try? JSONAPIValue(parsing: request.body.isEmpty ? Array("{}".utf8) : request.body)
    guard let body else { return .failure(400, title: "Bad Request", detail: "the body is not valid JSON") }
    let account = body["account"]?.string.map(RingAccountID.init(rawValue:))
    switch (request.method, request.path) {
    case ("GET", "/state"): return .json(200, simulator.stateLiteral())
    case ("GET", "/journal"): return .json(200, ["requests": .array(simulator.journal.map(\.literal))])
    case ("DELETE", "/journal"):
        simulator.journal = []
        return .empty(204)
    case ("GET", "/deliveries"): return .json(200, ["deliveries": .array(simulator.deliveries.map(\.literal))])
    case ("GET", "/switches"): return .json(200, simulator.switches.literal)
    case ("PATCH", "/switches"):
        var switches = simulator.switches
        do { try switches.apply(body) } catch {
            return .failure(400, title: "Bad Request", detail: "switches: \(error.message)")
        }
        simulator.switches = switches
        return .json(200, switches.literal)
    case ("POST", "/webhook"):
        simulator.webhookURL = body["url"]?.string
        return .empty(204)
    case ("POST", "/events"):
        do {
            let ids = simulator.trigger(try RingSimulatorEvent(body))
            return .json(200, ["request_ids": .array(ids.map { .string($0) })])
        } catch { return .failure(400, title: "Bad Request", detail: "event: \(error.message)") }
    case ("POST", "/code"):
        guard let url = body["url"]?.string else {
            return .json(
                200, ["code": .string(simulator.issueCode(account: account, challenge: body["code_challenge"]?.string))]
            )
        }
        return .json(200, ["status": .int(Int64(await simulator.deliverCode(account: account, to: url)))])
    case ("POST", "/redirect"):
        let redirect = simulator.linkRedirect(account: account)
        return .json(
            200, ["url": .string(redirect.url), "nonce": .string(redirect.nonce), "time": .string(redirect.time)])
    case ("POST", "/tokens"):
        let pair = simulator.grantTokens(account: account)
        return .json(200, ["access_token": .string(pair.access), "refresh_token": .string(pair.refresh)])
    case ("GET", "/held"): return .json(200, ["held": .int(Int64(simulator.heldRequests))])
    case ("POST", "/release"):
        simulator.release(closing: body["close"]?.bool ?? false)
        return .empty(204)
    case ("POST", "/clock"):
        simulator.advance(by: .milliseconds(body["advance_ms"]?.int64 ?? 0))
        await simulator.settle()
        return .json(200, ["now": .int(simulator.now.epochMilliseconds)])
    case ("GET", "/authorization-check"), ("GET", "/bearer-check"):
        let count = simulator.journal.count { $0.origin == .media && $0.hasAuthorization }
        return .json(count == 0 ? 200 : 409, ["authorization_at_media_origin": .int(Int64(count))])
    default: return .empty(404)
    }
}

extension RingSimulatorRequest {
    var literal: JSONAPILiteral {
        [
            "origin": .string(self.origin.rawValue), "method": .string(self.method), "path": .string(self.path),
            "query": self.query.map { .string($0) } ?? nil, "authorization": .bool(self.hasAuthorization),
            "content_type": self.contentType.map { .string($0) } ?? nil,
            "grant_type": self.grantType.map { .string($0) } ?? nil,
            "account": self.account.map { .string($0.rawValue) } ?? nil, "status": .int(Int64(self.status)),
            "time": .int(self.time.epochMilliseconds),
        ]
    }
}

extension RingSimulatorDelivery {
    var literal: JSONAPILiteral {
        [
            "request_id": .string(self.requestID), "type": .string(self.type),
            "outcome": .string(self.outcome.rawValue),
            "statuses": .array(self.statuses.map { .int(Int64($0)) }),
            "body": .string(String(decoding: self.body, as: UTF8.self)), "signature": .string(self.signature),
        ]
    }
}
