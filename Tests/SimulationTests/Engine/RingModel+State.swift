internal import RingAccounts
internal import RingCore
internal import RingJSONAPI
internal import RingTesting
internal import RingWHEP

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

extension RingModel {
    /// What Ring may do either way.
    package struct Rules: Hashable, Sendable {
        /// Whether a refresh token ends when it is used. Otherwise it ends when its successor is used.
        package var rotatesAtOnce = true
        /// The life of an access token.
        package var accessTokenLife = Duration.seconds(14_400)
        /// The life of an unused refresh token.
        package var refreshTokenLife = Duration.seconds(30 * 86_400)
        /// The longest live session.
        package var liveSessionLife = Duration.seconds(60)
        /// The most live sessions of one camera.
        package var liveSessionCount = 1
        /// The part of responses that are a 503, or a 429.
        package var unavailable = 0.0
        /// The part of further responses of `users/me` that are a 503.
        package var profileUnavailable = 0.0

        package init() {}
    }

    /// One use of a refresh token.
    package struct Refresh: Sendable {
        package var account: String
        package var token: String
        package var sender: SimulatedProcess
        package var sentAt: Duration
        /// How it ended for the sender; `nil` while it waits.
        package var result: SimulatedTransport.Result?
        /// The new refresh token, when Ring rotated.
        package var successor: String?
    }

    /// One request that confirms a link (POST) or completes it (PATCH).
    package struct Confirmation: Sendable {
        package var account: String
        /// The integration's number: each time that a user adds the app it is another one.
        package var generation: Int
        package var isPost: Bool
        /// What a POST brings.
        package var nonce: String
        package var sender: SimulatedProcess
        package var sentAt: Duration
        /// Whether the sender could not know what had happened while it stood still.
        package var isBlind = false
        /// When it arrived.
        package var arrivedAt: Duration?
        /// What the sender learned; `nil` while it waits.
        package var result: SimulatedTransport.Result?
        /// What Ring responded; `nil` when the request has not arrived.
        package var status: Int?
    }

    /// The newest pair that Ring has issued for the present integration of an account.
    package struct NewestPair: Sendable {
        package var refreshToken: String
        /// Whether it came from a code, and not from a refresh token.
        package var isFromCode: Bool
        package var receiver: SimulatedProcess
        package var issuedAt: Duration
        /// What the receiver learned; `nil` while it waits.
        package var result: SimulatedTransport.Result?
        /// When the receiver learned it.
        package var endedAt: Duration?
    }

    /// One live session.
    package struct LiveSession: Sendable {
        package var id: String
        package var account: String
        package var device: String
        package var opener: SimulatedProcess
        package var openedAt: Duration
        /// Whether the opener has the response.
        package var isKnown = false
        /// When it was ended.
        package var endedAt: Duration?
        /// The process that ended it.
        package var ender: SimulatedProcess?
    }

    struct Integration: Hashable, Sendable {
        var generation = 0
        var status = "none"
        /// The nonces that its user has been sent with, and that were not used.
        var nonces: Set<String> = []
        /// The masked identifier of the POST that was taken last.
        var identifier: String?
        var completedAt: Duration?
    }

    struct Grant: Hashable, Sendable {
        var account: String
        var generation: Int
        var expires: Duration
        /// The refresh token that it replaces, until that one has ended.
        var predecessor: String?
    }

    struct State: Sendable {
        var rules: Rules
        var integrations: [String: Integration] = [:]
        var codes: [String: Grant] = [:]
        var access: [String: Grant] = [:]
        var refresh: [String: Grant] = [:]
        var refreshes: [Int: Refresh] = [:]
        var sessions: [LiveSession] = []
        var starts: [Int: Int] = [:]
        /// By account, with the exchange that brought it.
        var newest: [String: (exchange: Int, pair: NewestPair)] = [:]
        var confirmations: [Int: Confirmation] = [:]
        /// How token requests ended for their senders, which may be before they arrived.
        var ended: [Int: SimulatedTransport.Result] = [:]
        /// Told when Ring has taken the PATCH that completes a link.
        var whenCompleted: @Sendable (String) -> Void = { _ in }
        var exchanges = 0
        var issued = 0
        var checks: [@Sendable (Event) -> String?] = []
    }
}

/// What requests change, without the simulation around it.
extension RingModel.State {
    /// Ends every token of an account.
    mutating func end(_ account: String, _ now: Duration) {
        self.newest[account] = nil
        for index in self.sessions.indices where self.sessions[index].account == account {
            if self.sessions[index].endedAt == nil { self.sessions[index].endedAt = now }
        }
        self.access = self.access.filter { $0.value.account != account }
        self.refresh = self.refresh.filter { $0.value.account != account }
        self.codes = self.codes.filter { $0.value.account != account }
    }

