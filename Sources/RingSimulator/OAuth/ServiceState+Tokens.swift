internal import RingCore
internal import RingCrypto
internal import RingJSONAPI
internal import RingListener

/// The token endpoint: strict codes, and refresh tokens that work once.
extension ServiceState {
    mutating func oauth(_ request: RingListenerRequest) -> Response {
        let rate = self.countRequest()
        var response = rate.isExceeded ? self.tooManyRequests : self.tokenResponse(request)
        self.finish(&response, rate)
        return response
    }

    private mutating func tokenResponse(_ request: RingListenerRequest) -> Response {
        guard request.method == "POST", request.path == "/oauth/token" else { return .empty(404) }
        if self.fails(.tokenUnavailable) { return .failure(503, title: "Service Unavailable") }
        if self.fails(.tokenRateLimited) { return self.tooManyRequests }
        var form: [String: String] = [:]
        for item in request.formItems { form[item.name] = item.value }
        guard form["client_id"] == self.configuration.clientID,
            RingConstantTime.areEqual(form["client_secret"] ?? "", self.configuration.clientSecret)
        else { return self.tokenError(401, "invalid_client", "unknown client or wrong secret") }
        switch form["grant_type"] {
        case "authorization_code": return self.exchange(form)
        case "refresh_token": return self.refresh(form)
        case nil: return self.tokenError(400, "invalid_request", "grant_type is missing")
        default: return self.tokenError(400, "unsupported_grant_type", "use authorization_code or refresh_token")
        }
    }

    private mutating func exchange(_ form: [String: String]) -> Response {
        guard let text = form["code"], !text.isEmpty else {
            return self.tokenError(400, "invalid_request", "code is missing")
        }
        guard let code = self.codes[text], !code.isUsed, code.expires > self.now else {
            return self.tokenError(400, "invalid_grant", "the code is unknown, used or expired")
        }
        self.codes[text]?.isUsed = true
        if let challenge = code.challenge {
            let verifier = form["code_verifier"] ?? ""
            guard RingSHA256.digest(of: Array(verifier.utf8)).base64URL == challenge else {
                return self.tokenError(400, "invalid_grant", "code_verifier does not match")
            }
        }
        let pair = self.grant(code.account)
        return self.issued(pair)
    }

    private mutating func refresh(_ form: [String: String]) -> Response {
        guard let text = form["refresh_token"], !text.isEmpty else {
            return self.tokenError(400, "invalid_request", "refresh_token is missing")
        }
        guard let token = self.refreshTokens[text], self.isValid(refreshToken: text) || self.isInGrace(token) else {
            return self.tokenError(
                400, "invalid_grant", "the refresh token is unknown, used, revoked or expired")
        }
        let now = self.now
        if token.usedAt == nil { self.refreshTokens[text]?.usedAt = now }
        // In two steps: as an argument of a method of the state, it would change a copy of the whole state.
        let pair = self.grant(token.account)
        var response = self.issued(pair)
        if self.fails(.refreshResponseLost) { response.fault = .closeBeforeHeaders }
        self.isResponseHeld = self.fails(.refreshResponseHeld)
        return response
    }

    /// Whether a refresh token would be accepted now.
    func isValid(refreshToken text: String) -> Bool {
        guard let token = self.refreshTokens[text] else { return false }
        return token.usedAt == nil && self.isAlive(token)
    }

    private func isAlive(_ token: Token) -> Bool {
        self.end(of: token) > self.now && !token.isRevoked && self.account(token.account)?.state != .removed
    }

    /// Whether a refresh token that was used still works.
    private func isInGrace(_ token: Token) -> Bool {
        guard let usedAt = token.usedAt else { return false }
        return self.now < usedAt + Int64(self.switches.limit(.refreshGraceSeconds)) * 1000 && self.isAlive(token)
    }

    /// When a refresh token expires.
    func end(of token: Token) -> Int64 {
        guard self.switches.refreshLife == .inactivity, let last = self.lastCalls[token.account] else {
            return token.expires
        }
        return max(token.expires, last + Int64(self.switches.limit(.refreshTokenSeconds)) * 1000)
    }

    /// Whether a request is a refresh that is to wait before anything is done.
    mutating func holds(_ request: RingListenerRequest) -> Bool {
        request.path == "/oauth/token" && request.grantType == "refresh_token" && self.fails(.refreshHeld)
    }

    /// The account whose token or code a request carries.
    func owner(of request: RingListenerRequest, _ origin: RingSimulatorRequest.Origin) -> RingAccountID? {
        switch origin {
        case .api:
            let header = request.headers["Authorization"] ?? ""
            return header.hasPrefix("Bearer ") ? self.accessTokens[String(header.dropFirst(7))]?.account : nil
        case .oauth:
            for item in request.formItems where item.name == "refresh_token" || item.name == "code" {
                return self.refreshTokens[item.value]?.account ?? self.codes[item.value]?.account
            }
            return nil
        case .media, .control: return nil
        }
    }

    /// A new pair for an account.
    mutating func grant(_ account: RingAccountID) -> (access: String, refresh: String) {
        self.forgetExpired()
        let (access, refresh) = ("at-\(self.random.text(40))", "rt-\(self.random.text(40))")
        let seconds = Int64(self.switches.limit(.accessTokenSeconds))
        self.accessTokens[access] = Token(
            account: account, expires: self.now + seconds * 1000,
            isReadOnly: self.switches.linking.contains(.readOnlyTokens))
        self.refreshTokens[refresh] = Token(
            account: account, expires: self.now + Int64(self.switches.limit(.refreshTokenSeconds)) * 1000)
        return (access, refresh)
    }

    private func issued(_ pair: (access: String, refresh: String)) -> Response {
        var response = Response.json(
            200,
            [
                "access_token": .string(pair.access), "refresh_token": .string(pair.refresh),
                "scope": .string(self.switches.tokenScope.rawValue),
                "expires_in": .int(Int64(self.switches.limit(.accessTokenSeconds))), "token_type": "Bearer",
            ])
        response.headers["Cache-Control"] = "no-store"
        return response
    }

    private func tokenError(_ status: Int, _ error: String, _ detail: String) -> Response {
        switch self.switches.tokenErrorForm {
        case .empty: .empty(status)
        case .jsonapi: .failure(status, title: error, detail: detail)
        case .rfc6749: .json(status, ["error": .string(error), "error_description": .string(detail)])
        }
    }

    mutating func newCode(_ account: RingAccountID, challenge: String? = nil) -> String {
        self.forgetExpired()
        let code = "us-east-1:\(self.random.text(36))"
        let seconds = self.switches.limit(challenge == nil ? .codeSeconds : .pkceCodeSeconds)
        self.codes[code] = Code(account: account, expires: self.now + Int64(seconds) * 1000, challenge: challenge)
        if challenge != nil { self.pkceAccounts.insert(account) }
        return code
    }
}

extension RingListenerRequest {
    /// The `grant_type` of a token request.
    var grantType: String? { self.formItems.first { $0.name == "grant_type" }?.value }
}
