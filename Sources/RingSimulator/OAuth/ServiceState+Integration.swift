internal import RingCore
internal import RingCrypto
internal import RingJSONAPI
internal import RingListener

/// The app integration of an account: PENDING, awaiting, completed.
extension ServiceState {
    mutating func integration(_ request: RingListenerRequest, account: RingAccountID) -> Response {
        guard let state = self.account(account)?.state else { return .failure(404, title: "Not Found") }
        let body = try? JSONAPIValue(parsing: request.body)
        switch request.method {
        case "GET": return self.integrationResponse(account, state.rawValue, nil, updated: false)
        case "POST":
            guard let nonce = body?["nonce"]?.string else { return .failure(400, title: "Missing Required Fields") }
            guard self.isFresh(nonce, of: account), self.usedNonces.insert(nonce).inserted else {
                return .failure(400, title: "Invalid Nonce", code: "INVALID_NONCE")
            }
            self.setState(.awaiting, of: account)
            return self.integrationResponse(account, "awaiting", nil, updated: false)
        case "PATCH":
            let (status, identifier) = (body?["status"]?.string, body?["account_identifier"]?.string)
            guard status != nil || identifier != nil else { return .failure(400, title: "Missing Required Fields") }
            if let status {
                guard status == "completed" || status == "awaiting",
                    state == .awaiting || state == .completed || self.pkceAccounts.contains(account)
                else { return .failure(400, title: "Invalid Status Transition") }
                let wasCompleted = state == .completed
                self.setState(status == "completed" ? .completed : .awaiting, of: account)
                if status == "completed" && !wasCompleted { self.announceLink(account) }
            }
            return self.integrationResponse(account, status ?? state.rawValue, identifier, updated: true)
        case "DELETE":
            guard self.pkceAccounts.contains(account) || self.switches.linking.contains(.deletionAllowed) else {
                return .failure(403, title: "Out of Scope Access")
            }
            self.setState(.removed, of: account)
            return .empty(204)
        default: return .empty(405)
        }
    }

    private mutating func announceLink(_ account: RingAccountID) {
        self.trigger(RingSimulatorEvent(type: "app_integration_added", account: account))
        for device in self.devices where device.account == account && !device.isRemoved {
            self.trigger(RingSimulatorEvent(type: "device_added", device: device.id))
        }
    }

    private func integrationResponse(_ account: RingAccountID, _ status: String, _ identifier: String?, updated: Bool)
        -> Response
    {
        var attributes: [(String, JSONAPILiteral)] = []
        if let identifier { attributes.append(("account_identifier", .string(identifier))) }
        attributes.append(("status", .string(status)))
        if updated { attributes.append(("updated_at", .string(isoTime(self.now)))) }
        if self.switches.linking.contains(.flatIntegrations) { return .json(200, .object(attributes)) }
        let data: JSONAPILiteral = [
            "type": "app-integrations", "id": "ava1.ring.client.SIMCLIENT01", "attributes": .object(attributes),
        ]
        return .json(
            200,
            self.switches.linking.contains(.integrationsWithoutMeta)
                ? ["data": data] : ["meta": self.meta, "data": data])
    }

    /// Whether this is a nonce the account was redirected with, and not too old.
    private func isFresh(_ nonce: String, of account: RingAccountID) -> Bool {
        self.redirects[account]?.contains { redirect in
            let age = self.now - redirect.time
            return RingConstantTime.areEqual(redirect.nonce, nonce)
                && age <= Int64(self.switches.limit(.nonceSeconds)) * 1000
                && age >= -Int64(self.switches.limit(.nonceFutureMilliseconds))
        } ?? false
    }

    /// Sends the user's browser to the partner.
    mutating func redirect(_ account: RingAccountID) -> (url: String, nonce: String, time: String) {
        let time = self.now
        let nonce = RingLinkNonce.compute(time: String(time), accountID: account.rawValue, key: self.key)
        self.redirects[account, default: []].append((nonce, time))
        let url = self.configuration.accountLinkURL
        return ("\(url)\(url.contains("?") ? "&" : "?")nonce=\(nonce)&time=\(time)", nonce, String(time))
    }
}
