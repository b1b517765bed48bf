internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// The journal: requests of the service to the API, the token endpoint and media.
extension Page {
    private static let filters = ["path", "status", "account", "origin"]

    func requests() -> Response {
        let (log, accounts, problem) = self.engine.step {
            state -> (LogPage<JournalEntry>, [RingSimulatorAccount], String?) in
            var problem: String?
            var filter = RecordFilter()
            do throws(RingSimulatorError) {
                filter = try RecordFilter(query: self.filterItems(Self.filters), of: .requests, in: state)
            } catch { problem = error.message }
            return (
                state.journal.page(before: self.before, limit: Self.rows) { filter.matches($0) }, state.accounts,
                problem
            )
        }
        let page = problem.map { self.failed($0) } ?? self
        let names = Dictionary(accounts.map { ($0.id, $0.firstName) }) { first, _ in first }
        let rows = log.elements.reversed().html {
            Self.row($0, $0.request.account.map { names[$0] ?? $0.rawValue } ?? "")
        }
        let isFiltered = !self.filterItems(Self.filters).isEmpty
        let list: HTML =
            log.elements.isEmpty
            ? isFiltered
                ? PagePart.empty("No request matches", "<a href=\"/ui/requests\">Show all requests</a>")
                : PagePart.empty("No requests yet", self.advice)
            : """
            <div class="scroll"><table class="cards"><thead><tr><th scope="col">Number</th><th scope="col">Time</th>\
            <th scope="col">Request</th><th scope="col">Account</th><th scope="col">Status</th><th scope="col">Took</th></tr></thead>\
            <tbody>\(rows)</tbody></table></div>\(self.olderLink(log.hasOlder ? log.elements.first?.number : nil, "/ui/requests", Self.filters))
            """
        let forget =
            log.elements.isEmpty && !isFiltered
            ? "" : PagePart.button("Forget all", to: "/ui/requests", style: "danger", key: "forget")
        return page.frame("Requests", .requests).response(
            200,
            """
            \(PagePart.title("Requests", actions: forget, Self.lead))
            <section class="panel stack">\(self.filterForm(accounts))</section>
            <section id="requests" class="panel stack" data-live aria-label="Requests">\(list)</section>
            """)
    }

    private static let lead: HTML =
        "What your service has asked of the API, the token endpoint and media. Secrets are not kept."

    private var advice: HTML {
        """
        Requests of your service show here. Its API is <code>\(self.simulator.apiURL)</code>, its token endpoint \
        <code>\(self.simulator.oauthURL)/oauth/token</code>.
        """
    }

    private func filterForm(_ accounts: [RingSimulatorAccount]) -> HTML {
        let statuses = [
            ("", "Any"), ("2xx", "2xx"), ("3xx", "3xx"), ("4xx", "4xx"), ("5xx", "5xx"), ("0", "No response"),
        ]
        let asked = self.query["status"] ?? ""
        let listed = statuses.contains { $0.0 == asked } ? statuses : statuses + [(asked, asked)]
        let submit: HTML = " data-submit"
        let account =
            accounts.count > PageAccounts.maximumOptionsCount
            ? PagePart.field("Account", name: "account", value: self.query["account"] ?? "", hint: "id")
            : PagePart.select(
                "Account", name: "account",
                options: [("", "Any")] + accounts.map { ($0.id.rawValue, "\($0.firstName) \($0.lastName)") },
                selected: self.query["account"] ?? "", more: submit)
        return """
            <form method="get" action="/ui/requests" class="fields" role="search" aria-label="Filter the requests">
            \(PagePart.field("Path", name: "path", value: self.query["path"] ?? "", hint: "a part, or with *", more: " type=\"search\""))
            \(PagePart.select("Status", name: "status", options: listed, selected: asked, more: submit))
            \(PagePart.select(
                "Server", name: "origin",
                options: [("", "Any"), ("api", "API"), ("oauth", "Token endpoint"), ("media", "Media")],
                selected: self.query["origin"] ?? "", more: submit))
            \(account)
            <div class="row"><button>Filter</button></div></form>
            """
    }

    private static func row(_ entry: JournalEntry, _ account: String) -> HTML {
        let request = entry.request
        let query: HTML = request.query.map { $0.isEmpty ? "" : "<span class=\"soft\">?\($0)</span>" } ?? ""
        let grant: HTML = request.grantType.map { " <span class=\"soft small\">\($0)</span>" } ?? ""
        let milliseconds = entry.duration.fractionalMilliseconds
        return """
            <tr id="r\(entry.number)"><td class="number"><a href="/ui/request?n=\(entry.number)">\(entry.number)</a></td>\
            <td>\(PageTime.html(request.time.epochMilliseconds))</td>\
            <td class="wide"><a class="mono" href="/ui/request?n=\(entry.number)">\(request.method) \(request.path)</a>\(query)\(grant)</td>\
            <td>\(account)</td><td>\(PagePart.statusBadge(request.status))</td>\
            <td class="number">\(Int(milliseconds.rounded())) ms</td></tr>
            """
    }

    func oneRequest() -> Response {
        let number = Int(self.query["n"] ?? "") ?? 0
        guard let entry = self.engine.step({ $0.journal[number] }) else {
            return self.notFound("There is no such request. Old ones are removed when there are many.")
        }
        let request = entry.request
        let target = request.path + (request.query.map { $0.isEmpty ? "" : "?\($0)" } ?? "")
        let same: HTML = "<a class=\"button\" href=\"/ui/requests?path=\(query: request.path)\">Same path</a>"
        return self.frame("Request \(number)", .requests).response(
            200,
            """
            \(PagePart.title(
                "\(request.method) \(request.path)", actions: "\(same)<a class=\"button\" href=\"/ui/requests\">All requests</a>"))
            <section class="panel"><dl class="facts"><dt>Status</dt><dd>\(PagePart.statusBadge(request.status))</dd>\
            <dt>Server</dt><dd>\(request.origin.title)</dd><dt>Time</dt><dd>\(PageTime.full(request.time.epochMilliseconds))</dd>\
            <dt>Account</dt><dd>\(request.account?.rawValue ?? "none")</dd><dt>Target</dt><dd><code>\(target)</code></dd></dl></section>
            <div class="grid halves"><section class="panel stack"><h2>Request</h2>\(Self.fields(entry.requestHeaders))\
            \(Self.kept(entry.requestBody, "body", id: "request-body"))</section>
            <section class="panel stack"><h2>Response</h2>\(Self.fields(entry.responseHeaders))\
            \(Self.kept(entry.responseBody, "body", id: "response-body"))</section></div>
            """)
    }

    private static func fields(_ fields: [(name: String, value: String)]) -> HTML {
        fields.isEmpty
            ? "" : "<pre tabindex=\"0\">\(fields.map { "\($0.name): \($0.value)" }.joined(separator: "\n"))</pre>"
    }

    func forgetRequests() -> Response {
        self.engine.step { $0.replaceJournal(with: []) }
        return self.back("cleared", or: "/ui/requests")
    }
}

extension RingSimulatorRequest.Origin {
    var title: String {
        switch self {
        case .api: "API"
        case .oauth: "Token endpoint"
        case .media: "Media"
        case .control: "Control"
        }
    }
}
