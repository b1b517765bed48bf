import Browser
import Foundation
import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// Live views: one session at Ring for each, and none after its page.
@Suite(
    .enabled(if: Examples.folder != nil, "run by Scripts/examples.sh, which builds the examples"),
    .enabled(if: Browser.isInstalled, "chromium and chromedriver are not installed"), .serialized,
    .timeLimit(.minutes(4)))
struct DashboardLiveTests {
    private static let state = "document.querySelector('[data-state]').textContent"

    /// Opens a live view, and waits until the page says how much time is left.
    private func open(_ bench: DashboardBench, _ browser: Browser, _ device: String = "Garden") async throws {
        try await bench.openDevice(device, in: browser)
        try await browser.click("Live view")
        try await browser.wait(until: "/^Live, \\d+ s left/.test(\(Self.state))")
        #expect(bench.simulator.openSessions == 1)
    }

    @Test func aViewIsOpenedAndEnded() async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            try await self.open(bench, browser)
            // Neither the access token nor the URL of the session reaches the browser.
            #expect(try await browser.foreignRequests() == [])
            try await browser.click("End live view")
            try await bench.simulator.waitForEndedSessions(1)
            #expect(bench.simulator.openSessions == 0)
            // And again, on the same page.
            try await browser.click("Live view")
            try await browser.wait(until: "/^Live, \\d+ s left/.test(\(Self.state))")
            #expect(bench.simulator.openSessions == 1)
            #expect(try await browser.takeComplaints() == [])
        }
    }

    /// A page that goes away says so, whether it is closed, reloaded or left.
    @Test(arguments: ["closed", "left", "reloaded"]) func theSessionEndsWithItsPage(_ way: String) async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            if way == "closed" { try await browser.openTab() }
            try await self.open(bench, browser)
            let start = ContinuousClock.now
            switch way {
            case "closed": try await browser.closeTab()
            case "left": try await browser.open("about:blank")
            default: try await browser.open(bench.origin + "/accounts")
            }
            try await bench.simulator.waitForEndedSessions(1)
            let taken = start.duration(to: .now)
            print("page \(way): the session was ended at Ring after \(taken)")
            // Six seconds later the service would have closed it without a word of the page.
            #expect(taken < .seconds(5))
            #expect(bench.simulator.openSessions == 0)
        }
    }

    /// A browser that is killed says nothing; the stream of its page ends.
    @Test func theSessionEndsWithAKilledBrowser() async throws {
        try await DashboardBench.run { bench async throws in
            try await Browser.run { browser async throws in
                try await bench.link(in: browser)
                try await self.open(bench, browser)
                browser.kill()
            }
            try await bench.simulator.waitForEndedSessions(1)
            #expect(bench.simulator.openSessions == 0)
        }
    }

    /// The service crashes while a view is open: the next start closes the session, from the ledger.
    @Test func theSessionEndsAfterACrash() async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            try await self.open(bench, browser)
            await bench.kill()
            try await browser.open("about:blank")
            #expect(bench.simulator.openSessions == 1)
            try await bench.startAgain()
            try await bench.simulator.waitForEndedSessions(1)
            #expect(bench.simulator.openSessions == 0)
        }
    }

    /// Ring's limit: the service closes the session before it, and the page says why.
    @Test func theSessionEndsAtItsLimit() async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            try await bench.openDevice("Front Door", in: browser)
            // A simulator without GStreamer sends no video, and the page would end the view for that, which is right, but earlier.
            try await browser.value(
                of:
                    "Object.defineProperty(RTCPeerConnection.prototype, 'connectionState', { get: () => 'connected' }) && 1"
            )
            try await browser.click("Live view")
            try await browser.wait(until: "/^Live, \\d+ s left/.test(\(Self.state))")
            try await bench.simulator.waitForEndedSessions(1)
            try await browser.wait(until: "\(Self.state).startsWith('Ended: Ring allows')")
            #expect(bench.simulator.openSessions == 0)
            #expect(try await browser.find("[data-live]").text == "Live view")
        }
    }

    /// What goes wrong is said on the page, and no session stays open.
    @Test func aFailureIsSaid() async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            bench.simulator.change { $0.next[.offerFailed] = 1 }
            try await bench.openDevice("Garden", in: browser)
            try await browser.click("Live view")
            try await browser.wait(until: "\(Self.state).startsWith('No live view: ')")
            #expect(bench.simulator.openSessions == 0)
            #expect(try await browser.find("[data-live]").text == "Live view")
        }
    }

    /// How many pictures Chromium has decoded and the page has drawn.
    private static let frames = "+(document.querySelector('#stage canvas').dataset.frames || 0)"

    /// Whether pictures arrive. The simulator sends them where GStreamer is installed.
    private func isMoving(_ browser: Browser) async throws -> Bool {
        let isSent = try await self.isTrue("\(Self.frames) > 0", within: .seconds(15), in: browser)
        if !isSent { print("skipped: the simulator of this machine sends no video") }
        return isSent
    }

    @Test func thePictureMoves() async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            try await self.open(bench, browser)
            guard try await self.isMoving(browser) else { return }
            try await browser.find("#processor-heat").click()
            let before = try await browser.value(of: Self.frames).int64 ?? 0
            try await browser.wait(until: "\(Self.frames) > \(before + 15)")
            #expect(try await browser.takeComplaints() == [])
        }
    }

    /// One camera. Its pictures have the time in a band at the top, which is a privacy zone here: it always moves.
    private static let yard = """
        {"accounts": [{"devices": [{"kind": "camera", "name": "Yard", "privacy_zones": [
            {"vertices": [{"x": 0, "y": 0}, {"x": 1, "y": 0}, {"x": 1, "y": 0.12}, {"x": 0, "y": 0.12}]}
        ]}]}]}
        """

    /// The map of the live picture grows while something moves in front of the camera, and not while nothing does.
    @Test func theHeatMapFollowsTheLivePicture() async throws {
        let configuration = try RingSimulatorConfiguration(scenario: Array(Self.yard.utf8))
        try await DashboardBench.run(.init(), { $0 = configuration }) { bench, browser async throws in
            try await self.open(bench, browser, "Yard")
            guard try await self.isMoving(browser) else { return }
            try await browser.find("#processor-heat").click()
            let changes =
                "+(/(\\d+) changes/.exec(document.querySelector('[data-processor=heat]').textContent)?.[1] ?? -1)"
            // Pictures are analysed: one was compared with another.
            try await browser.wait(until: "\(changes) >= 0")
            /// How much it grows during so many further pictures.
            func growth(during pictures: Int64) async throws -> Int64 {
                let before = try await browser.value(of: changes).int64 ?? 0
                let start = try await browser.value(of: Self.frames).int64 ?? 0
                try await browser.wait(until: "\(Self.frames) >= \(start + pictures)")
                return (try await browser.value(of: changes).int64 ?? 0) - before
            }
            #expect(try await growth(during: 20) == 0, "nothing moves yet")
            try bench.simulator.trigger(
                RingSimulatorEvent(
                    type: "motion_detected", device: "Yard", subType: "package_delivery", recording: .seconds(4)))
            try await browser.wait(until: "\(changes) > 100")
            // The scene comes to rest.
            while try await growth(during: 10) > 0 {}
            #expect(try await growth(during: 20) == 0, "nothing moves any more")
            #expect(bench.simulator.openSessions == 1)
            #expect(try await browser.takeComplaints() == [])
        }
    }

    private func isTrue(_ expression: String, within limit: Duration, in browser: Browser) async throws -> Bool {
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if try await browser.value(of: expression).bool == true { return true }
            try await Task.sleep(for: .milliseconds(50))
        }
        return false
    }
}
