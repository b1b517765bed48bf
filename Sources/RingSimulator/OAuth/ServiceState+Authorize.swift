internal import RingCore
internal import RingListener

/// The authorize page of the partner-initiated flow.
extension ServiceState {
    /// Redirects to `redirect_uri` with a code or an error. A redirect URI that is not the app's gets no redirect.
    mutating func authorize(_ request: RingListenerRequest) -> Response {
        var query: [String: String] = [:]
        for item in request.queryItems { query[item.name] = item.value }
        guard query["client_id"] == self.configuration.clientID else {
            return .failure(400, title: "Bad Request", detail: "client_id is wrong")
        }
        guard let redirect = query["redirect_uri"], self.isRedirectURI(redirect) else {
            return .failure(400, title: "Bad Request", detail: "redirect_uri is not the one of the app")
        }
        let separator = redirect.contains("?") ? "&" : "?"
        let state = query["state"].map { "&state=\(RingPercentCoding.encode($0))" } ?? ""
        func refused(_ error: String, _ description: String) -> Response {
            let text = RingPercentCoding.encode(description)
            return Response(
                status: 302,
                headers: ["Location": "\(redirect)\(separator)error=\(error)&error_description=\(text)\(state)"])
        }
        guard let type = query["response_type"] else { return refused("invalid_request", "response_type is missing") }
        guard type == "code" else { return refused("unsupported_response_type", "response_type must be code") }
        guard query["scope"] == RingSimulatorSwitches.TokenScope.read.rawValue else {
            return refused("invalid_scope", "scope must be ava.v1:read")
        }
        guard query["code_challenge_method"] == "S256", let challenge = query["code_challenge"], !challenge.isEmpty,
            let account = self.accounts.first?.id
        else { return refused("invalid_request", "code_challenge with the method S256 is needed") }
        let code = RingPercentCoding.encode(self.newCode(account, challenge: challenge))
        return Response(status: 302, headers: ["Location": "\(redirect)\(separator)code=\(code)\(state)"])
    }

    /// Whether codes may be sent to a URI: the configured one, letter by letter, or any on the web when there is none.
    private func isRedirectURI(_ text: String) -> Bool {
        if let registered = self.configuration.redirectURI { return text == registered }
        return (text.hasPrefix("https://") || text.hasPrefix("http://")) && !text.contains("#")
    }
}
