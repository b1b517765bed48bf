package import RingCore
internal import Synchronization

/// A token endpoint in memory with Ring's strictest rules: refresh tokens rotate and work once, codes work once.
///
/// Each fault applies to one request. The HTTP exchange that it replaces is tested on real sockets against the simulator.
package final class StubTokenEndpoint: RingTransport {
    /// What goes wrong with one request.
    package enum Fault: Hashable, Sendable {
        /// The tokens rotate and the response is lost.
        case responseLost
        /// The tokens rotate and the response is unreadable.
        case responseGarbled
        /// No connection: nothing rotates.
        case notSent
        /// A complete response with a status: nothing rotates.
        case status(Int, body: String = "")
    }

    private struct State {
        var valid: Set<String> = []
        var codes: Set<String> = []
        var faults: [Fault] = []
        var outage: Fault?
        var issued = 0
        var exchanges: [String: Int] = [:]
        var forms: [[String: String]] = []
    }

    private let state = Mutex(State())
    /// The life of access tokens, in seconds. Wire: `expires_in`.
    private let lifetime: Int
    private let before: @Sendable () async -> Void
    private let refused: Set<String>
    /// What responds in place of the endpoint to every request, in pieces.
    private let page: (status: Int, bytes: [UInt8])?

    /// Creates an endpoint that knows no token and no code yet.
    ///
    /// - Parameters:
    ///   - lifetime: The life of access tokens, in seconds.
    ///   - refused: Refresh tokens for which the endpoint fails with 503 for ever.
    ///   - page: What responds in place of the endpoint to every request, in pieces.
    ///   - before: Runs before each request is read; a test can wait here.
    package init(
        lifetime: Int = 14_400, refused: Set<String> = [], page: (status: Int, bytes: [UInt8])? = nil,
        before: @escaping @Sendable () async -> Void = {}
    ) {
        self.page = page
        self.lifetime = lifetime
        self.refused = refused
        self.before = before
    }

    /// Makes a refresh token valid.
    package func allow(refreshToken: String) { self.state.withLock { _ = $0.valid.insert(refreshToken) } }
    /// Makes a code valid.
    package func allow(code: String) { self.state.withLock { _ = $0.codes.insert(code) } }
    /// Makes a refresh token invalid, as when the user removes the app.
    package func revoke(refreshToken: String) { self.state.withLock { _ = $0.valid.remove(refreshToken) } }
    /// Lets the next requests fail, in order.
    package func fail(_ faults: Fault...) { self.state.withLock { $0.faults += faults } }
    /// Lets every request fail until it is `nil` again.
    package func setOutage(_ fault: Fault?) { self.state.withLock { $0.outage = fault } }

    /// The form fields of every request so far.
    package var forms: [[String: String]] { self.state.withLock { $0.forms } }
    /// How often each refresh token was exchanged for another; more than once is never right.
    package var exchanges: [String: Int] { self.state.withLock { $0.exchanges } }

    /// Responds to one token request.
    ///
    /// - Throws: `RingError` when a fault says so.
    package func send(_ request: RingHTTPRequest, context: RingRequestContext) async throws -> RingHTTPResponse {
        await self.before()
        if let page {
            let pieces = AsyncStream<[UInt8]> { continuation in
                for start in stride(from: 0, to: page.bytes.count, by: 16_384) {
                    continuation.yield(Array(page.bytes[start...].prefix(16_384)))
                }
                continuation.finish()
            }
            return RingHTTPResponse(status: page.status, body: RingHTTPBody(streaming: pieces))
        }
        let form = Self.form(request.body.bytes ?? [])
        return try self.state.withLock { try self.response(to: form, &$0) }
    }

    private func response(to form: [String: String], _ state: inout State) throws -> RingHTTPResponse {
        state.forms.append(form)
        if let token = form["refresh_token"], self.refused.contains(token) { return .json("", status: 503) }
        let fault = state.outage ?? (state.faults.isEmpty ? nil : state.faults.removeFirst())
        switch fault {
        case .notSent?:
            throw RingError(code: .connectionFailed, message: "the stub is down", delivery: .notSent)
        case .status(let status, let body)?:
            return .json(body, status: status)
        default: break
        }
        guard form["client_id"]?.isEmpty == false, form["client_secret"]?.isEmpty == false else {
            return .json(#"{"error":"invalid_client"}"#, status: 401)
        }
        let isGood: Bool
        switch form["grant_type"] {
        case "refresh_token"?:
            let token = form["refresh_token"] ?? ""
            isGood = state.valid.remove(token) != nil
            if isGood { state.exchanges[token, default: 0] += 1 }
        case "authorization_code"?: isGood = state.codes.remove(form["code"] ?? "") != nil
        default: return .json(#"{"error":"unsupported_grant_type"}"#, status: 400)
        }
        guard isGood else { return .json(#"{"error":"invalid_grant"}"#, status: 400) }
        state.issued += 1
        let refresh = "refresh-\(state.issued)"
        state.valid.insert(refresh)
        switch fault {
        case .responseLost?:
            throw RingError(code: .connectionLost, message: "the stub closed the connection", delivery: .unknown)
        case .responseGarbled?: return .json("{\"access_token\":")
        default:
            return .json(
                """
                {"access_token":"access-\(state.issued)","refresh_token":"\(refresh)","scope":"ava.v1:read",\
                "expires_in":\(self.lifetime),"token_type":"Bearer"}
                """)
        }
    }

    package static func form(_ body: [UInt8]) -> [String: String] {
        let items = RingHTTPForm(parsing: body).items.map { ($0.name, $0.value) }
        return Dictionary(items, uniquingKeysWith: { _, last in last })
    }
}
