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

    /// Opens the live view of the garden, and waits until the page says how much time is left.
    private func open(_ bench: DashboardBench, _ browser: Browser) async throws {
        try await bench.openDevice("Garden", in: browser)
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

    /// Chromium's own decoder counts the pictures. The simulator sends them where GStreamer is installed.
    @Test func thePictureMoves() async throws {
        try await DashboardBench.run(.init()) { bench, browser async throws in
            try await self.open(bench, browser)
            let frames = "+(document.querySelector('#stage canvas').dataset.frames || 0)"
            let isSent = try await self.isTrue("\(frames) > 0", within: .seconds(10), in: browser)
            guard isSent else {
                print("skipped: the simulator of this machine sends no video")
                return
            }
            try await browser.find("#processor-heat").click()
            let before = try await browser.value(of: frames).int64 ?? 0
            try await browser.wait(until: "\(frames) > \(before + 15)")
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
