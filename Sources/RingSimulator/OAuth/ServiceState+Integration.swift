internal import RingCore
internal import RingCrypto
internal import RingJSONAPI
internal import RingListener

/// The app integration of an account: PENDING, awaiting, completed.
extension ServiceState {
    /// The id of the app in documents.
    static let clientResourceID = "ava1.ring.client.SIMCLIENT01"

    mutating func integration(_ request: RingListenerRequest, account: RingAccountID) -> Response {
        guard let state = self.account(account)?.state else { return .failure(404, title: "Not Found") }
        let body = try? JSONAPIValue(parsing: request.body)
        switch request.method {
        case "GET":
            return self.switches.linking.contains(.unreadableIntegrations)
                ? .empty(404) : self.integrationResponse(account, state.rawValue, nil, updated: false)
        case "POST":
            guard let nonce = body?["nonce"]?.string else { return .failure(400, title: "Missing Required Fields") }
            guard self.isFresh(nonce, of: account), self.usedNonces.insert(nonce).inserted else {
                return .failure(
                    400, title: "Invalid Nonce", detail: self.mistake(in: nonce, of: account), code: "INVALID_NONCE")
            }
            if self.switches.linking.contains(.consentAtLink) { self.consents[account] = self.now }
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
                if state == .pending, self.switches.linking.contains(.consentAtLink) {
                    self.consents[account] = self.now
                }
                self.setState(status == "completed" ? .completed : .awaiting, of: account)
                if status == "completed" && !wasCompleted { self.announceLink(account) }
            }
            return self.integrationResponse(account, status ?? state.rawValue, identifier, updated: true)
        case "DELETE":
            guard self.pkceAccounts.contains(account) || self.switches.linking.contains(.deletionAllowed) else {
                return .failure(403, title: "Out of Scope Access")
            }
            self.setState(.removed, of: account)
            return .empty(self.switches.status(.integrationDeleted))
        default: return .empty(405)
        }
    }

    private mutating func announceLink(_ account: RingAccountID) {
        self.trigger(RingSimulatorEvent(type: "app_integration_added", account: account))
        for device in self.devices(of: account) where !device.isRemoved {
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
            "type": "app-integrations", "id": .string(Self.clientResourceID), "attributes": .object(attributes),
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
        self.forgetExpired()
        let time = self.now + Int64(self.switches.limit(.nonceFutureMilliseconds))
        let nonce = self.nonce(self.switches.nonceForm, of: account, at: time)
        self.redirects[account, default: []].append((nonce, time))
        if self.switches.linking.contains(.awaitingAtRedirect), self.account(account)?.state == .pending {
            self.setState(.awaiting, of: account)
        }
        if self.redirects[account, default: []].count > 1000 { self.redirects[account]?.removeFirst(500) }
        let url = self.configuration.accountLinkURL
        let query = "nonce=\(RingPercentCoding.encode(nonce))&time=\(time)"
        return ("\(url)\(url.contains("?") ? "&" : "?")\(query)", nonce, String(time))
    }

    private func nonce(_ form: RingSimulatorSwitches.NonceForm, of account: RingAccountID, at time: Int64) -> String {
        let message = "\(form == .seconds ? time / 1000 : time):\(account.rawValue)"
        let digest = self.key.authenticationCode(for: message)
        switch form {
        case .correct, .seconds: return digest.base64URL
        case .standardBase64: return RingBase64.encode(RingBase64URL.decode(digest.base64URL) ?? [])
        case .decodedKey: return (self.key.codeWithDecodedKey(for: Array(message.utf8)) ?? digest).base64URL
        }
    }

    /// The mistake that led to a nonce, when it is a known one and the switch is on.
    private func mistake(in nonce: String, of account: RingAccountID) -> String? {
        guard self.switches.linking.contains(.nonceMistakesNamed) else { return nil }
        let forms: [(RingSimulatorSwitches.NonceForm, String)] = [
            (.standardBase64, "the nonce is standard Base64; use Base64url without padding"),
            (.decodedKey, "the key was decoded from Base64; use its bytes as given"),
            (.seconds, "the time is in seconds; use the milliseconds of the redirect"),
        ]
        for redirect in self.redirects[account] ?? [] {
            for (form, text) in forms where self.nonce(form, of: account, at: redirect.time) == nonce { return text }
        }
        return nil
    }
}
