internal import Foundation
internal import RingJSONAPI
internal import RingListener
internal import Synchronization

extension SimulatorWorld {
    func startLive(_ device: SimulatedDevice, _ request: RingListenerRequest) -> RingListenerResponse {
        guard request.headers["Content-Type"]?.lowercased().hasPrefix("application/sdp") == true else {
            return .errors(415, "Unsupported Media Type")
        }
        guard device.isOnline else { return .errors(503, "Device Unavailable", detail: "Device is currently offline") }
        guard let offer = SimulatedOffer(String(decoding: request.body, as: UTF8.self)) else {
            return .errors(400, "Bad Request", detail: "no SDP offer")
        }
        guard offer.isReceiveOnly else { return .errors(400, "Bad Request", detail: "video must be recvonly") }
        guard offer.highProfilePayload != nil else { return .errors(500, "Internal Server Error") }
        let id = self.unique("session")
        let start = self.nowMilliseconds
        self.state.withLock { state in
            state.sessions.append(Session(id: id, device: device.id))
            state.events.append(
                Event(
                    id: "ava1.ring.history.event.\(id)", device: device.id, type: "on_demand", subType: nil,
                    start: start))
        }
        let path = "\(request.path)/\(id)"
        let isRelative = self.state.withLock { $0.switches.hasRelativeLocation }
        return RingListenerResponse(
            status: 201,
            headers: [
                "Content-Type": "application/sdp",
                "Location": isRelative ? path : self.origins.withLock { $0.api } + path,
            ], body: .bytes(Array(offer.answer(session: id).utf8)))
    }

    func endLive(_ device: SimulatedDevice, _ id: String) -> RingListenerResponse {
        let status = self.state.withLock { state -> Int in
            guard let index = state.sessions.firstIndex(where: { $0.id == id && $0.device == device.id && $0.isOpen })
            else { return 404 }
            state.sessions[index].isOpen = false
            return state.switches.whepDeleteStatus
        }
        return RingListenerResponse(status: status)
    }
}

/// An offer, as far as the service looks at it, and an answer that mirrors it section by section.
struct SimulatedOffer {
    private var session: [String] = []
    private var sections: [[String]] = []

    init?(_ text: String) {
        let lines = text.split(whereSeparator: \.isNewline).map(String.init)
        guard lines.first == "v=0" else { return nil }
        for line in lines {
            if line.hasPrefix("m=") {
                self.sections.append([line])
            } else if self.sections.isEmpty {
                self.session.append(line)
            } else {
                self.sections[self.sections.count - 1].append(line)
            }
        }
        guard self.video != nil else { return nil }
    }

    private var video: [String]? { self.sections.first { $0[0].hasPrefix("m=video") } }

    var isReceiveOnly: Bool {
        self.sections.allSatisfy { $0.contains("a=recvonly") || $0[0].hasPrefix("m=application") }
    }

    /// The payload type of a High profile line.
    var highProfilePayload: String? {
        self.video?.compactMap { line -> String? in
            guard line.hasPrefix("a=fmtp:"),
                let mark = line.range(of: "profile-level-id=64") ?? line.range(of: "profile-level-id=4d"),
                !mark.isEmpty
            else { return nil }
            return line.dropFirst(7).prefix { $0.isNumber }.description
        }.first ?? nil
    }

    func answer(session: String) -> String {
        var lines = ["v=0", "o=- 20518 0 IN IP4 127.0.0.1", "s=-", "t=0 0"]
        lines += self.session.filter { $0.hasPrefix("a=group:BUNDLE") }
        for section in self.sections {
            let words = section[0].split(separator: " ").map(String.init)
            let isVideo = words[0] == "m=video"
            let payload = isVideo ? self.highProfilePayload : words.count > 3 ? words[3] : nil
            guard words[0] != "m=application", words.count > 3, let payload else {
                lines.append(([words[0], "0"] + words.dropFirst(2)).joined(separator: " "))
                continue
            }
            lines += ["\(words[0]) 9 \(words[2]) \(payload)", "c=IN IP4 0.0.0.0", "a=rtcp:9 IN IP4 0.0.0.0"]
            lines += section.filter { $0.hasPrefix("a=mid:") }
            lines += [
                "a=sendonly", "a=rtcp-mux", "a=setup:passive", "a=ice-ufrag:simu",
                "a=ice-pwd:simulatedsimulatedsimulated",
            ]
            lines.append("a=fingerprint:sha-256 " + Array(repeating: "5A", count: 32).joined(separator: ":"))
            lines += section.filter { $0.hasPrefix("a=rtpmap:\(payload) ") || $0.hasPrefix("a=fmtp:\(payload) ") }
            lines += ["a=candidate:1 1 UDP 2130706431 127.0.0.1 50000 typ host", "a=end-of-candidates"]
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }
}
