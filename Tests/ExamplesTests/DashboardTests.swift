import Browser
import Foundation
import RingCore
import RingJSONAPI
import RingListener
import RingSimulator
import Testing

/// The dashboard in a real browser, headless, against the simulator.
@Suite(
    .enabled(if: Examples.folder != nil, "run by Scripts/examples.sh, which builds the examples"),
    .enabled(if: Browser.isInstalled, "chromium and chromedriver are not installed"), .serialized,
    .timeLimit(.minutes(4)))
struct DashboardTests {
    @Test func theWholeWayOfAHousehold() async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            // The account is linked in the browser; its devices are there, with pictures.
            #expect(bench.simulator.accounts.first?.state == .completed)
            for name in ["Front Door", "Garden", "Driveway", "Cellar", "Back Door", "Hall", "Shed"] {
                #expect(try await browser.text.contains(name))
            }
            #expect(try await browser.find("#devices").text.contains("battery"))
            #expect(try await browser.find("#devices").text.contains("never reported"))

            // An event appears without a reload, with its picture.
            try await browser.value(of: "window.isTheSamePage = true")
            try await bench.trigger("motion_detected", at: "Garden", subType: "human", in: browser)
            try await bench.trigger("button_press", at: "Front Door", in: browser)
            #expect(try await browser.value(of: "window.isTheSamePage").bool == true)
            #expect(try await browser.find(".event").text.contains("Rang the doorbell"))
            bench.simulator.advance(by: .seconds(30))
            try await browser.wait(until: "document.querySelectorAll('.event canvas[data-picture=shown]').length === 2")
            try await browser.wait(until: "document.querySelector('#devices canvas[data-picture=shown]')")

            // The filters hide what is not wanted, now and later.
            try await browser.value(of: "(document.querySelector('#type').value = 'motion_detected', 1)")
            try await browser.value(
                of: "document.querySelector('#type').dispatchEvent(new Event('change', { bubbles: true }))")
            try await browser.wait(until: "location.search.includes('type=motion_detected')")
            try await browser.wait(until: "document.querySelector('#dot').classList.contains('on')")
            #expect(try await browser.value(of: "document.querySelectorAll('.event').length").int64 == 1)
            try bench.simulator.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            try await bench.trigger("motion_detected", at: "Front Door", subType: "package_delivery", in: browser)
            #expect(try await browser.value(of: "document.querySelectorAll('.event').length").int64 == 2)
            #expect(!(try await browser.find("[data-events]").text.contains("Rang")))

            // The clip plays, and can be sought.
            bench.simulator.advance(by: .seconds(60))
            try await browser.click("Motion: human")
            try await browser.wait(until: "+document.querySelector('#stage canvas').dataset.frames > 10")
            let length = "+document.querySelector('[data-seek]').max"
            try await browser.wait(until: "\(length) > 5")
            try await browser.click("Pause")
            // In one step: a picture that comes between the two would put the slider back.
            let seek = "document.querySelector('[data-seek]')"
            try await browser.value(of: "(\(seek).value = 7, \(seek).dispatchEvent(new Event('input')))")
            try await browser.wait(
                until: "Math.abs(+document.querySelector('[data-player]').dataset.position - 7) < 0.2")
            #expect(try await browser.foreignRequests() == [])

