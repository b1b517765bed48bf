internal import RingCore
internal import RingJSONAPI
internal import RingListener

/// Faults and disputed behaviours, each with its meaning.
extension Page {
    func switches() -> Response { self.switchesPage(200) }

    private func switchesPage(_ status: Int) -> Response {
        let switches = self.simulator.switches
        let now = Self.values(of: switches)
        let standard = Self.values(of: RingSimulatorSwitches())
        let groups = Self.groups.html { group in
            let rows = group.entries.html { entry -> HTML in
                guard let value = now.first(where: { $0.name == entry.name })?.value else { return "" }
                let isChanged = standard.first { $0.name == entry.name }?.value.text != value.text
                return Self.row(entry.name, entry.kind, value, isChanged: isChanged)
            }
            let id = group.title.lowercased().replacing(" ", with: "-")
            return """
                <section class="panel" aria-labelledby="group-\(id)"><form method="post" action="/ui/switches" class="stack" data-stay>\
                <div class="row"><h2 id="group-\(id)">\(group.title)</h2><button class="small end">Apply</button></div>\
                <div id="rows-\(id)" data-live>\(rows)</div></form></section>
                """
        }
        let held = self.simulator.heldRequests
        let release: HTML =
            held == 0
            ? ""
            : """
            <div class="panel row"><strong>\(held) held requests</strong>\(PagePart.button("Release", to: "/ui/release"))\
            \(PagePart.button("Close their connections", to: "/ui/release", values: [("close", "1")], style: "danger"))</div>
            """
        let lead: HTML = """
            Failures to rehearse, and every behaviour that Ring’s documents leave open. A number of next requests goes down by \
            one with each of them.
            """
        return self.frame("Faults", .switches).response(
            status,
            """
            \(PagePart.title("Faults and switches", lead))
            <div id="held" data-live>\(release)</div>
            <div class="switches stack">\(groups)\(Self.rates(of: switches))</div>
            """)
    }

    private static func values(of switches: RingSimulatorSwitches) -> [(name: String, value: JSONAPIValue)] {
        (try? JSONAPIValue(parsing: switches.literal.bytes))?.members ?? []
    }

    /// The groups of the page, each with the beginnings of its switches' names.
    private static let beginnings: [(title: String, names: [String])] = [
        ("Tokens", ["token_", "access_token_", "refresh"]),
        ("Linking", ["code_", "pkce_", "nonce_", "integration_", "users_me_", "unauthorized_", "removed_integration"]),
        ("Devices", ["device", "removed_device", "chime_", "sensor"]), ("History", ["history_"]),
        ("Webhooks", ["webhook"]), ("Live video", ["whep_"]),
        ("Clips and stills", ["clip_", "media_", "image_", "still_"]),
        ("API", [""]),
    ]

    private typealias Switch = (name: String, kind: SwitchKind)

    private static var groups: [(title: String, entries: [Switch])] {
        var groups = Self.beginnings.map { (title: $0.title, entries: [Switch]()) }
        for entry in RingSimulatorSwitches.kinds where entry.kind != .rates {
            let index = Self.beginnings.firstIndex { $0.names.contains { $0.isEmpty || entry.name.hasPrefix($0) } }
            groups[index ?? groups.count - 1].entries.append(entry)
        }
        return groups.filter { !$0.entries.isEmpty }
    }

    private static func row(_ name: String, _ kind: SwitchKind, _ value: JSONAPIValue, isChanged: Bool) -> HTML {
        let before: HTML = "<input type=\"hidden\" name=\"was:\(name)\" value=\"\(value: Self.text(value))\">"
        let attributes: HTML = " id=\"s-\(name)\" name=\"\(name)\" aria-describedby=\"h-\(name)\""
        let control: HTML
        switch kind {
        case .flag:
            let mark: HTML = value.bool == true ? " checked" : ""
            control = "<input type=\"checkbox\" value=\"true\"\(attributes)\(mark)>"
        case .choice(let words):
            let options = words.html { word in
                let mark: HTML = word == value.string ? " selected" : ""
                return "<option value=\"\(value: word)\"\(mark)>\(word)</option>"
            }
            control = "<select\(attributes)>\(options)</select>"
        default:
            control = "<input type=\"number\" min=\"0\" step=\"1\" value=\"\(value: Self.text(value))\"\(attributes)>"
        }
        let changed: HTML = isChanged ? " changed" : ""
        return """
            <div class="switch\(changed)"><div><label for="s-\(name)">\(name.replacing("_", with: " ").capitalizedFirst)</label>\
            <span class="hint" id="h-\(name)">\(Self.marked(SwitchMeanings.all[name] ?? ""))</span></div><div>\(control)\(before)</div></div>
            """
    }

