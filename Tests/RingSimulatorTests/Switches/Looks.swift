import RingCore
import RingJSONAPI
import RingSimulator

/// What the rows of the table look at.
extension Bench {
    /// An offer that everybody accepts, or with other lines in its place.
    static func offer(
        _ direction: String = "recvonly", profile: String = "64001f", audio: String? = nil, ice: Bool = true
    ) -> String {
        var lines = ["v=0", "o=- 1 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=setup:actpass"]
        if ice {
            lines += [
                "a=ice-ufrag:Q2Ug", "a=ice-pwd:wg0Jo2c1etD25NCHOTwcEGOA",
                "a=fingerprint:sha-256 \(Array(repeating: "AB", count: 32).joined(separator: ":"))",
            ]
        }
        lines += [
            "m=video 9 UDP/TLS/RTP/SAVPF 102", "c=IN IP4 0.0.0.0", "a=mid:0", "a=\(direction)",
            "a=rtpmap:102 H264/90000", "a=fmtp:102 packetization-mode=1;profile-level-id=\(profile)",
        ]
        if let audio {
            lines += [
                "m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:1", "a=\(audio)",
                "a=rtpmap:111 opus/48000/2",
            ]
        }
        return (lines + [""]).joined(separator: "\r\n")
    }

    /// Opens a live session.
    func open(
        _ offer: String = Self.offer(), _ kind: RingSimulatorDevice.Kind = .camera, query: String = ""
    ) async throws -> Reply {
        try await self.send(
            "POST", "\(self.device(kind))/media/streaming/whep/sessions\(query)", type: "application/sdp", body: offer)
    }

    /// A page of the event history.
    func history(_ query: String = "", _ kind: RingSimulatorDevice.Kind = .doorbell) async throws -> Reply {
        try await self.get("/v1/history/devices/\(segment(self.simulator.id(kind).rawValue))/events\(query)")
    }

    /// Uses a refresh token: the status, or that the connection was closed.
    func refresh(_ token: String? = nil) async -> String {
        let text = token ?? self.simulator.refreshToken
        let reply = try? await self.simulator.token("grant_type=refresh_token&refresh_token=\(text)")
        return reply.map { String($0.status) } ?? "closed"
    }

    /// Exchanges a code.
    func exchange(_ code: String, _ more: String = "") async throws -> Reply {
        try await self.simulator.token("grant_type=authorization_code&code=\(segment(code))\(more)")
    }

    func event(
        _ type: String, _ kind: RingSimulatorDevice.Kind? = .doorbell, subType: String? = nil,
        components: [String] = []
    ) {
        self.simulator.happen(
            RingSimulatorEvent(
                type: type, device: kind.map(self.simulator.id), subType: subType, componentIDs: components))
    }

    /// The webhook of an event.
    func webhook(
        _ type: String, _ kind: RingSimulatorDevice.Kind? = .doorbell, subType: String? = nil,
        components: [String] = []
    ) throws -> JSONAPIValue {
        self.event(type, kind, subType: subType, components: components)
        return try JSONAPIValue(parsing: self.simulator.deliveries.last?.body ?? [])
    }

    /// The status of a device.
    func status(_ kind: RingSimulatorDevice.Kind) async throws -> JSONAPIValue? {
        try await self.get("\(self.device(kind))/status").data?["attributes"]
    }

    /// Both steps of a clip of a motion: the status of the second one and the code of its error.
    func media() async throws -> String {
        let step = try await self.clip(self.motion())
        guard step.status == 303 else { return "step 1: \(step.status) \(step.error?["code"]?.string ?? "")" }
        let reply = try await RingSimulatorTests.send("GET", step.location)
        return [String(reply.status), reply.error?["code"]?.string].compactMap(\.self).joined(separator: " ")
    }

    /// Confirms the link, as the partner does after the redirect.
    func confirm(_ nonce: String) async throws -> Reply {
        try await self.send("POST", "/v1/accounts/me/app-integrations", body: #"{"nonce":"\#(nonce)"}"#)
    }
}

extension Reply {
    /// What the names of the members of an object are.
    var names: [String] { self.json?.members.map(\.name) ?? [] }
}
