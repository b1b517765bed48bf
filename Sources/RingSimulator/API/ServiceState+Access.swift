internal import RingCore
internal import RingListener

/// What a token, a scope, a plan and the state of the integration allow.
extension ServiceState {
    /// What the limiter says about a request.
    struct RateState {
        /// The limit and what is left of it; `nil` when there is no limit.
        var limit: Int?
        var remaining = 0
        var isExceeded = false
    }

    /// Counts a request. The API and the token endpoint share the places of the app.
    mutating func countRequest() -> RateState {
        let limit = self.switches.limit(.requestsPerSecond)
        guard limit > 0 else { return RateState() }
        let remaining = self.limiter.take(at: self.now, limit: limit, self.switches.rateWindow)
        return RateState(limit: limit, remaining: remaining ?? 0, isExceeded: remaining == nil)
    }

    /// Adds the fields that every response of the API and the token endpoint has.
    mutating func finish(_ response: inout Response, _ rate: RateState) {
        if response.status == 429 {
            // A 429 that a switch caused names the documented limit.
            response.headers["X-RateLimit-Limit"] = String(rate.limit ?? 100)
            response.headers["X-RateLimit-Remaining"] = rate.isExceeded ? "0" : String(rate.remaining)
        } else if let limit = rate.limit, self.switches.api.contains(.rateLimitHeaders) {
            response.headers["X-RateLimit-Limit"] = String(limit)
            response.headers["X-RateLimit-Remaining"] = String(rate.remaining)
        }
        if self.switches.api.contains(.requestIDs), response.headers["X-Request-ID"] == nil {
            response.headers["X-Request-ID"] = self.newRequestID()
        }
    }

    mutating func newRequestID() -> String { self.requestNumbers.shortUUID() }

    /// The response to a request that the token or the account may not make; `nil` for one that it may.
    mutating func refusal(of request: RingListenerRequest, _ path: [String], _ token: Token) -> Response? {
        if self.switches.refreshLife == .inactivity { self.lastCalls[token.account] = self.now }
        if token.isReadOnly {
            if path.last == "app-integrations", request.method != "GET" {
                return .failure(403, title: "Out of Scope Access")
            }
            if path.last == "subscriptions" { return .failure(422, title: "Unprocessable Entity") }
        }
        guard path[1] == "devices" || path[1] == "history" else { return nil }
        if token.isReadOnly, path.last == "playback" { return .failure(403, title: "Out of Scope Access") }
        // Whoever opened a live session can close it, whatever happened since.
        if request.method == "DELETE" { return nil }
        if self.switches.linking.contains(.pendingRefused), self.account(token.account)?.state == .pending {
            return .failure(403, title: "Forbidden", detail: "the integration is not confirmed")
        }
        if self.switches.planEnforcement == .account, !self.hasPlan(token.account) { return self.planless }
        if path.last == "playback", !self.switches.scopes.contains(.chimeControls) {
            return .failure(403, title: "Out of Scope Access")
        }
        return nil
    }

    /// The response to a request for a device that the app may not use; `nil` for one that it may.
    func refusal(of device: Device) -> Response? {
        if !self.switches.scopes.contains(device.device.kind.scope) {
            return .failure(403, title: "Out of Scope Access")
        }
        return self.switches.planEnforcement == .device && !self.isCovered(device) ? self.planless : nil
    }

    private var planless: Response {
        .failure(403, title: "Forbidden", detail: "no active plan or trial", code: "REQUEST_FORBIDDEN")
    }

    /// Why an event sends no webhook; `nil` when it does. Events of the lifecycle need no scope and no plan.
    func silence(of type: String, _ device: Device?, _ account: RingAccountID) -> String? {
        if type != "app_integration_removed", self.account(account)?.state == .removed {
            return "the user has removed the app"
        }
        if type != "device_removed", device?.isRemoved == true { return "the device is not shared with the app" }
        guard !["device_", "app_integration_", "subscription_"].contains(where: type.hasPrefix) else { return nil }
        if let device, !self.switches.scopes.contains(device.device.kind.scope) {
            return "the app was not granted \(device.device.kind.scope.rawValue)"
        }
        switch self.switches.planEnforcement {
        case .none: break
        case .account: if !self.hasPlan(account) { return "the account has no active plan or trial" }
        case .device:
            if let device, !self.isCovered(device) { return "no active plan or trial covers the device" }
        }
        guard let device, self.switches.webhooks.contains(.silencedByLiveView),
            type == "motion_detected" || type == "button_press", self.openSessionCount(of: device.id) > 0
        else { return nil }
        return "a live view of the device is open"
    }

    /// From when on the media and events of a device may be used.
    func consent(to device: Device) -> Int64 { max(self.consents[device.account] ?? 0, device.sharedAt) }

    /// The user removed the app: its tokens are dead, and its live sessions end.
    mutating func endAccess(of account: RingAccountID) {
        for (text, token) in self.accessTokens where token.account == account {
            self.accessTokens[text]?.isRevoked = true
        }
        for (text, token) in self.refreshTokens where token.account == account {
            self.refreshTokens[text]?.isRevoked = true
        }
        let mine = Set(self.devices(of: account).map(\.id))
        for (id, session) in self.sessions where mine.contains(session.device) { self.sessions[id]?.isClosed = true }
    }
}

extension SeededRandom {
    /// A UUID from two numbers: quicker than ``uuid()``, for every response.
    fileprivate mutating func shortUUID() -> String {
        let digits = Array("0123456789abcdef".utf8)
        let (high, low) = (self.next(), self.next())
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for place in 0..<32 {
            if place == 8 || place == 12 || place == 16 || place == 20 { text.append(UInt8(ascii: "-")) }
            let number = place < 16 ? high : low
            text.append(digits[Int(truncatingIfNeeded: number >> UInt64(60 - 4 * (place % 16)) & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension RingSimulatorDevice.Kind {
    /// The group of scopes that shows devices of the kind.
    var scope: RingSimulatorSwitches.Scope {
        switch self {
        case .doorbell, .camera, .elite: .cameras
        case .contact: .contactSensors
        case .floodFreeze: .floodFreeze
        case .temperatureHumidity: .temperatureHumidity
        case .airQuality: .airQuality
        case .chime: .chimes
        }
    }
}
