import RingPartner

extension RingHTTPResponse {
    static func html(_ status: Int = 200, _ html: HTML) -> RingHTTPResponse {
        RingHTTPResponse(
            status: status, headerFields: [.contentType: "text/html; charset=utf-8"], body: RingHTTPBody(html.text))
    }

    /// A sentence, for scripts and players.
    static func text(_ status: Int, _ text: String) -> RingHTTPResponse {
        RingHTTPResponse(
            status: status, headerFields: [.contentType: "text/plain; charset=utf-8"], body: RingHTTPBody(text))
    }

    /// The page that follows a form.
    static func seeOther(_ path: String) -> RingHTTPResponse {
        RingHTTPResponse(status: 303, headerFields: ["Location": path])
    }

    /// A stream of server-sent events.
    static func events<Events: AsyncSequence & Sendable>(_ events: Events) -> RingHTTPResponse
    where Events.Element == [UInt8] {
        // Proxies that buffer responses would hold events back.
        RingHTTPResponse(
            status: 200, headerFields: [.contentType: "text/event-stream", "X-Accel-Buffering": "no"],
            body: RingHTTPBody(streaming: events))
    }

    /// With the header fields of everything that a browser gets: nothing of another origin is loaded, no other page may show this
    /// one in a frame, and nothing is kept in a cache unless it says so.
    var protected: RingHTTPResponse {
        var response = self
        response.headerFields["Content-Security-Policy"] =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
            + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        response.headerFields["X-Content-Type-Options"] = "nosniff"
        response.headerFields["Referrer-Policy"] = "same-origin"
        response.headerFields["Cross-Origin-Resource-Policy"] = "same-origin"
        response.headerFields["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headerFields["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if response.headerFields["Cache-Control"] == nil { response.headerFields["Cache-Control"] = "no-store" }
        return response
    }
}

extension Error {
    /// What a person is told. The messages of this package contain no secret; other errors may.
    var forPeople: String { (self as? RingError)?.message ?? "that did not work; try again later" }
    /// What the log is told: of an error that is not this package's only the type, since its text may be anybody's.
    var forLogs: String { (self as? RingError)?.message ?? String(describing: type(of: self)) }
}

/// A server-sent event.
struct ServerSentEvent: Sendable {
    var id: Int?
    var name: String
    var data: String

    var bytes: [UInt8] {
        // Every kind of line break ends a line of a stream, and names of devices may contain one.
        let lines = self.data.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map { "data: \($0)\n" }
        let id = self.id.map { "id: \($0)\n" } ?? ""
        return Array("\(id)event: \(self.name)\n\(lines.joined())\n".utf8)
    }

    /// Shows the other end, and everything between, that the connection is in use.
    static let beat = Array(": beat\n\n".utf8)
    /// How soon a browser connects again.
    static let start = Array("retry: 1000\n\n".utf8)
}
