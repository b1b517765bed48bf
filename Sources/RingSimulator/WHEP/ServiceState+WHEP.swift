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
        if let component = request.queryItems.first(where: { $0.name == "component_id" })?.value,
            device.device.kind != .elite || !Self.components.contains(component)
        {
            return .failure(400, title: "Bad Request", detail: "no such component")
        }
        guard let offer = SessionOffer(request.bodyText),
            let video = offer.sections.first(where: { $0.kind == "video" })
        else { return .failure(400, title: "Bad Request", detail: "the offer is not SDP with a video section") }
        guard video.direction == "recvonly" else {
            return .failure(
                self.switches.status(.offerDirection), title: "Bad Request", detail: "video must be recvonly")
        }
        if self.switches.liveVideo.contains(.requiresHighProfile) && video.highProfilePayload == nil {
            return .failure(500, title: "Internal Server Error")
        }
        guard let answer = offer.answer(random: &self.random) else {
            return .failure(400, title: "Bad Request", detail: "no H.264 in the offer")
        }
        let id = self.random.uuid()
        let limit = Int64(self.switches.limit(.sessionSeconds))
        let seconds = limit > 0 ? limit : device.device.isLinePowered ? 60 : 30
        let event = self.record("on_demand", nil, device: device.id, start: self.now, length: seconds * 1000)
        self.sessions[id] = Session(device: device.id, ends: self.now + seconds * 1000, event: event)
        var result = Response(
            status: 201, headers: ["Content-Type": "application/sdp"], body: .bytes(Array(answer.utf8)))
        let path = "/v1/devices/\(RingPercentCoding.encode(device.id.rawValue))/media/streaming/whep/sessions/\(id)"
        switch self.switches.sessionLocation {
        case .missing: break
        case .relative: result.headers["Location"] = path
        case .foreign: result.headers["Location"] = "https://elsewhere.invalid\(path)"
        case .absolute: result.headers["Location"] = self.apiOrigin + path
        }
        return result
    }

    mutating func closeSession(_ id: String, device: RingDeviceID, account: RingAccountID) -> Response {
        guard let session = self.sessions[id], session.device == device, !session.isClosed, session.ends > self.now,
            self.devices.contains(where: { $0.id == device && $0.account == account })
        else { return .failure(404, title: "Not Found", detail: "No such session") }
        self.sessions[id]?.isClosed = true
        if let index = self.history[device]?.firstIndex(where: { $0.id == session.event }) {
            self.history[device]?[index].end = self.now
        }
        return .empty(self.switches.status(.sessionDeleted))
    }
}
