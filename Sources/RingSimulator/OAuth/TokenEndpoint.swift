internal import Foundation
internal import RingJSONAPI
internal import RingListener
internal import Synchronization

extension SimulatorWorld {
    /// `POST /oauth/token`: codes once, refresh tokens once, rotation always.
    func token(_ request: RingListenerRequest) -> RingListenerResponse {
        guard request.method == "POST", request.path == "/oauth/token" else { return RingListenerResponse(status: 404) }
        var form: [String: String] = [:]
        for item in request.formItems { form[item.name] = item.value }
        let failure = self.state.withLock { state -> Int? in
            guard state.switches.failTokenRequests > 0 else { return nil }
            state.switches.failTokenRequests -= 1
            return state.switches.failTokenStatus
        }
        if let failure { return RingListenerResponse(status: failure) }
        guard form["client_id"] == self.configuration.clientID,
            form["client_secret"] == self.configuration.clientSecret
        else { return Self.refusal(401, "invalid_client", "unknown client or wrong secret") }
        let now = self.now
        switch form["grant_type"] {
        case "authorization_code":
            let isGood = self.state.withLock { state in
                guard let code = form["code"], let end = state.codes.removeValue(forKey: code) else { return false }
                return end > now
            }
            guard isGood else { return Self.refusal(400, "invalid_grant", "the code is unknown, used or too old") }
            return self.grant()
        case "refresh_token":
            let isGood = self.state.withLock { state in
                guard !state.isAccountRemoved, let old = form["refresh_token"],
                    let index = state.grants.firstIndex(where: { $0.refresh == old })
                else { return false }
                state.grants[index].refresh = ""
                return true
            }
            guard isGood else { return Self.refusal(400, "invalid_grant", "the refresh token is unknown or used") }
            return self.grant()
        default: return Self.refusal(400, "unsupported_grant_type", "one of authorization_code, refresh_token")
        }
    }

    /// A code as Ring's backend makes it.
    func makeCode() -> String {
        let code = self.unique("us-east-1:code")
        let seconds = self.state.withLock { $0.switches.codeSeconds }
        let end = self.now + Double(seconds)
        self.state.withLock { $0.codes[code] = end }
        return code
    }

    private func grant() -> RingListenerResponse {
        let (access, refresh) = (self.unique("at"), self.unique("rt"))
        let now = self.now
        let (seconds, isLost) = self.state.withLock { state in
            let seconds = state.switches.accessTokenSeconds
            state.grants.append(Grant(access: access, refresh: refresh, expires: now + Double(seconds)))
            let isLost = state.switches.loseTokenAnswers > 0
            if isLost { state.switches.loseTokenAnswers -= 1 }
            return (seconds, isLost)
        }
        var response = RingListenerResponse.json(
            200,
            [
                "access_token": .string(access), "refresh_token": .string(refresh), "scope": "ava.v1:read ava.v1:write",
                "expires_in": .int(Int64(seconds)), "token_type": "Bearer",
            ])
        if isLost { response.fault = .closeBeforeHeaders }
        return response
    }

    private static func refusal(_ status: Int, _ error: String, _ description: String) -> RingListenerResponse {
        .json(status, ["error": .string(error), "error_description": .string(description)])
    }
}
