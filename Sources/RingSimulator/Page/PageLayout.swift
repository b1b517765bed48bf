internal import RingJSONAPI
internal import RingListener

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// The parts of the page, in the order of the navigation.
enum PageTab: CaseIterable {
    case devices, events, deliveries, requests, accounts, switches, clock

    var title: String {
        switch self {
        case .devices: "Devices"
        case .events: "Events"
        case .deliveries: "Deliveries"
        case .requests: "Requests"
        case .accounts: "Accounts"
        case .switches: "Faults"
        case .clock: "Clock"
        }
    }

    var path: String {
        switch self {
        case .devices: "/"
        case .events: "/ui/events"
        case .deliveries: "/ui/deliveries"
        case .requests: "/ui/requests"
        case .accounts: "/ui/accounts"
        case .switches: "/ui/switches"
        case .clock: "/ui/clock"
        }
    }
}

/// One page: what stands around its content, and the header fields that it is sent with.
struct PageFrame {
    var title: String
    var tab: PageTab?
    var now: Int64
    var speed: Double
    var notice: PageNotice?
    /// Origins besides its own to which a form of this page may lead.
    var formOrigins: [String] = []

    func response(_ status: Int = 200, _ content: HTML) -> Response {
        var response = Response(
            status: status, headers: ["Content-Type": "text/html; charset=utf-8"],
            body: .bytes(self.html(content).bytes))
        response.protect(formOrigins: self.formOrigins)
        return response
    }

