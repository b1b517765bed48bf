internal import RingCore
internal import RingCrypto
internal import RingJSONAPI
internal import RingListener

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif

/// Webhooks: the list, and each with its attempts.
extension Page {
    static let rows = 50

    func deliveries() -> Response {
        let filters = ["outcome", "account", "type"]
        let result = self.engine.step { state -> (LogPage<RingSimulatorDelivery>, [RingDeviceID: String], String?) in
            var problem: String?
            var filter = RecordFilter()
            do throws(RingSimulatorError) {
                filter = try RecordFilter(query: self.filterItems(filters), of: .deliveries, in: state)
            } catch { problem = error.message }
            let page = state.deliveries.page(before: self.before, limit: Self.rows) { filter.matches($0) }
            let names = page.elements.compactMap(\.device).reduce(into: [RingDeviceID: String]()) { names, id in
                names[id] = state.device(id)?.device.name
            }
            return (page, names, problem)
        }
        let (log, names, problem) = result
        let page = problem.map { self.failed($0) } ?? self
        let isFiltered = filters.contains { self.query[$0]?.isEmpty == false }
        let rows = log.elements.reversed().html { Self.row($0, $0.device.map { names[$0] ?? "" } ?? "") }
        let list: HTML =
            log.elements.isEmpty
            ? isFiltered
                ? PagePart.empty("No delivery matches", "<a href=\"/ui/deliveries\">Show all deliveries</a>")
                : PagePart.empty(
                    "No deliveries yet",
                    "Press a button under <a href=\"/\">Devices</a>, or <a href=\"/ui/events\">make an event happen</a>."
                )
            : """
            <div class="scroll"><table class="cards"><thead><tr><th scope="col">Number</th><th scope="col">Time</th>\
            <th scope="col">Event</th><th scope="col">Device</th><th scope="col">Attempts</th><th scope="col">Outcome</th></tr></thead>\
            <tbody>\(rows)</tbody></table></div>\(self.olderLink(log.hasOlder ? log.elements.first?.number : nil, "/ui/deliveries", filters))
            """
        return page.frame("Deliveries", .deliveries).response(
            200,
            """
            \(PagePart.title(
                "Deliveries", actions: "<a class=\"button main\" href=\"/ui/events\">Make an event happen</a>",
                "Webhooks to \(self.simulator.webhookURL.map(SecretFilter.address) ?? "no URL yet"). Each is tried up to seven times."))
            <section id="deliveries" class="panel stack" data-live aria-label="Deliveries">\(self.outcomeFilter)\(list)</section>
            """)
    }

    private var outcomeFilter: HTML {
        let chosen = self.query["outcome"] ?? ""
        let links = [("", "All")] + RingSimulatorDelivery.Outcome.allCases.map { ($0.rawValue, $0.title) }
        return """
            <ul class="row small" aria-label="Outcome">\(links.html { value, title in
                let mark: HTML = value == chosen ? " aria-current=\"true\"" : ""
                let address: HTML = value.isEmpty ? "/ui/deliveries" : "/ui/deliveries?outcome=\(query: value)"
                return "<li><a class=\"choice\" href=\"\(address)\"\(mark)>\(title)</a></li>"
            })</ul>
            """
    }

    private static func row(_ delivery: RingSimulatorDelivery, _ device: String) -> HTML {
        let attempts = delivery.attempts.html { PagePart.statusBadge($0.status) + " " }
        return """
            <tr id="d\(delivery.number)"><td class="number"><a href="/ui/delivery?n=\(delivery.number)">\(delivery.number)</a></td>\
            <td>\(PageTime.html(delivery.time.epochMilliseconds))</td>\
            <td class="wide"><a href="/ui/delivery?n=\(delivery.number)">\(delivery.type)</a></td><td>\(device)</td><td>\(attempts)</td>\
            <td>\(delivery.outcome.badge)</td></tr>
            """
    }

    // MARK: One delivery

    private var deliveryNumber: Int { Int(self.query["n"] ?? self.form["n"] ?? "") ?? 0 }

    func delivery() -> Response {
        let number = self.deliveryNumber
        let found = self.engine.step { state -> (RingSimulatorDelivery, String, String, Int64)? in
            guard let delivery = state.deliveries[number] else { return nil }
            let device = delivery.device.flatMap { state.device($0)?.device.name } ?? ""
            let expected = RingWebhookSignature(signing: delivery.body, key: state.key).headerValue
            return (delivery, device, expected, state.now)
        }
        guard let (delivery, device, expected, now) = found else {
            return self.notFound("There is no such delivery. Old ones are removed when there are many.")
        }
        let again = PagePart.button(
            "Send again", to: "/ui/delivery", values: [("n", String(number))], style: "main", key: "again")
        let place: HTML =
            delivery.device.map { id in
                "<dt>Device</dt><dd><a href=\"/ui/device?id=\(query: id.rawValue)\">\(device)</a></dd>"
            } ?? ""
        return self.frame("Delivery \(number)", .deliveries).response(
            200,
            """
            \(PagePart.title(
                "\(delivery.type)", actions: "<a class=\"button\" href=\"/ui/deliveries\">All deliveries</a>\(again)"))
            <div class="split"><div class="stack wide"><section class="panel stack" aria-labelledby="attempts-title">\
            <h2 id="attempts-title">Attempts</h2><div id="attempts" data-live class="stack">\(Self.attempts(of: delivery, now: now))</div></section>
            <section class="panel stack"><h2>Body</h2>\(PagePart.body(delivery.body))</section></div>
            <div class="stack wide"><section class="panel stack"><h2>Delivery \(number)</h2><div id="facts" data-live>\
            <dl class="facts"><dt>Outcome</dt><dd>\(delivery.outcome.badge)</dd><dt>Time</dt>\
            <dd>\(PageTime.full(delivery.time.epochMilliseconds))</dd>\(place)<dt>Account</dt><dd><code>\(delivery.account.rawValue)</code></dd>\
            <dt>Request id</dt><dd><code>\(delivery.requestID)</code></dd></dl></div></section>
            <section class="panel stack"><h2>Signature</h2>\(Self.signature(of: delivery, expected: expected))</section></div></div>
            """)
    }

