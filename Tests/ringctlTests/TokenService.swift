import RingCrypto
import RingListener
import RingTesting
import Synchronization

/// Ring as far as accounts are concerned, on loopback: codes and refresh tokens work once, nonces too.
final class TokenService: Sendable {
    struct State {
        var codes: Set<String> = []
        var refreshTokens: Set<String> = []
        var accessTokens: Set<String> = []
        var nonces: Set<String> = []
        var issued = 0
        var integration = "pending"
        var refreshes = 0
        var losesResponse = false
        var delay: Duration?
        /// How long the confirmation of a link takes.
        var linkDelay: Duration?
        /// What is sent for every token request in place of the endpoint's response.
        var proxy: (status: Int, body: String)?
        /// Whether each code is another account's.
        var hasManyAccounts = false
        /// What something in front of the token endpoint responds in its place, with nothing done.
        var intermediary: RingListenerResponse?
        /// The status of `users/me`, when it is not 200.
        var userFault: Int?
        /// How often `users/me` was requested.
        var userRequests = 0
    }

    static let account = "ava1.ring.account.TESTACCT0001"
    static let hmacKey = "Zm9yLXRlc3RzLW9ubHktcmluZy1obWFjLWtleS0wMDE="
    let state = Mutex(State())
    /// Yields when a token request has arrived.
    let arrivals = AsyncStream<Void>.makeStream()
    /// Yields when the confirmation of a link has arrived.
    let confirmations = AsyncStream<Void>.makeStream()
    /// For the store; removed with the service.
    let folder: TestFolder
    private let listener = Mutex<RingListener?>(nil)
    var origin: String { self.listener.withLock { $0?.origin ?? "" } }

    private init() throws { self.folder = try TestFolder() }

    static func start() async throws -> TokenService {
        let service = try TokenService()
        let listener = try await RingListener.startRaw { await service.respond(to: $0) }
        service.listener.withLock { $0 = listener }
        return service
    }

    func stop() async { await self.listener.withLock { $0.take() }?.stop() }

    private func respond(to request: RingListenerRequest) async -> RingListenerResponse {
        if request.path == "/oauth/token" { self.arrivals.continuation.yield() }
        if request.path == "/oauth/token", let delay = self.state.withLock({ $0.delay }) {
            try? await Task.sleep(for: delay)
            // The client has left before its request was looked at.
            if Task.isCancelled { return RingListenerResponse(status: 503) }
        }
        if request.method == "POST", request.path.hasSuffix("app-integrations") {
            self.confirmations.continuation.yield()
            if let delay = self.state.withLock({ $0.linkDelay }) { try? await Task.sleep(for: delay) }
        }
        return self.state.withLock { state in
            switch (request.method, request.path) {
            case ("POST", "/oauth/token"): state.intermediary ?? Self.token(request, &state)
            case _ where !Self.isAuthorised(request, state): RingListenerResponse(status: 401)
            case ("GET", "/v1/users/me"): Self.user(request, &state)
            case ("POST", "/v1/accounts/me/app-integrations"): Self.confirm(request, &state)
            case ("PATCH", "/v1/accounts/me/app-integrations"): Self.complete(&state)
            case ("GET", "/v1/accounts/me/subscriptions"):
                request.query == nil
                    ? Self.json(
                        """
                        {"data":[{"type":"subscriptions","id":"s1","attributes":{"sub_type":"paid","new":[1]},
                        "relationships":{"devices":{"data":[{"type":"devices","id":"d1"}]}}}],
                        "links":{"next":"/v1/accounts/me/subscriptions?page%5Bcursor%5D=c2"}}
                        """)
                    : Self.json(#"{"data":[{"type":"subscriptions","id":"s2","attributes":{"status":"inactive"}}]}"#)
            default: RingListenerResponse(status: 404)
            }
        }
    }

    private static func user(_ request: RingListenerRequest, _ state: inout State) -> RingListenerResponse {
        state.userRequests += 1
        if let fault = state.userFault { return RingListenerResponse(status: fault) }
        return Self.json(
            """
            {"data":{"type":"users","id":"\(Self.account(request, state))",\
            "attributes":{"first_name":"Robin","email":"r@e.org"}}}
            """)
    }

    private static func token(_ request: RingListenerRequest, _ state: inout State) -> RingListenerResponse {
        if let (status, body) = state.proxy { return Self.json(body, status) }
        var form: [String: String] = [:]
        for item in request.formItems { form[item.name] = item.value }
        guard form["client_id"] == "client", form["client_secret"] == "SECRET-client" else {
            return Self.json(#"{"error":"invalid_client"}"#, 401)
        }
        let isGood =
            form["grant_type"] == "refresh_token"
            ? state.refreshTokens.remove(form["refresh_token"] ?? "") != nil
            : state.codes.remove(form["code"] ?? "") != nil
        guard isGood else { return Self.json(#"{"error":"invalid_grant"}"#, 400) }
        if form["grant_type"] == "refresh_token" { state.refreshes += 1 }
        state.issued += 1
        let (access, refresh) = ("SECRET-access-\(state.issued)", "SECRET-refresh-\(state.issued)")
        state.accessTokens.insert(access)
        state.refreshTokens.insert(refresh)
        if state.losesResponse { return RingListenerResponse(status: 200, fault: .closeBeforeHeaders) }
        return Self.json(
            """
            {"access_token":"\(access)","refresh_token":"\(refresh)","scope":"ava.v1:read","expires_in":14400,\
            "token_type":"Bearer"}
            """)
    }

    private static func confirm(_ request: RingListenerRequest, _ state: inout State) -> RingListenerResponse {
        let nonce = request.bodyText.split(separator: "\"").first { $0.utf8.count == 43 }.map(String.init) ?? ""
        guard state.nonces.insert(nonce).inserted else {
            return Self.json(#"{"errors":[{"status":"400","title":"Invalid Nonce"}]}"#, 400)
        }
        state.integration = "awaiting"
        return Self.json(#"{"status":"awaiting"}"#)
    }

    private static func complete(_ state: inout State) -> RingListenerResponse {
        guard state.integration != "pending" else {
            return Self.json(#"{"errors":[{"status":"400","title":"Invalid Status Transition"}]}"#, 400)
        }
        state.integration = "completed"
        return Self.json(#"{"status":"completed"}"#)
    }

    private static func account(_ request: RingListenerRequest, _ state: State) -> String {
        guard state.hasManyAccounts else { return Self.account }
        let number = (request.headers["Authorization"] ?? "").split(separator: "-").last ?? ""
        return "ava1.ring.account.TESTACCT-\(number)"
    }

    private static func isAuthorised(_ request: RingListenerRequest, _ state: State) -> Bool {
        guard let field = request.headers["Authorization"], field.hasPrefix("Bearer ") else { return false }
        return state.accessTokens.contains(String(field.dropFirst(7)))
    }

    private static func json(_ text: String, _ status: Int = 200) -> RingListenerResponse {
        RingListenerResponse(status: status, contentType: "application/json", text: text)
    }
}
