internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// Live sessions: the offer's rules, an answer to it, and an end after 30 or 60 seconds.
extension ServiceState {
    mutating func openSession(_ request: RingListenerRequest, _ device: Device) -> Response {
        let type = request.headers["Content-Type"]?.split(separator: ";").first?.lowercased()
        guard type == "application/sdp" else { return .failure(415, title: "Unsupported Media Type") }
        guard device.device.kind.hasVideo else { return .failure(404, title: "Not Found", detail: "no video") }
        if !device.device.isOnline || self.fails(.offerOffline) {
            return .failure(503, title: "Device Unavailable", detail: "Device is currently offline")
        }
        if self.fails(.offerFailed) { return .failure(500, title: "Internal Server Error") }
        if let refusal = self.refusedComponent(request, device) { return refusal }
        guard let offer = SessionOffer(request.bodyText),
            let video = offer.sections.first(where: { $0.kind == "video" })
        else { return .failure(400, title: "Bad Request", detail: "the offer is not SDP with a video section") }
        if let missing = offer.missingTransport, self.switches.liveVideo.contains(.requiresICE) {
            return .failure(
                self.switches.status(.incompleteOffer), title: "Bad Request", detail: "the offer has no \(missing)")
        }
        let isAudioRefused =
            self.switches.liveAudio == .recvonly
            && offer.sections.contains { $0.kind == "audio" && $0.direction != "recvonly" }
        guard video.direction == "recvonly", !isAudioRefused else {
            return .failure(
                self.switches.status(.offerDirection), title: "Bad Request",
                detail: "\(isAudioRefused ? "audio" : "video") must be recvonly")
        }
        if self.switches.liveVideo.contains(.requiresHighProfile) && video.highProfilePayload == nil {
            return .failure(500, title: "Internal Server Error")
        }
        let maximum = self.switches.limit(.sessionsPerDevice)
        if maximum > 0, self.openSessionCount(of: device.id) >= maximum {
            return .failure(503, title: "Device Unavailable", detail: "another live view is open", code: "SERVER_BUSY")
        }
        let answer = offer.answer(
            hasAudio: self.switches.liveAudio != .none,
            hasRetransmission: self.switches.liveVideo.contains(.retransmission), random: &self.random)
        guard let answer else {
            return .failure(400, title: "Bad Request", detail: "no H.264 in the offer")
        }
        self.forgetExpired()
        let id = self.random.uuid()
        let limit = Int64(self.switches.limit(.sessionSeconds))
        let seconds = limit > 0 ? limit : device.device.isLinePowered ? 60 : 30
        let event =
            self.switches.liveVideo.contains(.historyEntries)
            ? self.record("on_demand", nil, device: device.id, start: self.now, length: seconds * 1000) : ""
        self.sessions[id] = Session(device: device.id, ends: self.now + seconds * 1000, event: event)
        if self.switches.liveVideo.contains(.movingPicture), let payload = video.picturePayload {
            self.openedSession = OpenedSession(
                id: id, device: device.id, offer: request.bodyText, payload: payload, network: self.liveNetwork(id))
        }
        var result = Response(
            status: 201, headers: ["Content-Type": "application/sdp"], body: .bytes(Array(answer.utf8)))
        let path = "/v1/devices/\(RingPercentCoding.encode(device.id.rawValue))/media/streaming/whep/sessions/\(id)"
        switch self.switches.sessionLocation {
        case .missing: break
        case .relative: result.headers["Location"] = path
        case .foreign: result.headers["Location"] = "https://elsewhere.invalid\(path)"
        case .absolute: result.headers["Location"] = self.apiOrigin + path
        }
        if self.switches.liveVideo.contains(.entityTags) { result.headers["ETag"] = "\"\(id.prefix(8))\"" }
        if self.switches.liveVideo.contains(.iceServerLinks) {
            result.headers["Link"] = "<stun:stun.l.google.com:19302>; rel=\"ice-server\""
        }
        return result
    }

    /// The response to an offer that names a component which the device does not have, or none of several.
    private func refusedComponent(_ request: RingListenerRequest, _ device: Device) -> Response? {
        let component = request.queryItems.first { $0.name == "component_id" }?.value
        let isElite = device.device.kind == .elite
        if let component, !isElite || !Self.components.contains(component) {
            return .failure(400, title: "Bad Request", detail: "no such component", pointer: "component_id")
        }
        if component == nil, isElite, self.switches.liveVideo.contains(.requiresComponent) {
            return .failure(
                400, title: "Bad Request", detail: "the device has several lenses; name one", pointer: "component_id")
        }
        return nil
    }

    /// How many live sessions of a device are open.
    func openSessionCount(of device: RingDeviceID) -> Int {
        self.sessions.values.count { $0.device == device && !$0.isClosed && $0.ends > self.now }
    }

    mutating func closeSession(_ id: String, device: RingDeviceID, account: RingAccountID) -> Response {
        guard let session = self.sessions[id], session.device == device, !session.isClosed, session.ends > self.now,
            self.device(device, of: account) != nil
        else { return .failure(404, title: "Not Found", detail: "No such session") }
        self.sessions[id]?.isClosed = true
        let now = self.now
        if let index = self.history[device]?.firstIndex(where: { $0.id == session.event }) {
            self.history[device]?[index].end = now
        }
        return .empty(self.switches.status(.sessionDeleted))
    }
}