    private func html(_ content: HTML) -> HTML {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(self.title) · Ring simulator</title>
        <link rel="icon" href="/ui/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/ui/page.css">
        <script src="/ui/page.js" defer></script>
        </head>
        <body data-stream>
        <a class="skip" href="#content">Skip to the content</a>
        <header class="bar"><div>
        <a class="brand" href="/">\(PageIcon.brand)<span>Ring simulator</span></a>
        <nav aria-label="Main"><ul>\(PageTab.allCases.html(self.item))</ul></nav>
        <a class="clock" id="clock" href="/ui/clock" data-now="\(self.now)" data-speed="\(self.speed.pageText)">\
        <span class="dot" id="dot" role="img" aria-label="Connection"></span>\
        <span class="hidden">Simulated time: </span><span data-clock>\(PageTime.full(self.now))</span></a>
        </div></header>
        <main id="content">
        <div id="notice" role="status">\(self.notice?.html)</div>
        \(content)
        </main>
        <footer>Everything here is simulated: no request leaves this machine, except to the URLs that you enter.</footer>
        </body>
        </html>
        """
    }

    private func item(_ tab: PageTab) -> HTML {
        let current: HTML = tab == self.tab ? " aria-current=\"page\"" : ""
        return "<li><a href=\"\(tab.path)\"\(current)>\(tab.title)</a></li>"
    }
}

/// The result of a form, shown on the page that follows it.
struct PageNotice {
    enum Kind { case done, failed, waiting }
    var kind: Kind
    var text: String

    /// Results that a redirect names, so that no text travels in an address.
    static let named: [String: PageNotice] = [
        "sent": .init(kind: .done, text: "The event happened. Its webhook is under Deliveries."),
        "planned": .init(kind: .done, text: "The event is planned."),
        "again": .init(kind: .done, text: "Sent again."),
        "clock": .init(kind: .done, text: "The clock was set."),
        "switches": .init(kind: .done, text: "The switches were changed."),
        "unchanged": .init(kind: .waiting, text: "Nothing was changed."),
        "urls": .init(kind: .done, text: "The URLs were saved."),
        "unlinked": .init(
            kind: .done, text: "Unlinked. The tokens of the account are dead, and the service is told by webhook."),
        "reinstalled": .init(kind: .done, text: "Installed again: the account can be linked."),
        "ended": .init(kind: .done, text: "The live session was ended."),
        "cleared": .init(kind: .done, text: "The requests were forgotten."),
        "released": .init(kind: .done, text: "The held requests were released."),
    ]

    var html: HTML {
        let style =
            switch self.kind {
            case .done: ""
            case .failed: "bad"
            case .waiting: "wait"
            }
        return "<p class=\"notice \(style)\">\(self.text)</p>"
    }
}

extension RingListenerResponse {
    /// Header fields of everything that a browser loads from here. Nothing of any other origin is loaded, and no other page may
    /// show this one in a frame.
    mutating func protect(formOrigins: [String] = []) {
        let forms = (["'self'"] + formOrigins).joined(separator: " ")
        self.headers["Content-Security-Policy"] =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
            + "form-action \(forms); base-uri 'none'; frame-ancestors 'none'"
        self.headers["X-Content-Type-Options"] = "nosniff"
        // With `no-referrer` browsers would send `Origin: null`.
        self.headers["Referrer-Policy"] = "same-origin"
        self.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        self.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if self.headers["Cache-Control"] == nil { self.headers["Cache-Control"] = "no-store" }
    }

    /// The page that follows a form.
    static func seeOther(_ path: String) -> Response {
        var response = Response(status: 303, headers: ["Location": path])
        response.protect()
        return response
    }
}

/// Times as the page shows them.
enum PageTime {
    /// `2026-11-18 11:06:41 UTC`.
    static func full(_ milliseconds: Int64) -> String {
        isoTime(milliseconds).replacing("T", with: " ").replacing("Z", with: " UTC")
    }

    /// `11:06:41.250`, of the day.
    static func short(_ milliseconds: Int64) -> String {
        String(isoTime(milliseconds, digits: 3).dropFirst(11).dropLast())
    }

    static func html(_ milliseconds: Int64) -> HTML {
        """
        <time class="number" datetime="\(isoTime(milliseconds, digits: 3))" title="\(Self.full(milliseconds))">\
        \(Self.short(milliseconds))</time>
        """
    }
}

extension Double {
    /// Without a fraction where there is none.
    var pageText: String { self == self.rounded() && abs(self) < 1e15 ? String(Int64(self)) : String(self) }
}

/// Small parts that several pages use.
enum PagePart {
    static func badge(_ text: String, _ style: String = "") -> HTML { "<span class=\"badge \(style)\">\(text)</span>" }

    /// What a list shows when there is nothing in it, and what to do then.
    static func empty(_ title: String, _ advice: HTML) -> HTML {
        "<div class=\"empty\"><strong>\(title)</strong><p>\(advice)</p></div>"
    }

    static func title(_ title: String, actions: HTML = "", _ lead: HTML? = nil) -> HTML {
        """
        <div class="title"><h1>\(title)</h1><div class="actions row">\(actions)</div>\(lead.map { "<p>\($0)</p>" })</div>
        """
    }

    static func statusBadge(_ status: Int) -> HTML {
        switch status {
        case 0: Self.badge("no response", "bad")
        case 200..<300: Self.badge(String(status), "good")
        case 300..<400: Self.badge(String(status))
        case 400..<500: Self.badge(String(status), "wait")
        default: Self.badge(String(status), "bad")
        }
    }

    /// A form with one button, for something that a click does.
    static func button(
        _ title: String, to action: HTML, values: [(String, String)] = [], style: String = "", stays: Bool = true,
        key: String? = nil
    ) -> HTML {
        let stay: HTML = stays ? " data-stay" : ""
        let fields = values.html { "<input type=\"hidden\" name=\"\($0.0)\" value=\"\(value: $0.1)\">" }
        let mark: HTML = key.map { " data-key=\"\($0)\"" } ?? ""
        return """
            <form method="post" action="\(action)"\(stay)>\(fields)<button class="\(style)"\(mark)>\(title)</button></form>
            """
    }

    static func field(
        _ label: String, name: String, value: String = "", hint: String? = nil, more: HTML = "", id: String? = nil
    ) -> HTML {
        let id = id ?? "f-\(name)"
        let note: HTML = hint.map { " <small>\($0)</small>" } ?? ""
        return """
            <div class="field"><label for="\(id)">\(label)\(note)</label>\
            <input id="\(id)" name="\(name)" value="\(value: value)"\(more)></div>
            """
    }

    static func select(
        _ label: String, name: String, options: [(value: String, title: String)], selected: String, more: HTML = ""
    ) -> HTML {
        let list = options.html { option in
            let mark: HTML = option.value == selected ? " selected" : ""
            return "<option value=\"\(value: option.value)\"\(mark)>\(option.title)</option>"
        }
        return """
            <div class="field"><label for="f-\(name)">\(label)</label><select id="f-\(name)" name="\(name)"\(more)>\(list)</select></div>
            """
    }

    /// A body as text, JSON with indentation.
    static func body(_ bytes: [UInt8], limit: Int = 64 << 10) -> HTML {
        guard !bytes.isEmpty else { return "<p class=\"soft\">No body.</p>" }
        let shown = bytes.prefix(limit)
        guard let text = String(validating: shown, as: UTF8.self) else {
            return "<p class=\"soft\">\(bytes.count) bytes that are not text.</p>"
        }
        let value = bytes.count > limit ? nil : try? JSONAPIValue(parsing: bytes)
        let rest: HTML =
            bytes.count > limit ? "<p class=\"soft small\">The first \(limit) of \(bytes.count) bytes.</p>" : ""
        return "<pre tabindex=\"0\">\(value.map { PageJSON.indented($0) } ?? text)</pre>\(rest)"
    }
}

/// JSON as people read it.
enum PageJSON {
    static func indented(_ value: JSONAPIValue, depth: Int = 0) -> String {
        let inner = String(repeating: "  ", count: depth + 1)
        let outer = String(repeating: "  ", count: depth)
        switch value.kind {
        case .object where !value.members.isEmpty:
            let members = value.members.map { name, member in
                "\(inner)\(JSONAPILiteral.string(name).line): \(Self.indented(member, depth: depth + 1))"
            }
            return "{\n\(members.joined(separator: ",\n"))\n\(outer)}"
        case .array where !value.elements.isEmpty:
            let elements = value.elements.map { "\(inner)\(Self.indented($0, depth: depth + 1))" }
            return "[\n\(elements.joined(separator: ",\n"))\n\(outer)]"
        default: return JSONAPILiteral.value(value).line
        }
    }
}
