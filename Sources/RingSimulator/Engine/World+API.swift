internal import RingJSONAPI
internal import RingListener

/// The Partner API's routes.
extension World {
    enum Bearer {
        case account(String)
        case refused(Answer)
    }

    mutating func api(_ request: RingListenerRequest) -> Answer {
        if let limited = self.rateLimited() { return limited }
        if self.strikes(\.apiFailures) { return .failure(500, title: "Internal Server Error") }
        let path = request.pathSegments
        guard path.first == "v1", path.count > 1 else { return .empty(404) }
        let bearer = self.bearer(of: request)
        if path == ["v1", "users", "me"] {
            switch bearer {
            case .account(let account): return self.user(account)
            case .refused(let answer):
                return self.switches.usersMeUnauthorizedStatus == 401
                    ? answer : .failure(403, title: "Forbidden", detail: "Not authenticated")
            }
        }
        guard case .account(let account) = bearer else {
            if case .refused(let answer) = bearer { return answer }
            return self.unauthorized
        }
        switch (request.method, path.count, path[1]) {
        case (_, 4, "accounts") where path[2] == "me" && path[3] == "app-integrations":
            return self.integration(request, account: account)
        case ("GET", 4, "accounts") where path[3] == "subscriptions":
            guard path[2] == "me" else {
                return .failure(400, title: "Bad Request", detail: "path parameter must be me")
            }
            return self.subscriptions(request, account: account)
        case ("GET", 2, "locations"):
            return .json(200, ["meta": self.meta, "data": [self.location(of: account)]])
        case ("GET", 2, "devices"): return self.deviceList(request, account: account)
        case (_, 3..., "devices"): return self.deviceRoute(request, path, account: account)
        case ("GET", 5, "history") where path[2] == "devices" && path[4] == "events":
            return self.withDevice(path[3], account) { world, device in world.historyPage(request, device) }
        default: return .empty(404)
        }
    }

    private mutating func deviceRoute(_ request: RingListenerRequest, _ path: [String], account: String) -> Answer {
        let rest = path.dropFirst(3).joined(separator: "/")
        if path.count == 8, rest.hasPrefix("media/streaming/whep/sessions/"), request.method == "DELETE" {
            return self.closeSession(path[7], device: path[2], account: account)
        }
        return self.withDevice(path[2], account) { world, device in
            switch (request.method, rest) {
            case ("GET", ""): world.deviceGet(request, device)
            case ("GET", "status"): .json(200, ["meta": world.meta, "data": world.statusResource(device)])
            case ("GET", "capabilities"): world.capabilities(request, device)
            case ("GET", "configurations"): world.configurations(request, device)
            case ("GET", "location"): .json(200, ["meta": world.meta, "data": world.location(of: account)])
            case ("GET", "events"): .empty(403)
            case ("POST", "media/streaming/whep/sessions"): world.openSession(request, device)
            case ("POST", "media/video/download"): world.clip(request, device)
            case ("POST", "media/image/download"): world.image(request, device)
            case ("POST", "media/audio/playback"): world.playChime(request, device)
            default: .empty(404)
            }
        }
    }

    mutating func withDevice(
        _ id: String, _ account: String, _ body: (inout World, Device) -> Answer
    ) -> Answer {
        guard let device = self.devices.first(where: { $0.id == id && $0.account == account }) else {
            return .failure(404, title: "Not Found", detail: "No such device", code: "DEVICE_NOT_FOUND")
        }
        if device.isRemoved {
            return self.switches.removedDeviceStatus == 403
                ? .failure(403, title: "Forbidden", code: "REQUEST_FORBIDDEN")
                : .failure(404, title: "Not Found", detail: "No such device", code: "DEVICE_NOT_FOUND")
        }
        return body(&self, device)
    }

    var unauthorized: Answer {
        self.switches.unauthorizedBodyEmpty ? .empty(401) : .failure(401, title: "Invalid Client")
    }

    private func bearer(of request: RingListenerRequest) -> Bearer {
        guard let header = request.headers["Authorization"], header.hasPrefix("Bearer "),
            let token = self.accessTokens[String(header.dropFirst(7))], token.expires > self.now, !token.isSpent
        else { return .refused(self.unauthorized) }
        if self.account(token.account)?.state == .removed {
            return .refused(
                self.switches.removedIntegrationStatus == 403 ? .failure(403, title: "Forbidden") : self.unauthorized)
        }
        return .account(token.account)
    }

    private mutating func rateLimited() -> Answer? {
        let second = self.now / 1000
        if second != self.rateSecond { (self.rateSecond, self.rateCount) = (second, 0) }
        self.rateCount += 1
        let isOver = self.switches.rateLimit > 0 && self.rateCount > self.switches.rateLimit
        guard isOver || self.strikes(\.rateLimitStrikes) else { return nil }
        var answer = Answer.failure(429, title: "Rate Limit Exceeded")
        answer.headers["X-RateLimit-Limit"] = String(max(self.switches.rateLimit, 100))
        answer.headers["X-RateLimit-Remaining"] = "0"
        if self.switches.rateLimitRetryAfter { answer.headers["Retry-After"] = "1" }
        return answer
    }

    private func user(_ id: String) -> Answer {
        guard let account = self.account(id) else { return .failure(404, title: "Not Found") }
        var attributes: [(String, JSONAPILiteral)] = [
            ("first_name", .string(account.firstName)), ("last_name", .string(account.lastName)),
            ("email", .string(account.email)),
        ]
        if let phone = account.phoneNumber { attributes.append(("phone_number", .string(phone))) }
        return .json(
            200,
            ["data": ["type": "users", "id": .string(id), "attributes": .object(attributes)], "meta": self.meta])
    }
}
