internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// The Partner API's routes.
extension ServiceState {
    private enum Authorization {
        case token(Token)
        case refused(Response)
    }

    mutating func api(_ request: RingListenerRequest) -> Response {
        let path = request.pathSegments
        let rate = self.countRequest()
        var response =
            rate.isExceeded || self.fails(.rateLimited) ? self.tooManyRequests : self.respond(request, path)
        self.finish(&response, rate)
        if response.headers["Content-Type"] == RingSimulatorSwitches.JSONType.withCharset.rawValue {
            response.headers["Content-Type"] = self.switches.jsonType.rawValue
        }
        return response
    }

    private mutating func respond(_ request: RingListenerRequest, _ path: [String]) -> Response {
        if self.fails(.apiFailed) { return .failure(500, title: "Internal Server Error") }
        if self.fails(.apiUnavailable) { return .failure(503, title: "Service Unavailable") }
        if self.fails(.gatewayFailed) { return .empty(self.switches.status(.gateway)) }
        guard path.first == "v1", path.count > 1 else { return .empty(404) }
        let authorization = self.authorization(of: request, path)
        if path == ["v1", "users", "me"] {
            switch authorization {
            case .token(let token): return self.user(token.account)
            case .refused(let response):
                let status = self.switches.status(.usersMeUnauthorized)
                return status == 401
                    ? response : .failure(status, title: "Forbidden", detail: "Not authenticated")
            }
        }
        let account: RingAccountID
        switch authorization {
        case .token(let token):
            account = token.account
            if let refusal = self.refusal(of: request, path, token) { return refusal }
        case .refused(let response): return response
        }
        switch (request.method, path.count, path[1]) {
        case (_, 4, "accounts") where path[2] == "me" && path[3] == "app-integrations":
            return self.integration(request, account: account)
        case ("GET", 4, "accounts") where path[3] == "subscriptions":
            guard path[2] == "me" else {
                return .failure(400, title: "Bad Request", detail: "path parameter must be me")
            }
            return self.subscriptions(request, account: account)
        case ("GET", 2, "locations") where self.switches.api.contains(.locationsListed):
            return .json(200, ["meta": self.meta, "data": [self.location(of: account)]])
        case ("GET", 2, "devices"): return self.deviceList(request, account: account)
        case (_, 3..., "devices"): return self.deviceRoute(request, path, account: account)
        case ("GET", 5, "history") where path[2] == "devices" && path[4] == "events":
            return self.withDevice(RingDeviceID(rawValue: path[3]), account) { state, device in
                state.historyPage(request, device)
            }
        default: return .empty(404)
        }
    }

    private mutating func deviceRoute(_ request: RingListenerRequest, _ path: [String], account: RingAccountID)
        -> Response
    {
        let device = RingDeviceID(rawValue: path[2])
        let rest = path.dropFirst(3).joined(separator: "/")
        if path.count == 8, rest.hasPrefix("media/streaming/whep/sessions/"), request.method == "DELETE" {
            return self.closeSession(path[7], device: device, account: account)
        }
        return self.withDevice(device, account) { state, device in
            switch (request.method, rest) {
            case ("GET", ""): state.deviceGet(request, device)
            case ("GET", "status"): .json(200, ["meta": state.meta, "data": state.statusResource(device)])
            case ("GET", "capabilities"): state.capabilities(request, device)
            case ("GET", "configurations"): state.configurations(request, device)
            case ("GET", "location"): .json(200, ["meta": state.meta, "data": state.location(of: account)])
            case ("GET", "events"): .empty(403)
            case ("POST", "media/streaming/whep/sessions"): state.openSession(request, device)
            case ("POST", "media/video/download"): state.clip(request, device)
            case ("POST", "media/image/download"): state.image(request, device)
            case ("POST", "media/audio/playback"): state.playChime(request, device)
            default: .empty(404)
            }
        }
    }

    mutating func withDevice(
        _ id: RingDeviceID, _ account: RingAccountID, _ body: (inout ServiceState, Device) -> Response
    ) -> Response {
        guard let device = self.device(id, of: account) else {
            return .failure(404, title: "Not Found", detail: "No such device", code: "DEVICE_NOT_FOUND")
        }
        if device.isRemoved {
            let status = self.switches.status(.removedDevice)
            return status == 403
                ? .failure(403, title: "Forbidden", code: "REQUEST_FORBIDDEN")
                : .failure(status, title: "Not Found", detail: "No such device", code: "DEVICE_NOT_FOUND")
        }
        return self.refusal(of: device) ?? body(&self, device)
    }

    /// The response to a request without a valid access token; media requests name it by a code, too.
    private func unauthorized(_ path: [String]) -> Response {
        if self.switches.api.contains(.emptyUnauthorizedBody) { return .empty(401) }
        let isMedia = path.last == "download" && path.contains("media")
        return .failure(401, title: "Invalid Client", code: isMedia ? "UNAUTHORIZED" : nil)
    }

    private func authorization(of request: RingListenerRequest, _ path: [String]) -> Authorization {
        guard let header = request.headers["Authorization"], header.hasPrefix("Bearer "),
            let token = self.accessTokens[String(header.dropFirst(7))], token.expires > self.now
        else { return .refused(self.unauthorized(path)) }
        if token.isRevoked || self.account(token.account)?.state == .removed {
            let status = self.switches.status(.removedIntegration)
            return .refused(status == 401 ? self.unauthorized(path) : .failure(status, title: "Forbidden"))
        }
        return .token(token)
    }

    var tooManyRequests: Response {
        var response = Response.failure(429, title: "Rate Limit Exceeded")
        if self.switches.api.contains(.retryAfter) { response.headers["Retry-After"] = "1" }
        return response
    }

    private func user(_ id: RingAccountID) -> Response {
        guard let account = self.account(id) else { return .failure(404, title: "Not Found") }
        var attributes: [(String, JSONAPILiteral)] = [
            ("first_name", .string(account.firstName)), ("last_name", .string(account.lastName)),
            ("email", .string(account.email)),
        ]
        if let phone = account.phoneNumber { attributes.append(("phone_number", .string(phone))) }
        return .json(
            200,
            [
                "data": ["type": "users", "id": .string(id.rawValue), "attributes": .object(attributes)],
                "meta": self.meta,
            ])
    }
}
