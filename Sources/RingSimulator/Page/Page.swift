internal import RingCore
internal import RingListener

/// One request to the page, and what its parts share.
struct Page: Sendable {
    let simulator: RingSimulator
    let request: RingListenerRequest
    let query: [String: String]
    let form: [String: String]
    var notice: PageNotice?

    init(_ request: RingListenerRequest, _ simulator: RingSimulator) {
        self.simulator = simulator
        self.request = request
        self.query = Dictionary(request.queryItems.map { ($0.name, $0.value) }) { first, _ in first }
        let isForm =
            request.headers["Content-Type"]?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false
        self.form = isForm ? Dictionary(request.formItems.map { ($0.name, $0.value) }) { first, _ in first } : [:]
        self.notice = self.query["done"].flatMap { PageNotice.named[$0] }
    }

    var engine: SimulatorEngine { self.simulator.engine }

    /// A form field that is filled in.
    func filled(_ name: String) -> String? { self.form[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// The account that a form or an address names.
    var account: RingAccountID? {
        (self.filled("account") ?? self.query["account"]).flatMap { $0.isEmpty ? nil : RingAccountID(rawValue: $0) }
    }

    func frame(_ title: String, _ tab: PageTab?) -> PageFrame {
        PageFrame(
            title: title, tab: tab, now: self.engine.clock.now, speed: self.engine.clock.speed, notice: self.notice)
    }

    /// The same page with what went wrong.
    func failed(_ message: String) -> Page {
        var page = self
        page.notice = PageNotice(kind: .failed, text: message)
        return page
    }

    func notFound(_ what: String) -> Response {
        self.frame("Not found", nil).response(
            404,
            """
            \(PagePart.title("Not found"))
            <section class="panel">\(PagePart.empty(what, "It may belong to an earlier run. <a href=\"/\">Go to the devices</a>."))</section>
            """)
    }

    /// Back to the page that holds the form, with the result.
    func back(_ result: String, or path: String) -> Response {
        .seeOther(PageAddress.adding(result: result, to: PageAddress.ownPath(self.request) ?? path))
    }
}

enum PageAddress {
    /// The path and query of the page that a form was on; `nil` when it was on no page of this origin.
    static func ownPath(_ request: RingListenerRequest) -> String? {
        guard let host = request.headers["Host"], let referrer = request.headers["Referer"],
            referrer.hasPrefix("http://\(host)/")
        else { return nil }
        let path = referrer.dropFirst("http://\(host)".count)
        return path.hasPrefix("//") || path.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) ? nil : String(path)
    }

    static func adding(result: String, to address: String) -> String {
        let parts = address.prefix { $0 != "#" }.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let items = (parts.count > 1 ? parts[1].split(separator: "&") : []).filter { !$0.hasPrefix("done=") }
        return "\(parts.first ?? "/")?\((items + ["done=\(result)"]).joined(separator: "&"))"
    }

    /// The scheme, host and port of an address; `nil` when it is not of the web.
    static func origin(of address: String) -> String? {
        for scheme in ["http://", "https://"] where address.hasPrefix(scheme) {
            let host = address.dropFirst(scheme.count).prefix { !"/?#".contains($0) }
            let isPlain = host.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: ":"),
                    UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            }
            return isPlain && !host.isEmpty ? scheme + host : nil
        }
        return nil
    }
}

/// The page of the control origin; `nil` for a path that is not one of its own.
func pageResponse(_ request: RingListenerRequest, _ simulator: RingSimulator) async -> Response? {
    guard request.path == "/" || request.path.hasPrefix("/ui/") else { return nil }
    let page = Page(request, simulator)
    switch request.method {
    case "GET", "HEAD": return await page.get()
    case "POST":
        // The control API lets programs in, which send no `Origin`; browsers always send it with a form.
        guard request.headers["Origin"] != nil else {
            return page.failed("Forms are taken from this page only; programs use the control API.").frame(
                "Refused", nil
            )
            .response(403, PagePart.title("Refused"))
        }
        return await page.post()
    default: return .empty(404)
    }
}

extension Page {
    fileprivate func get() async -> Response? {
        switch self.request.path {
        case "/": self.devices()
        case "/ui/page.css": .file("text/css; charset=utf-8", PageStyle.css)
        case "/ui/page.js": .file("text/javascript; charset=utf-8", PageScript.javascript)
        case "/ui/icon.svg": .file("image/svg+xml", PageIcon.file)
        case "/ui/changes": self.changes()
        case "/ui/device": self.device()
        case "/ui/still": self.still()
        case "/ui/clip": await self.clip()
        case "/ui/events": self.events()
        case "/ui/deliveries": self.deliveries()
        case "/ui/delivery": self.delivery()
        case "/ui/requests": self.requests()
        case "/ui/request": self.oneRequest()
        case "/ui/accounts": self.accounts()
        case "/ui/link": self.consent()
        case "/ui/switches": self.switches()
        case "/ui/clock": self.clock()
        default: self.notFound("There is no page at this address.")
        }
    }

    fileprivate func post() async -> Response {
        switch self.request.path {
        case "/ui/events": self.trigger()
        case "/ui/delivery": self.sendAgain()
        case "/ui/requests": self.forgetRequests()
        case "/ui/urls": self.saveURLs()
        case "/ui/link": await self.allow()
        case "/ui/unlink": self.unlink()
        case "/ui/reinstall": self.reinstall()
        case "/ui/live": await self.openLive()
        case "/ui/live/end": self.endLive()
        case "/ui/switches": self.changeSwitches()
        case "/ui/release": self.releaseHeld()
        case "/ui/clock": await self.setClock()
        default: self.notFound("There is no form at this address.")
        }
    }
}

extension RingListenerResponse {
    /// A file of the page. Its content is a part of the program, so browsers keep it as long as that runs.
    static func file(_ type: String, _ text: String) -> Response {
        var response = Response(status: 200, contentType: type, text: text)
        response.headers["Cache-Control"] = "no-cache"
        response.protect()
        return response
    }
}
