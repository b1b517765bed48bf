internal import RingCrypto
internal import RingJSONAPI
internal import RingListener
internal import Synchronization

extension SimulatorWorld {
    /// POST, PATCH, GET and DELETE of the app's integration.
    func integration(_ request: RingListenerRequest) -> RingListenerResponse {
        let body = (try? JSONAPIValue(parsing: request.body)) ?? nil
        switch request.method {
        case "POST":
            guard let nonce = body?["nonce"]?.string else { return .errors(400, "Missing Required Fields") }
            guard self.consume(nonce) else { return .errors(400, "Invalid Nonce") }
            self.state.withLock { state in
                state.integration = "awaiting"
                state.identifier = body?["account_identifier"]?.string
            }
        case "PATCH":
            let (status, identifier) = (body?["status"]?.string, body?["account_identifier"]?.string)
            guard status != nil || identifier != nil else { return .errors(400, "Missing Required Fields") }
            let isAllowed = self.state.withLock { state in
                if let status {
                    guard state.integration != "PENDING", ["completed", "awaiting"].contains(status) else {
                        return false
                    }
                    state.integration = status
                }
                if let identifier { state.identifier = identifier }
                return true
            }
            guard isAllowed else { return .errors(400, "Invalid Status Transition") }
        case "GET": break
        case "DELETE": return .errors(403, "Forbidden")
        default: return RingListenerResponse(status: 405)
        }
        let (status, isFlat) = self.state.withLock { ($0.integration, $0.switches.hasFlatIntegrations) }
        if isFlat { return .json(200, ["status": .string(status)]) }
        return .json(
            200,
            [
                "data": [
                    "type": "app-integrations", "id": .string(self.configuration.clientID),
                    "attributes": ["status": .string(status)],
                ], "meta": self.meta,
            ])
    }

    /// Whether a nonce is one this service made in the last ten minutes, and was not used.
    private func consume(_ nonce: String) -> Bool {
        let now = self.nowMilliseconds
        return self.state.withLock { state in
            guard let time = state.offeredNonces[nonce], (0...600_000).contains(now - time) else { return false }
            state.offeredNonces[nonce] = nil
            return true
        }
    }

    /// What Ring appends to the Account Link URL.
    func makeRedirect() -> (nonce: String, time: String) {
        let time = self.nowMilliseconds
        let nonce = RingLinkNonce.compute(time: String(time), accountID: self.account, key: self.key)
        self.state.withLock { $0.offeredNonces[nonce] = time }
        return (nonce, String(time))
    }
}
