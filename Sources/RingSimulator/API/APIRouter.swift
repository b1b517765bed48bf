internal import Foundation
internal import RingJSONAPI
internal import RingListener
internal import Synchronization

extension RingListenerResponse {
    static func json(_ status: Int, _ body: JSONAPILiteral) -> RingListenerResponse {
        RingListenerResponse(status: status, contentType: "application/json; charset=utf-8", text: body.text)
    }

    /// An error document.
    static func errors(_ status: Int, _ title: String, code: String? = nil, detail: String? = nil)
        -> RingListenerResponse
    {
        var members: [(String, JSONAPILiteral)] = [("status", .string(String(status))), ("title", .string(title))]
        if let code { members.append(("code", .string(code))) }
        if let detail { members.append(("detail", .string(detail))) }
        return .json(status, ["errors": [.object(members)]])
    }
}

extension SimulatorWorld {
    /// The API's origin.
    func api(_ request: RingListenerRequest) async -> RingListenerResponse {
        var path = request.pathSegments[...]
        guard path.popFirst() == "v1" else { return RingListenerResponse(status: 404) }
        let isMe = Array(path) == ["users", "me"]
        guard self.isGood(bearer: request.headers["Authorization"]) else {
            let (status, isEmpty) = self.state.withLock {
                (isMe ? $0.switches.badTokenStatusOfUsersMe : 401, $0.switches.isUnauthorizedBodyEmpty)
            }
            return isEmpty ? RingListenerResponse(status: status) : .errors(status, "Invalid Client")
        }
        switch (request.method, path.first) {
        case ("GET", "users") where isMe: return self.me()
        case (_, "accounts") where Array(path) == ["accounts", "me", "app-integrations"]:
            return self.integration(request)
        case ("GET", "accounts") where Array(path) == ["accounts", "me", "subscriptions"]:
            return .json(200, ["data": [], "meta": self.meta])
        case ("GET", "devices") where path.count == 1: return self.deviceList(request)
        case ("GET", "history") where path.count == 4 && path.last == "events":
            return self.history(Array(path)[2], request)
        case (_, "devices") where path.count >= 2:
            let segments = Array(path)
            guard let device = self.device(segments[1]) else {
                return .errors(404, "Not Found", detail: "No such device")
            }
            return await self.device(device, Array(segments.dropFirst(2)), request)
        default: return RingListenerResponse(status: 404)
        }
    }

    var meta: JSONAPILiteral { ["time": .string(JSONAPITime.format(self.now))] }

    private func me() -> RingListenerResponse {
        .json(
            200,
            [
                "data": [
                    "type": "users", "id": .string(self.account),
                    "attributes": [
                        "first_name": "Robin", "last_name": "Vale", "email": "robin.vale@example.org",
                        "phone_number": "+12065550143",
                    ],
                ], "meta": self.meta,
            ])
    }

    private func device(
        _ device: SimulatedDevice, _ rest: [String], _ request: RingListenerRequest
    ) async -> RingListenerResponse {
        switch (request.method, rest) {
        case ("GET", []): return self.deviceDocument(device, request)
        case ("GET", ["status"]): return self.part(device, "status")
        case ("GET", ["capabilities"]): return self.part(device, "capabilities")
        case ("GET", ["configurations"]): return self.part(device, "configurations")
        case ("GET", ["location"]): return self.part(device, "location")
        case ("POST", ["media", "video", "download"]): return self.requestClip(device, request)
        case ("POST", ["media", "image", "download"]): return self.requestStill(device, request)
        case ("POST", ["media", "streaming", "whep", "sessions"]): return self.startLive(device, request)
        case ("DELETE", _) where rest.count == 5 && rest.starts(with: ["media", "streaming", "whep", "sessions"]):
            return self.endLive(device, rest[4])
        case ("POST", ["media", "audio", "playback"]):
            return .json(200, ["data": ["id": "aud-17", "attributes": ["status": "completed"]]])
        default: return RingListenerResponse(status: rest.first == "events" ? 403 : 404)
        }
    }
}