    /// The response to a token request.
    mutating func grant(
        _ form: [String: String], _ exchange: Int, _ process: SimulatedProcess, _ now: Duration
    ) -> RingHTTPResponse {
        let grant: RingModel.Grant?
        let old = form["refresh_token"]
        if let old {
            grant = self.refresh[old].flatMap { $0.expires > now ? $0 : nil }
            if let grant {
                if let predecessor = grant.predecessor { self.refresh[predecessor] = nil }
                if self.rules.rotatesAtOnce { self.refresh[old] = nil }
            }
        } else {
            grant = (self.codes.removeValue(forKey: form["code"] ?? "")).flatMap { $0.expires > now ? $0 : nil }
        }
        guard let grant else { return .json(#"{"error":"invalid_grant"}"#, status: 400) }
        self.issued += 1
        let (access, refresh) = ("at-\(grant.account)-\(self.issued)", "rt-\(grant.account)-\(self.issued)")
        self.access[access] = RingModel.Grant(
            account: grant.account, generation: grant.generation, expires: now + self.rules.accessTokenLife)
        self.refresh[refresh] = RingModel.Grant(
            account: grant.account, generation: grant.generation, expires: now + self.rules.refreshTokenLife,
            predecessor: self.rules.rotatesAtOnce ? nil : old)
        self.refreshes[exchange]?.successor = refresh
        // A sender that has given up, or has ended, learns nothing more.
        let early = self.ended[exchange]
        self.newest[grant.account] = (
            exchange,
            RingModel.NewestPair(
                refreshToken: refresh, isFromCode: old == nil, receiver: process, issuedAt: now, result: early,
                endedAt: early == nil ? nil : now)
        )
        return .json(
            """
            {"access_token":"\(access)","refresh_token":"\(refresh)","scope":"ava.v1:read",\
            "expires_in":\(self.rules.accessTokenLife.components.seconds),"token_type":"Bearer"}
            """)
    }

    /// The response to a request with a valid access token.
    mutating func respond(
        to request: RingHTTPRequest, _ operation: RingOperation, _ grant: RingModel.Grant, _ exchange: Int,
        _ process: SimulatedProcess, _ now: Duration, sdpAnswer: [UInt8]
    ) -> RingHTTPResponse {
        switch operation {
        case .userProfile:
            return .json(#"{"data":{"type":"users","id":"\#(grant.account)","attributes":{"first_name":"Robin"}}}"#)
        case .confirmLink:
            let body = try? JSONAPIValue(parsing: request.body.bytes ?? [])
            let nonce = body?["nonce"]?.string ?? ""
            guard self.integrations[grant.account]?.nonces.remove(nonce) != nil else {
                return .json(#"{"errors":[{"status":"400","title":"Invalid Nonce"}]}"#, status: 400)
            }
            self.integrations[grant.account]?.status = "awaiting"
            self.integrations[grant.account]?.identifier = body?["account_identifier"]?.string
            return .json(#"{"status":"awaiting"}"#)
        case .updateLink:
            guard ["awaiting", "completed"].contains(self.integrations[grant.account]?.status) else {
                return .json(#"{"errors":[{"status":"400","title":"Invalid Status Transition"}]}"#, status: 400)
            }
            let body = try? JSONAPIValue(parsing: request.body.bytes ?? [])
            if let identifier = body?["account_identifier"]?.string {
                self.integrations[grant.account]?.identifier = identifier
            }
            self.integrations[grant.account]?.status = "completed"
            self.integrations[grant.account]?.completedAt = now
            return .json(#"{"status":"completed"}"#)
        case .startLive:
            return self.startLive(request, grant, exchange, process, now, sdpAnswer: sdpAnswer)
        default: return .json(#"{"data":[]}"#)
        }
    }

    private mutating func startLive(
        _ request: RingHTTPRequest, _ grant: RingModel.Grant, _ exchange: Int, _ process: SimulatedProcess,
        _ now: Duration, sdpAnswer: [UInt8]
    ) -> RingHTTPResponse {
        let path = request.url.path()
        let running = self.sessions.filter { session in
            session.device == path && session.endedAt == nil && session.openedAt + self.rules.liveSessionLife > now
        }
        guard running.count < self.rules.liveSessionCount else {
            return .json(#"{"errors":[{"status":"503","title":"Device Unavailable"}]}"#, status: 503)
        }
        let session = RingModel.LiveSession(
            id: "s\(self.sessions.count + 1)", account: grant.account, device: path, opener: process, openedAt: now)
        self.starts[exchange] = self.sessions.count
        self.sessions.append(session)
        let origin = request.url.absoluteString.prefix { $0 != "?" }
        return RingHTTPResponse(
            status: 201, headerFields: ["Content-Type": "application/sdp", "Location": "\(origin)/\(session.id)"],
            body: RingHTTPBody(sdpAnswer))
    }
}
