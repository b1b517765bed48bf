internal import RingCore
internal import RingListener

/// Accounts, the URLs of the partner, and linking as Ring's app does it.
extension Page {
    func accounts() -> Response { self.accountsPage(200) }

    private func accountsPage(_ status: Int) -> Response {
        let (accounts, devices) = self.engine.step { state in
            let accounts = self.shownAccounts(in: state)
            return (accounts, accounts.shown.map { state.devices(of: $0.id) })
        }
        let cards = zip(accounts.shown, devices).map { ($0, $1) }.html { account, own in
            self.card(account, shared: own.count { !$0.isRemoved }, of: own.count)
        }
        return self.frame("Accounts", .accounts).response(
            status,
            """
            \(PagePart.title("Accounts", "Ring users, each with devices of their own, and the URLs of the service that they link."))
            <section class="panel stack" aria-labelledby="urls-title"><h2 id="urls-title">URLs of your service</h2>\(self.urlForm)</section>
            \(self.accountSearch(accounts, "/ui/accounts"))
            <section id="accounts" data-live class="grid accounts" aria-label="Accounts">\(cards)</section>
            \(self.accountLinks(accounts, "/ui/accounts"))
            """)
    }

    /// What was entered, or what there is, without a user and a password.
    private func shownURL(_ name: String, _ present: String) -> String {
        SecretFilter.address(self.form[name] ?? present)
    }

    private var urlForm: HTML {
        let urls = self.simulator.partnerURLs
        let more: HTML =
            " type=\"url\" autocomplete=\"off\" spellcheck=\"false\" placeholder=\"http://127.0.0.1:8080/…\""
        return """
            <form method="post" action="/ui/urls" class="stack" data-stay><div class="fields">
            \(PagePart.field(
                "Token Exchange URL", name: "token_exchange_url", value: self.shownURL("token_exchange_url", urls.tokenExchange),
                hint: "gets the code", more: more))
            \(PagePart.field(
                "Account Link URL", name: "account_link_url", value: self.shownURL("account_link_url", urls.accountLink),
                hint: "the user signs in there", more: more))
            \(PagePart.field(
                "Webhook URL", name: "webhook_url", value: self.shownURL("webhook_url", urls.webhook),
                hint: "gets the events", more: more))
            </div><div class="row"><button>Save the URLs</button></div></form>
            """
    }

    private func card(_ account: RingSimulatorAccount, shared: Int, of count: Int) -> HTML {
        let id = account.id.rawValue
        let link: HTML =
            "<a class=\"button main\" href=\"/ui/link?account=\(query: id)\" data-key=\"link-\(id)\">Link this account</a>"
        let unlink = PagePart.button(
            "Unlink", to: "/ui/unlink", values: [("account", id)], style: "danger", key: "unlink-\(id)")
        let actions: HTML =
            switch account.state {
            case .completed, .awaiting: unlink
            case .pending: link
            case .removed:
                PagePart.button("Install again", to: "/ui/reinstall", values: [("account", id)], key: "again-\(id)")
            }
        let advice: HTML =
            switch account.state {
            case .pending: "The app is installed. Linking goes to your service’s sign-in page."
            case .awaiting: "Your service has confirmed the link, and must set it to completed."
            case .completed: "Events are reported, and devices can be read."
            case .removed: "The user has removed the app. Its tokens are dead."
            }
        return """
            <article class="panel stack" id="account-\(id)"><div class="row"><h2>\(account.firstName) \(account.lastName)</h2>\
            <span class="end">\(account.badge)</span></div>
            <dl class="facts"><dt>E-mail</dt><dd>\(account.email)</dd><dt>Devices</dt><dd>\(shared) of \(count) shared</dd>\
            <dt>Id</dt><dd><code>\(id)</code></dd></dl><p class="soft small">\(advice)</p><div class="row">\(actions)</div></article>
            """
    }

    func saveURLs() -> Response {
        let fields = [
            ("Token Exchange URL", "token_exchange_url"), ("Account Link URL", "account_link_url"),
            ("Webhook URL", "webhook_url"),
        ]
        for (title, name) in fields {
            guard let url = self.filled(name) else { continue }
            // The browser goes to the Account Link URL itself, so any address of the web will do.
            let problem: String?
            if name == "account_link_url" {
                problem =
                    PageAddress.origin(of: url) == nil
                    ? "\(SecretFilter.address(url)) is not an http or https URL with a host, and without a user" : nil
            } else {
                do throws(RingSimulatorError) {
                    _ = try WebhookSender.checkedURL(url)
                    problem = nil
                } catch { problem = error.message }
            }
            if let problem { return self.failed("\(title): \(problem)").accountsPage(422) }
        }
        self.simulator.setPartnerURLs(
            tokenExchange: self.form["token_exchange_url"] ?? "", accountLink: self.form["account_link_url"] ?? "",
            webhook: self.form["webhook_url"] ?? "")
        return self.back("urls", or: "/ui/accounts")
    }

