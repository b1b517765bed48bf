internal import RingAccounts
package import RingCore
package import RingCrypto
internal import RingJSONAPI
internal import RingOAuth
internal import RingTesting
internal import RingWHEP
internal import Synchronization

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

/// Ring in a simulation: accounts, tokens, links and live sessions, and the sender of each request.
///
/// It is as strict as the manual allows: codes and nonces work once, a refresh token works once. Its clock is right.
package final class RingModel: SimulatedServer {
    /// Something that an invariant may speak about, before it has its effect.
    package enum Event: Sendable {
        /// A refresh token is sent; with the earlier uses of the same token.
        case refresh(Refresh, earlier: [Refresh])
        /// A live session is ended by a request that arrives.
        case liveEnd(LiveSession, by: SimulatedProcess)
        /// A link is confirmed by POST or PATCH; with the earlier requests for the same integration.
        case confirmation(Confirmation, earlier: [Confirmation], isCompleted: Bool)
    }

    private let simulation: Simulation
    private let key: RingHMACKey
    /// The body of every response to an offer.
    private let sdpAnswer: [UInt8]
    private let state: Mutex<State>

    /// Creates Ring without accounts.
    ///
    /// - Parameters:
    ///   - simulation: Its clock.
    ///   - key: Signs nonces.
    ///   - rules: What it may do either way.
    ///   - sdpAnswer: The SDP answer to every offer.
    package init(_ simulation: Simulation, key: RingHMACKey, rules: Rules = Rules(), sdpAnswer: [UInt8] = []) {
        self.simulation = simulation
        self.key = key
        self.sdpAnswer = sdpAnswer
        self.state = Mutex(State(rules: rules))
    }

    // MARK: What its users do

    /// A user adds the app.
    ///
    /// - Returns: The code that Ring sends to the Token Exchange URL.
    package func connect(_ account: String) -> String {
        self.simulation.note("connects", nil, account)
        return self.state.withLock { state in
            let generation = (state.integrations[account]?.generation ?? 0) + 1
            state.integrations[account] = Integration(generation: generation, status: "pending")
            state.end(account, self.simulation.now)
            state.issued += 1
            let code = "code-\(account)-\(state.issued)"
            state.codes[code] = Grant(
                account: account, generation: generation, expires: self.simulation.now + .seconds(60))
            return code
        }
    }

    /// The user's browser is sent to the Account Link URL.
    package func redirect(_ account: String) -> (nonce: String, time: String) {
        let time = String(Int64((self.now.timeIntervalSince1970 * 1_000).rounded()))
        let nonce = RingLinkNonce.compute(time: time, accountID: account, key: self.key)
        self.state.withLock { _ = $0.integrations[account]?.nonces.insert(nonce) }
        return (nonce, time)
    }

    /// A user removes the app: every token ends.
    package func remove(_ account: String) {
        self.simulation.note("removes", nil, account)
        self.state.withLock { state in
            state.integrations[account]?.status = "removed"
            state.end(account, self.simulation.now)
        }
    }

    /// Ring ends the access tokens of an account before their time.
    package func endAccess(_ account: String) {
        self.simulation.note("ends access", nil, account)
        self.state.withLock { state in state.access = state.access.filter { $0.value.account != account } }
    }

    // MARK: What a test reads

    /// Ring's date.
    package var now: Date {
        let (seconds, attoseconds) = self.simulation.now.components
        return SimulatedProcess.epoch + (Double(seconds) + Double(attoseconds) / 1e18)
    }

    /// `none`, `pending`, `awaiting`, `completed` or `removed`.
    package func status(of account: String) -> String {
        self.state.withLock { $0.integrations[account]?.status ?? "none" }
    }

    /// The masked identifier that the link of an account was confirmed with.
    package func identifier(of account: String) -> String? {
        self.state.withLock { $0.integrations[account]?.identifier }
    }

    /// The newest pair of the present integration; `nil` when its code was never exchanged.
    package func newestPair(of account: String) -> NewestPair? { self.state.withLock { $0.newest[account]?.pair } }

    /// Says what happens when a link is completed.
    package func whenCompleted(_ action: @escaping @Sendable (String) -> Void) {
        self.state.withLock { $0.whenCompleted = action }
    }

    /// Forgets what is called back, which may hold this value.
    package func forgetCallbacks() {
        self.state.withLock { state in
            state.checks = []
            state.whenCompleted = { _ in }
        }
    }

    /// Every request that confirmed or completed the present link of an account.
    package func confirmations(of account: String) -> [Confirmation] {
        self.state.withLock { state in
            state.confirmations.sorted { $0.key < $1.key }.map(\.value).filter {
                $0.account == account && $0.generation == state.integrations[account]?.generation
            }
        }
    }

    /// Whether a refresh token could be used now.
    package func accepts(refreshToken: String) -> Bool {
        self.state.withLock { state in
            (state.refresh[refreshToken]?.expires).map { $0 > self.simulation.now } ?? false
        }
    }

    /// Every use of a refresh token, by exchange.
    package var refreshes: [Int: Refresh] { self.state.withLock { $0.refreshes } }

    /// Every live session.
    package var sessions: [LiveSession] { self.state.withLock { $0.sessions } }

    /// Adds an invariant. It returns what is violated.
    package func check(_ invariant: @escaping @Sendable (Event) -> String?) {
        self.state.withLock { $0.checks.append(invariant) }
    }

    private func inform(_ event: Event) {
        for check in self.state.withLock({ $0.checks }) {
            if let violation = check(event) { self.simulation.fail(violation) }
        }
    }

    // MARK: Requests

    package func sends(
        _ request: RingHTTPRequest, for operation: RingOperation, from process: SimulatedProcess
    ) -> Int {
        let number = self.state.withLock { state in
            state.exchanges += 1
            return state.exchanges
        }
        if operation == .confirmLink || operation == .updateLink {
            self.confirms(request, operation, number, process)
        }
        guard operation == .tokenRefresh, let token = Self.form(request)["refresh_token"] else { return number }
        let refresh = Refresh(
            account: self.state.withLock { $0.refresh[token]?.account } ?? "unknown", token: token, sender: process,
            sentAt: self.simulation.now)
        let earlier = self.state.withLock { state in
            state.refreshes.filter { $0.value.token == token }.sorted { $0.key < $1.key }.map(\.value)
        }
        self.simulation.note("refreshes", process, token)
        self.inform(.refresh(refresh, earlier: earlier))
        self.state.withLock { $0.refreshes[number] = refresh }
        return number
    }

    private func confirms(
        _ request: RingHTTPRequest, _ operation: RingOperation, _ number: Int, _ process: SimulatedProcess
    ) {
        let nonce = (try? JSONAPIValue(parsing: request.body.bytes ?? []))?["nonce"]?.string ?? ""
        let event: Event? = self.state.withLock { state in
            guard let grant = state.access[Self.token(request)] else { return nil }
            let integration = state.integrations[grant.account]
            let confirmation = Confirmation(
                account: grant.account, generation: grant.generation, isPost: operation == .confirmLink,
                nonce: nonce, sender: process, sentAt: self.simulation.now, isBlind: process.isStandingStill)
            let earlier = state.confirmations.sorted { $0.key < $1.key }.map(\.value).filter {
                $0.account == grant.account && $0.generation == grant.generation
            }
            state.confirmations[number] = confirmation
            return .confirmation(
                confirmation, earlier: earlier,
                isCompleted: integration?.generation == grant.generation && integration?.status == "completed")
        }
        if let event { self.inform(event) }
    }

    private static func token(_ request: RingHTTPRequest) -> String {
        String((request.headerFields[.authorization] ?? "").dropFirst("Bearer ".count))
    }

    package func ends(exchange: Int, _ result: SimulatedTransport.Result) {
        let now = self.simulation.now
        self.state.withLock { state in
            state.refreshes[exchange]?.result = result
            state.confirmations[exchange]?.result = result
            state.ended[exchange] = result
            for (account, newest) in state.newest where newest.exchange == exchange {
                state.newest[account]?.pair.result = result
                state.newest[account]?.pair.endedAt = now
            }
            if result == .responded, let session = state.starts[exchange] { state.sessions[session].isKnown = true }
        }
    }

    package func respond(
        to request: RingHTTPRequest, for operation: RingOperation, exchange: Int, from process: SimulatedProcess
    ) -> RingHTTPResponse {
        let now = self.simulation.now
        let isUnavailable = self.state.withLock { $0.rules.unavailable }
        var response: RingHTTPResponse
        if isUnavailable > 0, self.simulation.chance(isUnavailable) {
            response = RingHTTPResponse(status: self.simulation.chance(0.7) ? 503 : 429)
            if response.status == 429 {
                response.headerFields["Retry-After"] = String(1 + self.simulation.number(below: 4))
            }
        } else {
            switch operation {
            case .tokenRefresh, .codeExchange:
                response = self.state.withLock { $0.grant(Self.form(request), exchange, process, now) }
            case .userProfile where self.isProfileUnavailable: response = RingHTTPResponse(status: 503)
            case .endLive: response = self.endLive(request, process, now)
            default:
                response = self.state.withLock { state in
                    guard let grant = state.access[Self.token(request)], grant.expires > now else {
                        return RingHTTPResponse(status: 401)
                    }
                    return state.respond(
                        to: request, operation, grant, exchange, process, now, sdpAnswer: self.sdpAnswer)
                }
            }
        }
        let completed = self.state.withLock { state -> String? in
            guard let confirmation = state.confirmations[exchange] else { return nil }
            state.confirmations[exchange]?.status = response.status
            state.confirmations[exchange]?.arrivedAt = now
            let sender = confirmation.sender
            let isLate = !sender.isAlive || sender.wasTroubled(within: .seconds(60))
            if response.status == 200, isLate {
                state.confirmations[exchange]?.isBlind = true
            }
            return confirmation.isPost || response.status != 200 ? nil : confirmation.account
        }
        if let completed { self.state.withLock { $0.whenCompleted }(completed) }
        response.headerFields["Date"] = RingHTTPDate.format(self.now)
        return response
    }

    private var isProfileUnavailable: Bool {
        let part = self.state.withLock { $0.rules.profileUnavailable }
        return part > 0 && self.simulation.chance(part)
    }

    /// What Ring may do from now on.
    package var rules: Rules {
        get { self.state.withLock { $0.rules } }
        set { self.state.withLock { $0.rules = newValue } }
    }

    private func endLive(_ request: RingHTTPRequest, _ process: SimulatedProcess, _ now: Duration) -> RingHTTPResponse {
        let id = request.url.lastPathComponent
        let grant = self.state.withLock { $0.access[Self.token(request)] }
        guard let grant, grant.expires > now else { return RingHTTPResponse(status: 401) }
        let found: (index: Int, session: LiveSession)? = self.state.withLock { state in
            state.sessions.firstIndex { $0.id == id && $0.account == grant.account }.map { ($0, state.sessions[$0]) }
        }
        guard let found else { return RingHTTPResponse(status: 404) }
        self.inform(.liveEnd(found.session, by: process))
        return self.state.withLock { state in
            let isOver = found.session.endedAt != nil || found.session.openedAt + state.rules.liveSessionLife <= now
            if isOver {
                if found.session.endedAt == nil { state.sessions[found.index].endedAt = now }
                return RingHTTPResponse(status: 404)
            }
            state.sessions[found.index].endedAt = now
            state.sessions[found.index].ender = process
            return RingHTTPResponse(status: 200)
        }
    }

    private static func form(_ request: RingHTTPRequest) -> [String: String] {
        StubTokenEndpoint.form(request.body.bytes ?? [])
    }
}
