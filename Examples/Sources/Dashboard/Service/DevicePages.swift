import Foundation
import RingPartner

/// The first page, and the page of one camera.
extension Service {
    func firstPage(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        let household = await self.household(of: user.principal)
        let isLinked = !household.accounts.isEmpty
        let filter = EventFilter(request.query, household)
        let groups: HTML =
            household.devices.isEmpty
            ? (isLinked
                ? Part.empty("No devices", "Share devices with this service in the Ring app.") : self.firstSteps)
            : "<div class=\"grid\">\(household.devices.html(\.card))</div>"
        let problems = household.problems.html { "<p class=\"notice bad\">\($0)</p>" }
        let key: HTML =
            isLinked ? "<p class=\"key\"><span>motion zone</span><span class=\"private\">privacy zone</span></p>" : ""
        let refresh: HTML =
            isLinked
            ? """
            <form class="actions" method="post" action="/refresh">\(user.tokenField)<button class="small">Read the devices again\
            </button></form>
            """ : ""
        return self.page(
            "Devices and events", request,
            """
            <div class="title"><h1>Devices and events</h1>\(refresh)</div>
            <div class="split"><section class="stack" aria-label="Devices">\(problems)\
            <div id="devices" data-current>\(groups)</div>\(key)</section>\
            \(isLinked ? self.eventPanel(filter, household, user) : nil)</div>
            """)
    }

    /// What to do before anything else works.
    private var firstSteps: HTML {
        let start: HTML =
            self.simulatedRing.map { address in
                """
                <li><div>Open the simulated Ring, choose devices, and allow: it sends you back here.</div>\
                <p><a class="button main" href="\(address)">Link with the simulated Ring</a></p></li>
                """
            } ?? """
                <li><div>Enter these two URLs in Ring’s developer portal.</div>\
                <pre tabindex="0">\(self.origin)/ring/token-exchange\n\(self.origin)/ring/link</pre></li>\
                <li><div>Find this service in the Ring app, choose devices, and allow: it sends you back here.</div></li>
                """
        return
            "<div class=\"panel stack\"><h2>No Ring account is linked yet</h2><ol class=\"steps\">\(start)</ol></div>"
    }

    func devicePage(_ request: PageRequest, _ user: SignIn) async -> RingHTTPResponse {
        let household = await self.household(of: user.principal)
        guard let device = household.device(request.query["account"], request.query["device"]), device.hasCamera else {
            return self.notFound(request, "There is no such camera, or it is no longer shared.")
        }
        let event = request.query["event"].flatMap { Int($0) }.flatMap { self.feed.event($0) }
            .flatMap { $0.account == device.account && $0.device == device.device.id ? $0 : nil }
        let filter = EventFilter(device: device.device.id)
        let play: HTML = event.map { " data-event=\"\($0.number)\"" } ?? ""
        let motion = device.device.configurations?.motion?.zones.count ?? 0
        let privacy = device.device.configurations?.image?.privacyZones.count ?? 0
        return self.page(
            device.name, request,
            """
            <div class="title"><h1>\(device.name)</h1><a class="button actions" href="/">All devices</a></div>
            <div class="split"><div class="stack wide">
            <section class="panel stack" id="stage" aria-label="Picture" data-zones="\(device.zones)"\(play)>\
            <div class="view">\(device.still())</div>\
            <div class="row" data-player hidden><button data-play>Pause</button>\
            <input type="range" data-seek aria-label="Position in the clip" min="0" max="0" step="0.1" value="0">\
            <span class="number" data-time></span></div>\
            <div class="row"><button class="main" data-live="/live?\(device.query)">Live view</button>\
            <button data-sound hidden>Sound on</button><span class="soft" role="status" data-state></span></div>\
            <noscript><p class="notice bad">Pictures are covered where privacy zones are, by a script; without scripts none is \
            shown.</p></noscript>\
            <label class="check"><input type="checkbox" data-show-zones><span>Motion zones</span></label>\
            <fieldset data-processors><legend>Processors</legend></fieldset><div class="results" data-results></div>\
            <div class="row"><button data-motion="/motion?\(device.query)">Measure motion by zone</button>\
            <span class="soft" role="status" data-motion-state>by the service, on pictures that it decodes itself</span></div>\
            <output data-motion-scores></output></section>
            <section class="panel stack"><h2>About</h2><div id="facts" data-current><p class="row">\(device.badges)</p>\
            <p>\(device.facts)</p><p class="soft">\(motion) motion zones, \(privacy) privacy zones, drawn in the Ring app</p></div></section>
            </div>\(self.eventPanel(filter, household, user))</div>
            """)
    }

    func refresh(_ user: SignIn) async -> RingHTTPResponse {
        do {
            for account in try await self.accounts(of: user.principal) {
                _ = try await self.ring.directory.refresh(account.accountID)
            }
        } catch {
            // The page that follows says what cannot be read.
            self.report(error, "refresh")
        }
        return .seeOther("/?done=refreshed")
    }
}