    // MARK: Linking

    /// What Ring's app shows before it links: the devices to share, and the consent.
    func consent() -> Response { self.consentPage(200) }

    private func consentPage(_ status: Int) -> Response {
        let found = self.engine.step { state -> (RingSimulatorAccount, [ServiceState.Device])? in
            guard let account = state.accounts.first(where: { $0.id == self.account }) else { return nil }
            return (account, state.devices.filter { $0.account == account.id })
        }
        guard let (account, devices) = found else { return self.notFound("There is no such account.") }
        let urls = self.simulator.partnerURLs
        var frame = self.frame("Link \(account.firstName)’s account", .accounts)
        // After the consent the browser is sent to the service.
        frame.formOrigins = PageAddress.origin(of: urls.accountLink).map { [$0] } ?? []
        if urls.tokenExchange.isEmpty || urls.accountLink.isEmpty {
            return frame.response(
                status,
                """
                \(PagePart.title("Link \(account.firstName)’s account"))
                <section class="panel">\(PagePart.empty(
                    "Your service has no URLs yet",
                    "Enter its Token Exchange URL and its Account Link URL under <a href=\"/ui/accounts\">Accounts</a>."))</section>
                """)
        }
        let list = devices.enumerated().html { number, device in
            """
            <label class="check"><input type="checkbox" name="device" value="\(value: device.id.rawValue)" checked> \
            \(device.device.name) <small>\(PageDevice.kindName(device.device.kind))</small></label>
            """
        }
        return frame.response(
            status,
            """
            \(PagePart.title("Link \(account.firstName)’s account", "What Ring’s app asks the user. Nothing is shared before."))
            <section class="panel stack"><form method="post" action="/ui/link" class="stack wide">
            <input type="hidden" name="account" value="\(value: account.id.rawValue)">
            <fieldset><legend>Which devices may the app use?</legend>\(list)</fieldset>
            <div class="stack"><h2>The app may</h2><ul class="stack"><li>See these devices, their state and settings</li>\
            <li>Watch live video, recordings and pictures from now on</li><li>Learn of their events</li></ul></div>
            <ol class="steps small"><li><div>The code goes to <code>\(SecretFilter.address(urls.tokenExchange))</code></div></li>\
            <li><div>This browser goes to <code>\(SecretFilter.address(urls.accountLink))</code> with a nonce and the time; the user signs in there.</div></li></ol>
            <div class="row"><button class="main">Allow and link</button><a class="button" href="/ui/accounts">Cancel</a></div>
            </form></section>
            """)
    }

    /// The consent is given: the code goes to the service, and the browser after it.
    func allow() async -> Response {
        guard let id = self.account, self.engine.step({ $0.account(id) }) != nil else {
            return self.notFound("There is no such account.")
        }
        let urls = self.simulator.partnerURLs
        guard !urls.tokenExchange.isEmpty, !urls.accountLink.isEmpty else { return self.consentPage(422) }
        let chosen = Set(self.request.formItems.filter { $0.name == "device" }.map { RingDeviceID(rawValue: $0.value) })
        guard !chosen.isEmpty else { return self.failed("Choose at least one device.").consentPage(422) }
        self.engine.step { $0.consent(of: id, to: chosen) }
        let status = await self.simulator.postCode(account: id, to: urls.tokenExchange).status
        guard (200..<300).contains(status) else {
            let what = status == 0 ? "did not respond in time" : "responded with status \(status)"
            return self.failed(
                "\(SecretFilter.address(urls.tokenExchange)) \(what), so the account is not linked. See whether your service runs, and what it logs."
            )
            .consentPage(502)
        }
        return .seeOther(self.engine.step { $0.redirect(id) }.url)
    }

    func unlink() -> Response {
        guard let id = self.account, self.engine.step({ $0.account(id) }) != nil else {
            return self.notFound("There is no such account.")
        }
        self.engine.step { _ = $0.trigger(RingSimulatorEvent(type: "app_integration_removed", account: id)) }
        return self.back("unlinked", or: "/ui/accounts")
    }

    func reinstall() -> Response {
        guard let id = self.account, self.engine.step({ $0.account(id) }) != nil else {
            return self.notFound("There is no such account.")
        }
        self.engine.step { $0.reinstall(id) }
        return self.back("reinstalled", or: "/ui/accounts")
    }
}
