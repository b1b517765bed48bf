internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// A live session that is open.
struct PageSession: Sendable {
    var id: String
    var device: RingDeviceID
    var name: String
    var ends: Int64
    var now: Int64
}

extension ServiceState {
    /// The open live sessions, the one that ends first before the others.
    var openLive: [PageSession] {
        self.openSessions.map { id, session in
            let name = self.device(session.device)?.device.name ?? session.device.rawValue
            return PageSession(id: id, device: session.device, name: name, ends: session.ends, now: self.now)
        }
        .sorted { ($0.ends, $0.id) < ($1.ends, $1.id) }
    }
}

/// Live video: the open sessions, and an offer that the browser makes itself.
extension Page {
    static func sessions(_ sessions: [PageSession]) -> HTML {
        sessions.isEmpty ? "" : "<div class=\"panel stack\"><h2>Live video</h2>\(Self.sessionList(sessions))</div>"
    }

    private static func sessionList(_ sessions: [PageSession]) -> HTML {
        guard !sessions.isEmpty else {
            return "<p class=\"soft\">No session is open. Sessions of your service show here, too.</p>"
        }
        let rows = sessions.html { session in
            """
            <li class="row"><span class="badge good">live</span> <a href="/ui/device?id=\(query: session.device.rawValue)">\(session.name)</a>\
            <span class="number" data-ends="\(session.ends)">\((session.ends - session.now + 999) / 1000) s left</span>\
            <span class="end">\(PagePart.button("End", to: "/ui/live/end", values: [("session", session.id)], style: "small", key: "end-\(session.id)"))\
            </span></li>
            """
        }
        return "<ul class=\"stack\">\(rows)</ul>"
    }

    func liveVideo(_ device: PageDevice, _ sessions: [PageSession]) -> HTML {
        guard device.kind.hasVideo else { return "" }
        return """
            <section class="panel stack" aria-labelledby="live-title"><h2 id="live-title">Live video</h2>
            <div id="live" data-live>\(Self.sessionList(sessions))</div>
            <noscript><p class="soft">This browser runs no scripts, so it cannot make an offer (WHEP). Everything else works.</p></noscript>
            <div class="stack" hidden data-whep="/ui/live?device=\(query: device.id.rawValue)">
            <div class="row"><button>Negotiate live video</button><span class="soft small">with an offer of this browser</span></div>
            <p role="status"></p><div class="view" hidden></div></div></section>
            """
    }

    /// An offer of the browser that shows this page; the response is that of the API.
    func openLive() async -> Response {
        let id = RingDeviceID(rawValue: self.query["device"] ?? "")
        var (response, opened) = self.engine.step { state -> (Response, OpenedSession?) in
            defer { state.openedSession = nil }
            guard let device = state.devices.first(where: { $0.id == id && !$0.isRemoved }) else {
                return (.failure(404, title: "Not Found", detail: "no such device"), nil)
            }
            var request = self.request
            request.query = device.device.kind == .elite ? "component_id=1" : nil
            return (state.openSession(request, device), state.openedSession)
        }
        if let opened {
            let result = await self.engine.withMovingPicture(response, opened)
            response = result.response
            // The script tells what happens next.
            response.headers["X-Simulator-Video"] =
                result.noPicture?.filter { $0.isASCII && !$0.isNewline } ?? "follows"
        }
        response.headers["Location"] = nil
        response.protect()
        return response
    }

    func endLive() -> Response {
        let session = self.form["session"] ?? ""
        let isOpen = self.engine.step { $0.endSession(session) }
        return isOpen ? self.back("ended", or: "/") : self.notFound("There is no such session, or it has ended.")
    }
}
