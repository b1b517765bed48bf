internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// The first page, and the page of one device.
extension Page {
    func devices() -> Response {
        let (accounts, devices, sessions) = self.engine.step { state in
            let accounts = self.shownAccounts(in: state)
            let devices = accounts.shown.map { state.devices(of: $0.id).map { PageDevice($0, in: state) } }
            return (accounts, devices, state.openLive)
        }
        let groups = zip(accounts.shown, devices).map { ($0, $1) }.html { account, own in
            let cards: HTML =
                own.isEmpty
                ? PagePart.empty("No devices", "Give this account devices in a scenario file.")
                : "<div class=\"grid\">\(own.map(\.card))</div>"
            return """
                <div class="stack"><div class="row"><h2>\(account.firstName) \(account.lastName)</h2>\(account.badge)\
                <a class="end" href="/ui/accounts">Account</a></div>\(cards)</div>
                """
        }
        return self.frame("Devices", .devices).response(
            200,
            """
            \(PagePart.title("Devices", actions: "<a class=\"button main\" href=\"/ui/events\">Make an event happen</a>"))
            <section id="start" data-live aria-label="First steps">\(accounts.isAnyLinked ? "" : self.firstSteps)</section>
            <section id="live" data-live aria-label="Live video">\(Self.sessions(sessions))</section>
            \(self.accountSearch(accounts, "/"))
            <section class="stack wide" id="devices" data-live aria-label="Devices by account">\(groups)\
            \(self.accountLinks(accounts, "/"))</section>
            <p class="key"><span>motion zone</span><span class="private">privacy zone</span></p>
            """)
    }

    /// What to do before anything else works.
    private var firstSteps: HTML {
        let configuration = self.simulator.configuration
        let variables = """
            RING_CLIENT_ID=\(configuration.clientID)
            RING_CLIENT_SECRET=\(configuration.clientSecret)
            RING_HMAC_KEY=\(configuration.hmacKey)
            RING_API_URL=\(self.simulator.apiURL)
            RING_OAUTH_URL=\(self.simulator.oauthURL)
            """
        return """
            <div class="panel stack"><h2>No account is linked yet</h2><ol class="steps">
            <li><div>Start your service with these values of the simulated app.</div>\
            <pre tabindex="0">\(variables)</pre></li>
            <li><div>Enter the three URLs of your service under <a href="/ui/accounts">Accounts</a>.</div></li>
            <li><div>Press <strong>Link this account</strong> there: it goes the way of Ring’s app, from the choice of devices to your \
            sign-in page.</div></li>
            </ol></div>
            """
    }

    func device() -> Response {
        let id = RingDeviceID(rawValue: self.query["id"] ?? "")
        let found = self.engine.step { state -> (PageDevice, [ServiceState.Event], [PageSession])? in
            guard let device = state.devices.first(where: { $0.id == id }) else { return nil }
            let events = (state.history[id] ?? []).filter { $0.start <= state.now }.suffix(25)
            return (PageDevice(device, in: state), events.reversed(), state.openLive.filter { $0.device == id })
        }
        guard let (device, events, sessions) = found else { return self.notFound("There is no such device.") }
        return self.frame(device.name, .devices).response(
            200,
            """
            \(PagePart.title(device.name, actions: "<a class=\"button\" href=\"/\">All devices</a>"))
            <div class="split"><div class="stack wide">
            <section id="view" data-live aria-label="Picture and state" class="panel stack">\(device.view)\(device.zoneKey)
            <div class="row small-buttons">\(device.badges)<span class="end"></span>\(device.buttons)</div></section>
            \(self.liveVideo(device, sessions))
            <section class="panel stack"><h2>Recordings</h2><div id="history" data-live>\(self.history(device, events))</div></section>
            </div><div class="stack wide">
            <section class="panel stack"><h2>About</h2><div id="facts" data-live>\(device.about)</div></section>
            <section class="panel stack"><h2>Make an event happen here</h2>\(self.eventForm(device: device.id))</section>
            </div></div>
            """)
    }

    private func history(_ device: PageDevice, _ events: [ServiceState.Event]) -> HTML {
        guard device.kind.hasVideo else {
            return PagePart.empty("No recordings", "This kind of device reports its state by webhook only.")
        }
        guard let latest = events.first else {
            return PagePart.empty("No recordings yet", "Press <strong>Motion</strong>: the event gets a clip.")
        }
        let chosen = events.first { $0.id == self.query["event"] } ?? latest
        let rows = events.html { event in
            let mark: HTML = event.id == chosen.id ? " aria-current=\"true\"" : ""
            let sub: HTML = event.subType.map { " <span class=\"soft\">\($0)</span>" } ?? ""
            return """
                <tr><td>\(PageTime.html(event.start))</td><td class="wide"><a href="\(device.address)&amp;event=\(query: event.id)"\(mark)>\
                \(event.type.replacing("_", with: " "))</a>\(sub)</td><td class="number">\((event.end - event.start) / 1000) s</td></tr>
                """
        }
        return """
            <div class="view"><video controls preload="metadata" aria-label="Clip of \(chosen.type.replacing("_", with: " "))" \
            src="/ui/clip?device=\(query: device.id.rawValue)&amp;start=\(chosen.start)&amp;end=\(chosen.end)"></video></div>
            <div class="scroll"><table class="cards"><thead><tr><th scope="col">Time</th><th scope="col">Event</th>\
            <th scope="col">Length</th></tr></thead><tbody>\(rows)</tbody></table></div>
            """
    }
}

extension PageDevice {
    fileprivate var zoneKey: HTML {
        self.zones.isEmpty
            ? "" : "<p class=\"key\"><span>motion zone</span><span class=\"private\">privacy zone</span></p>"
    }

    fileprivate var about: HTML {
        let facts = self.facts.html { "<dt>\($0.name.capitalizedFirst)</dt><dd>\($0.value)</dd>" }
        return """
            <dl class="facts"><dt>Kind</dt><dd>\(self.kindName)</dd><dt>Power</dt>\
            <dd>\(self.isLinePowered ? "line" : "battery")</dd>\(facts)<dt>Id</dt><dd><code>\(self.id.rawValue)</code></dd></dl>
            """
    }
}

extension RingSimulatorAccount {
    /// The state of its integration.
    var badge: HTML {
        switch self.state {
        case .completed: PagePart.badge("linked", "good")
        case .awaiting: PagePart.badge("awaiting completion", "wait")
        case .pending: PagePart.badge("not linked")
        case .removed: PagePart.badge("removed", "bad")
        }
    }
}