            // The link ends in the Ring app, and everything of the account is gone here.
            try await browser.open(bench.origin + "/")
            try await browser.wait(until: "document.querySelector('#dot').classList.contains('on')")
            let reply = try await send(
                "POST", "\(bench.simulator.controlURL)/accounts/\(bench.simulator.accountID)/unlink",
                ["Content-Type": "application/json"], body: "{}")
            #expect(reply.status == 200)
            try await browser.wait(for: "No Ring account is linked yet")
            try await browser.open(bench.origin + "/device?account=x&device=y")
            try await browser.wait(for: "There is no such camera")
            let kept = try String(contentsOfFile: bench.folder + "/dashboard/events.jsonl", encoding: .utf8)
            #expect(!kept.contains(bench.simulator.accountID.rawValue))
            #expect(try FileManager.default.contentsOfDirectory(atPath: bench.folder + "/dashboard/clips") == [])
            let complaints = try await browser.takeComplaints()
            // A page that is not found is the one thing that a browser notes here.
            #expect(complaints.filter { !$0.contains("/device?account=x") } == [])
        }
    }

    /// This service may not end a link that was started at Ring; it says so, and keeps everything.
    @Test func unlinkingHereSaysWhoMayUnlink() async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            try await browser.click("Accounts")
            try await browser.find("summary").click()
            try await browser.click("Unlink this account")
            try await browser.wait(for: "only you can end it: in the Ring app")
            #expect(bench.simulator.accounts.first?.state == .completed)
            bench.simulator.change { $0.linking.insert(.deletionAllowed) }
            try await browser.find("summary").click()
            try await browser.click("Unlink this account")
            try await browser.wait(for: "The account is no longer linked")
            try await browser.wait(for: "No Ring account is linked")
            #expect(try await browser.takeComplaints() == [])
        }
    }

    /// The panel goes on where it was when the service is started again.
    @Test func thePanelResumesAfterARestart() async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            try await bench.trigger("motion_detected", at: "Garden", in: browser)
            try await browser.value(of: "window.isTheSamePage = true")
            await bench.kill()
            try await browser.wait(until: "!document.querySelector('#dot').classList.contains('on')")
            // Ring sends it again later; the panel has it once.
            try bench.simulator.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            try await bench.startAgain()
            bench.simulator.advance(by: .seconds(180))
            try await browser.wait(until: "\(DashboardBench.rows("button_press")) === 1")
            try await browser.wait(until: "document.querySelector('#dot').classList.contains('on')")
            try await bench.trigger("motion_detected", at: "Driveway", in: browser)
            #expect(try await browser.value(of: DashboardBench.rows("button_press")).int64 == 1)
            #expect(try await browser.value(of: DashboardBench.rows("motion_detected")).int64 == 2)
            #expect(try await browser.value(of: "window.isTheSamePage").bool == true)
            // The only complaints are about the time when nothing responded.
            let complaints = try await browser.takeComplaints().filter { !$0.contains("ERR_") }
            #expect(complaints == [])
        }
    }

    /// A proxy responds in the place of the service while it is away, which ends a stream of events for good.
    @Test func thePanelResumesAfterAProxyHasRefusedIt() async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            try await browser.value(of: "window.isTheSamePage = true")
            await bench.kill()
            let (refused, continuation) = AsyncStream<Void>.makeStream()
            let port = try #require(bench.origin.split(separator: ":").last.flatMap { Int($0) })
            let proxy = try await RingListener.start(port: port) { request in
                if request.url.path() == "/events/stream" { continuation.yield() }
                return RingHTTPResponse(status: 502, body: RingHTTPBody("Bad Gateway"))
            }
            for await _ in refused { break }
            try await browser.wait(until: "!document.querySelector('#dot').classList.contains('on')")
            await proxy.stop()
            try await bench.startAgain()
            try await browser.wait(until: "document.querySelector('#dot').classList.contains('on')")
            try await bench.trigger("motion_detected", at: "Driveway", in: browser)
            #expect(try await browser.value(of: "window.isTheSamePage").bool == true)
            let complaints = try await browser.takeComplaints().filter { !$0.contains("ERR_") && !$0.contains("502") }
            #expect(complaints == [])
        }
    }

    // MARK: What a page needs to be used

    private static let pages = ["/", "/accounts", "/?type=motion_detected"]

    private func eachPage(
        _ bench: DashboardBench, _ browser: Browser, _ check: (String) async throws -> Void
    ) async throws {
        try await bench.trigger("motion_detected", at: "Garden", in: browser)
        let link =
            try await browser.value(of: "document.querySelector('#devices h3 a').getAttribute('href')").string ?? ""
        for page in Self.pages + [link] {
            try await browser.open(bench.origin + page)
            try await browser.wait(until: "document.documentElement.dataset.ready === ''")
            try await check(page)
        }
        try await browser.click("Sign out")
        try await browser.wait(until: "location.pathname === '/sign-in'")
        try await check("/sign-in")
    }

    @Test(arguments: [false, true]) func everyPageIsReadableInEachScheme(isDark: Bool) async throws {
        try await DashboardBench.run(.init(isDark: isDark)) { bench, browser async throws in
            try await self.eachPage(bench, browser) { page async throws in
                #expect(try await browser.textsOfLowContrast() == [], "\(page)")
                #expect(try await browser.unnamedElements() == [], "\(page)")
                let landmarks = page == "/sign-in" ? ["header", "main", "h1"] : ["header", "main", "nav", "h1"]
                #expect(try await browser.wrongLandmarks(landmarks) == [], "\(page)")
                #expect(try await browser.repeatedIDs() == [], "\(page)")
                #expect(try await browser.foreignRequests() == [], "\(page)")
            }
            #expect(try await browser.takeComplaints() == [])
        }
    }

    @Test func everyPageFitsIntoANarrowWindow() async throws {
        try await DashboardBench.run(.init(width: 380, height: 760)) { bench, browser async throws in
            try await self.eachPage(bench, browser) { page async throws in
                let width = try await browser.value(of: "document.documentElement.scrollWidth").int64
                #expect(width == 380, "\(page)")
                #expect(try await browser.elements(beyond: 380, except: "pre, .skip") == [], "\(page)")
            }
        }
    }

    @Test func theKeyboardIsEnough() async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            try await bench.trigger("motion_detected", at: "Garden", subType: "human", in: browser)
            bench.simulator.advance(by: .seconds(60))
            try await browser.open(bench.origin + "/")
            try await browser.press(.tab)
            #expect(try await browser.value(of: "document.activeElement.textContent").string == "Skip to the content")
            // Every button and link can be reached, in the order of the page, and shows that it is.
            let reachable = """
                [...document.querySelectorAll('a[href], button, input, select, summary')].filter((e) => e.checkVisibility() \
                && !e.disabled && e.type !== 'hidden' && e.tabIndex >= 0).length
                """
            let count = Int(try await browser.value(of: reachable).int64 ?? 0)
            #expect(count > 10)
            var seen: Set<String> = []
            for _ in 1..<count {
                try await browser.press(.tab)
                #expect(
                    try await browser.value(of: "getComputedStyle(document.activeElement).outlineStyle").string
                        == "solid")
                let place = "[...document.querySelectorAll('*')].indexOf(document.activeElement)"
                seen.insert(try await browser.value(of: place).text)
            }
            #expect(seen.count == count - 1)
            // A clip is opened, stopped, sought, and a processor is switched on.
            try await browser.value(of: "document.querySelector('.event a').focus()")
            try await browser.press(.enter)
            try await browser.wait(until: "+document.querySelector('#stage canvas').dataset.frames > 5")
            try await browser.value(of: "document.querySelector('[data-play]').focus()")
            try await browser.press(.space)
            try await browser.wait(until: "document.querySelector('[data-play]').textContent === 'Play'")
            let position = "+document.querySelector('[data-player]').dataset.position"
            let before = try await browser.value(of: position).double ?? 0
            try await browser.press(.tab)
            for _ in 0..<10 { try await browser.press(.right) }
            try await browser.wait(until: "\(position) > \(before + 0.5)")
            try await browser.value(of: "document.querySelector('#processor-brightness').focus()")
            try await browser.press(.space)
            try await browser.value(of: "document.querySelector('[data-play]').focus()")
            try await browser.press(.space)
            try await browser.wait(
                until: "/Brightness: \\d+ %/.test(document.querySelector('[data-processor]').textContent)")
            #expect(try await browser.takeComplaints() == [])
        }
    }
}