    private static func attempts(of delivery: RingSimulatorDelivery, now: Int64) -> HTML {
        let list = delivery.attempts.enumerated().html { index, attempt in
            let duration = attempt.duration.wholeMilliseconds
            let response: HTML =
                attempt.failure.map { "<p class=\"soft\">\($0)</p>" }
                ?? Self.kept(attempt.response, "response", id: "attempt-\(index)")
            return """
                <li class="stack"><div class="row">\(PagePart.statusBadge(attempt.status))\(PageTime.html(attempt.time.epochMilliseconds))\
                <span class="soft number">\(duration) ms</span><code class="end">\(attempt.url)</code></div>\(response)</li>
                """
        }
        let next: HTML =
            delivery.nextAttempt.map { time in
                let due = time.epochMilliseconds
                let rest = max(0, (due - now + 999) / 1000)
                return
                    "<p class=\"soft\">The next attempt is at \(PageTime.html(due)): <span data-ends=\"\(due)\">\(rest) s left</span>.</p>"
            } ?? ""
        if delivery.attempts.isEmpty && delivery.nextAttempt == nil { return Self.noAttempts(delivery.outcome) }
        return "<ol class=\"line\">\(list)</ol>\(next)"
    }

    private static func noAttempts(_ outcome: RingSimulatorDelivery.Outcome) -> HTML {
        outcome == .withheld
            ? PagePart.empty(
                "Withheld",
                "Webhooks wait until the integration is completed: link the account, or turn <a href=\"/ui/switches\">webhooks withheld</a> off."
            )
            : PagePart.empty(
                "Not sent", "Enter a Webhook URL under <a href=\"/ui/accounts\">Accounts</a>, then send it again.")
    }

    private static func signature(of delivery: RingSimulatorDelivery, expected: String) -> HTML {
        let isRight = expected == delivery.signature || expected == "sha256=\(delivery.signature)"
        let check =
            isRight
            ? PagePart.badge("matches the body", "good") : PagePart.badge("does not match the body", "bad")
        return """
            <p>\(check)</p><p class="soft small">HMAC-SHA256 of the exact bytes of the body; the key is the HMAC key of the app, as text.</p>\
            <pre tabindex="0">X-Signature: \(delivery.signature)</pre>
            """
    }

    /// A body of which the beginning is kept.
    static func kept(_ body: KeptBody, _ name: String, id: String) -> HTML {
        guard body.totalBytes > 0 else { return "<p class=\"soft small\">The \(name) has no body.</p>" }
        let type = body.mediaType ?? "no content type"
        guard let text = body.text else {
            return
                "<p class=\"soft small\">The \(name) has \(body.totalBytes) bytes of \(type), which are not kept.</p>"
        }
        let rest: HTML =
            body.isTruncated ? "<p class=\"soft small\">The beginning of \(body.totalBytes) bytes.</p>" : ""
        return """
            <details id="\(id)" open><summary>\(name.capitalizedFirst) <span class="soft small">\(body.totalBytes) bytes, \(type)</span></summary>\
            \(PagePart.body(Array(text.utf8)))\(rest)</details>
            """
    }

    func sendAgain() -> Response {
        let number = self.deliveryNumber
        guard self.engine.step({ $0.sendAgain(number) }) else {
            return self.notFound("There is no such delivery any more.")
        }
        return self.back("again", or: "/ui/delivery?n=\(number)")
    }

    // MARK: Lists

    /// The number that a list goes on before.
    var before: Int? { self.query["before"].flatMap { Int($0) } }

    /// The filters of the address that are filled in.
    func filterItems(_ names: [String]) -> [RingHTTPForm.Item] {
        self.request.queryItems.filter { names.contains($0.name) && !$0.value.isEmpty }
    }

    func olderLink(_ first: Int?, _ path: HTML, _ filters: [String]) -> HTML {
        guard let first else { return "" }
        let items = self.filterItems(filters).html { "&amp;\(query: $0.name)=\(query: $0.value)" }
        return "<p><a class=\"button\" href=\"\(path)?before=\(first)\(items)\">Older</a></p>"
    }
}

extension RingSimulatorDelivery.Outcome {
    var title: String {
        switch self {
        case .withheld: "Withheld"
        case .pending: "Pending"
        case .delivered: "Delivered"
        case .refused: "Refused"
        case .deadLetter: "Dead letters"
        case .switchedOff: "Switched off"
        }
    }

    var badge: HTML {
        switch self {
        case .withheld: PagePart.badge("withheld")
        case .pending: PagePart.badge("pending", "wait")
        case .delivered: PagePart.badge("delivered", "good")
        case .refused: PagePart.badge("refused", "bad")
        case .deadLetter: PagePart.badge("dead letter", "bad")
        case .switchedOff: PagePart.badge("switched off", "bad")
        }
    }
}
