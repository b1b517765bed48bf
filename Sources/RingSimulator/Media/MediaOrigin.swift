internal import Foundation
internal import RingJSONAPI
internal import RingListener
internal import Synchronization

extension SimulatorWorld {
    func requestClip(_ device: SimulatedDevice, _ request: RingListenerRequest) -> RingListenerResponse {
        guard let body = (try? JSONAPIValue(parsing: request.body)) ?? nil, let timestamp = body["timestamp"]?.int64,
            let duration = body["duration"]?.int64, duration > 0, duration <= 900_000, timestamp <= self.nowMilliseconds
        else { return .errors(400, "Bad Request", code: "INVALID_PAYLOAD") }
        if device.kind == .elite, body["components"]?.count != 1 {
            return .errors(400, "Bad Request", code: "INVALID_PAYLOAD", detail: "exactly one component")
        }
        return self.deliver("clip.mp4", timestamp, duration)
    }

    func requestStill(_ device: SimulatedDevice, _ request: RingListenerRequest) -> RingListenerResponse {
        guard let body = (try? JSONAPIValue(parsing: request.body)) ?? nil,
            let timestamp = (body["timestamp"] ?? body["start_timestamp"])?.int64
        else { return .errors(400, "Bad Request", code: "INVALID_PAYLOAD") }
        let isPNG = body["image_options"]?["format"]?.string == "png"
        return self.deliver(isPNG ? "still.png" : "still.jpeg", timestamp, 0)
    }

    private func deliver(_ file: String, _ timestamp: Int64, _ length: Int64) -> RingListenerResponse {
        let (isEarly, delivery) = self.state.withLock { state in
            let isEarly = state.switches.notReadyMedia > 0
            if isEarly { state.switches.notReadyMedia -= 1 }
            return (isEarly, state.switches.clipDelivery)
        }
        if isEarly { return .errors(425, "Too Early", code: "RECORDING_NOT_READY") }
        let ticket = Ticket(path: file, timestamp: timestamp, kind: file.hasSuffix("mp4") ? "video" : "image")
        if delivery == 200 { return self.media(ticket) }
        let token = self.unique("st")
        self.state.withLock { $0.tickets[token] = ticket }
        let origin = self.origins.withLock { $0.media }
        return RingListenerResponse(
            status: delivery,
            headers: [
                "Location": "\(origin)/v1/download?security_token=\(token)&req_type=\(ticket.kind)_download",
                "X-Request-ID": self.unique("media"),
            ])
    }

    /// The media origin: no bearer may ever come here.
    func media(_ request: RingListenerRequest) -> RingListenerResponse {
        guard request.headers["Authorization"] == nil else {
            return .errors(400, "Bad Request", detail: "Authorization is not allowed here")
        }
        guard request.method == "GET", request.path == "/v1/download",
            let token = request.queryItems.first(where: { $0.name == "security_token" })?.value,
            let ticket = self.state.withLock({ $0.tickets.removeValue(forKey: token) })
        else { return RingListenerResponse(status: 403) }
        return self.media(ticket)
    }

    private func media(_ ticket: Ticket) -> RingListenerResponse {
        let (isHTML, isCut) = self.state.withLock { ($0.switches.answersMediaWithHTML, $0.switches.cutsMedia) }
        if isHTML {
            return RingListenerResponse(
                status: 200, contentType: "text/html", text: "<html>Sign in to the Wi-Fi</html>")
        }
        guard let url = Bundle.module.url(forResource: ticket.path, withExtension: nil, subdirectory: "Resources"),
            let data = try? Data(contentsOf: url)
        else { return RingListenerResponse(status: 500) }
        let type =
            ticket.path.hasSuffix("mp4") ? "video/mp4" : ticket.path.hasSuffix("png") ? "image/png" : "image/jpeg"
        var response = RingListenerResponse(
            status: 200,
            headers: [
                "Content-Type": type, "X-Media-Timestamp": String(ticket.timestamp),
                "X-Request-ID": self.unique("media"),
            ], body: .bytes([UInt8](data)))
        if ticket.kind == "image" { response.headers.append(name: "X-Media-Origin", value: "recording") }
        if isCut { response.fault = .cutBody(after: Int64(data.count / 2)) }
        return response
    }
}
