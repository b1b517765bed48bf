internal import RingCore
internal import RingListener

/// Keeps web pages of other origins from using the control origin through the browser of a developer.
///
/// A page whose name was pointed at this machine (DNS rebinding) sends its own name as `Host`. A page of another origin that
/// posts sends its `Origin`. Both are refused, so no page can change the simulator or read its state.
struct OriginCheck: Sendable {
    let port: Int

    /// Why a request is refused; `nil` when it is not.
    func refusal(of request: RingListenerRequest) -> RingListenerResponse? {
        let host = request.headers["Host"] ?? ""
        guard self.isOwn(host) else {
            return self.forbidden(
                "the Host header is \(Self.shown(host)); the control origin responds to 127.0.0.1:\(self.port), "
                    + "localhost:\(self.port) and [::1]:\(self.port) only")
        }
        if let origin = request.headers["Origin"] {
            guard origin.hasPrefix("http://"), self.isOwn(String(origin.dropFirst(7))) else {
                return self.forbidden(
                    "the Origin header is \(Self.shown(origin)): pages of other origins may not use the control origin")
            }
        }
        let site = request.headers["Sec-Fetch-Site"]
        let isRead = request.method == "GET" || request.method == "HEAD"
        if let site, !isRead, site != "same-origin", site != "none" {
            return self.forbidden(
                "the request comes from a page of another origin (Sec-Fetch-Site: \(Self.shown(site))), which may not "
                    + "change anything here")
        }
        return nil
    }

    private func isOwn(_ authority: String) -> Bool {
        let authority = authority.lowercased()
        return ["127.0.0.1", "localhost", "[::1]"].contains { authority == "\($0):\(self.port)" }
    }

    private func forbidden(_ detail: String) -> RingListenerResponse {
        .failure(403, title: "Forbidden", detail: detail)
    }

    private static func shown(_ text: String) -> String {
        text.isEmpty ? "missing" : String(text.prefix(100)).debugDescription
    }
}