    /// Failures by chance; each of them also has a number of next requests above.
    private static func rates(of switches: RingSimulatorSwitches) -> HTML {
        let rows = RingSimulatorSwitches.Failure.allCases.html { failure in
            let name = failure.rawValue
            let rate = switches.rates[failure] ?? 0
            let changed: HTML = rate > 0 ? " changed" : ""
            return """
                <div class="switch\(changed)"><label for="s-rate-\(name)">\(name.replacing("_", with: " ").capitalizedFirst)</label>\
                <div><input type="number" min="0" max="1" step="any" id="s-rate-\(name)" name="rate:\(name)" value="\(rate.pageText)">\
                <input type="hidden" name="was:rate:\(name)" value="\(rate.pageText)"></div></div>
                """
        }
        return """
            <section class="panel" aria-labelledby="group-rates"><form method="post" action="/ui/switches" class="stack" data-stay>\
            <div class="row"><h2 id="group-rates">Failure rates</h2><button class="small end">Apply</button></div>\
            <p class="hint" id="h-rates">\(Self.marked(SwitchMeanings.all["rates"] ?? ""))</p>\
            <div id="rows-rates" data-live>\(rows)</div></form></section>
            """
    }

    /// The rates that the form changed.
    private func changedRates() -> [(String, JSONAPILiteral)] {
        RingSimulatorSwitches.Failure.allCases.compactMap { failure in
            let name = failure.rawValue
            guard let before = self.form["was:rate:\(name)"], let after = self.form["rate:\(name)"], after != before
            else {
                return nil
            }
            return (name, Double(after).map { .double($0) } ?? .string(after))
        }
    }

    private static func text(_ value: JSONAPIValue) -> String { value.string ?? value.text }

    /// A sentence with its code in single backticks.
    private static func marked(_ sentence: String) -> HTML {
        sentence.split(separator: "`", omittingEmptySubsequences: false).enumerated().html { number, part in
            number % 2 == 0 ? "\(part)" : "<code>\(part)</code>"
        }
    }

    /// Changes what the form changed, and nothing that has changed since: a count that went down stays so.
    func changeSwitches() -> Response {
        var members: [(String, JSONAPILiteral)] = []
        for (name, kind) in RingSimulatorSwitches.kinds {
            guard let before = self.form["was:\(name)"] else { continue }
            let after = self.form[name] ?? (kind == .flag ? "false" : before)
            guard after != before else { continue }
            switch kind {
            case .flag: members.append((name, .bool(after == "true")))
            case .choice: members.append((name, .string(after)))
            default: members.append((name, Int64(after).map { .int($0) } ?? .string(after)))
            }
        }
        let rates = self.changedRates()
        if !rates.isEmpty { members.append(("rates", .object(rates))) }
        guard !members.isEmpty else { return self.back("unchanged", or: "/ui/switches") }
        do {
            let changes: JSONAPIValue
            do { changes = try JSONAPIValue(parsing: JSONAPILiteral.object(members).bytes) } catch {
                throw RingSimulatorError(message: "\(error)")
            }
            let problem = self.engine.step { state -> RingSimulatorError? in
                var switches = state.switches
                do throws(RingSimulatorError) {
                    try switches.apply(changes)
                    state.switches = switches
                    return nil
                } catch { return error }
            }
            if let problem { throw problem }
        } catch { return self.failed("Nothing was changed: \(error)").switchesPage(422) }
        return self.back("switches", or: "/ui/switches")
    }

    func releaseHeld() -> Response {
        self.simulator.release(closing: self.form["close"] != nil)
        return self.back("released", or: "/ui/switches")
    }
}
