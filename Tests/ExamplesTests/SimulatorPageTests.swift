import Browser
import Foundation
import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// The page of the simulator and an example service beside it, used as somebody does who tries both.
@Suite(
    .enabled(if: Examples.folder != nil, "run by Scripts/examples.sh, which builds the examples"),
    .enabled(if: Browser.isInstalled, "chromium and chromedriver are not installed"), .serialized,
    .timeLimit(.minutes(4)))
struct SimulatorPageTests {
    @Test func fromThePageToTheExampleAndBack() async throws {
        try await DashboardBench.run { bench async throws in
            try await Browser.run { browser async throws in
                try await self.link(bench, browser)
                try await self.reportMotion(bench, browser)
                try await self.watch(bench, browser)
                try await self.unlink(bench, browser)
                #expect(try await browser.takeComplaints() == [])
            }
        }
    }

    /// Opens the page and links the account into the example, through the browser alone.
    private func link(_ bench: DashboardBench, _ browser: Browser) async throws {
        try await browser.open(bench.simulator.controlURL)
        try await browser.wait(for: "No account is linked yet")
        try await browser.click("Accounts")
        for (field, path) in [
            ("token_exchange_url", "token-exchange"), ("account_link_url", "link"), ("webhook_url", "webhooks"),
        ] {
            try await browser.fill("#f-\(field)", with: "\(bench.origin)/ring/\(path)")
        }
        try await browser.click("Save the URLs")
        try await browser.wait(for: "The URLs were saved.")
        try await browser.click("Link this account")
        try await browser.click("Allow and link")
        try await browser.wait(until: "location.pathname === '/ring/link'")
        try await bench.signIn(in: browser)
        try await browser.click("Sign in and link Ring")
        try await browser.wait(for: "Your Ring account is linked.")
        #expect(bench.simulator.accounts.first?.state == .completed)
    }

    /// Presses the button of an event: the page shows that the example accepted the delivery, and both show the clip.
    private func reportMotion(_ bench: DashboardBench, _ browser: Browser) async throws {
        try await browser.open(bench.simulator.controlURL)
        try await browser.wait(until: "document.querySelector('#dot').classList.contains('on')")
        try await browser.find("[data-key^='motion_detected-']").click()
        try await browser.wait(for: "The event happened.")
        try await browser.click("Deliveries")
        try await browser.wait(until: "document.querySelector('#deliveries tbody tr .badge.good:last-child')")
        try await browser.click("motion_detected")
        try await browser.wait(for: "matches the body")
        try await browser.wait(for: "delivered", in: "#facts")
        #expect(try await browser.find("#attempts").text.contains("200"))
        try await browser.click("Front Door")
        try await browser.wait(until: "document.querySelector('video').readyState >= 2")
        #expect(try await browser.value(of: "document.querySelector('video').error").isNull)

        bench.simulator.advance(by: .seconds(60))
        try await browser.open(bench.origin + "/")
        try await browser.wait(until: "\(DashboardBench.rows("motion_detected")) === 1")
        try await browser.find(".event[data-type=motion_detected] a").click()
        try await browser.wait(until: "+document.querySelector('#stage canvas').dataset.frames > 10")
    }

    /// Negotiates live video with the page, and with the example.
    private func watch(_ bench: DashboardBench, _ browser: Browser) async throws {
        try await browser.open(bench.simulator.controlURL)
        try await browser.click("Garden")
        try await browser.click("Negotiate live video")
        try await browser.wait(
            until: "['stable', 'playing'].includes(document.querySelector('[data-whep] [role=status]').dataset.state)")
        try await browser.wait(for: "s left", in: "#live")
        #expect(bench.simulator.openSessions == 1)
        try await browser.click("End")
        try await browser.wait(for: "No session is open", in: "#live")

        try await bench.openDevice("Garden", in: browser)
        try await browser.click("Live view")
        try await browser.wait(until: "/^Live, \\d+ s left/.test(document.querySelector('[data-state]').textContent)")
        #expect(bench.simulator.openSessions == 1)
        try await browser.click("End live view")
        try await bench.simulator.waitForEndedSessions(1)
        #expect(bench.simulator.openSessions == 0)
    }

    /// Unlinks on the page: nothing of the account is left in the example.
    private func unlink(_ bench: DashboardBench, _ browser: Browser) async throws {
        try await browser.open(bench.simulator.controlURL + "/ui/accounts")
        try await browser.click("Unlink")
        try await browser.wait(for: "removed", in: "#accounts")
        try await bench.simulator.wait(
            for: "\"deliveries\":{\"type\":\"app_integration_removed\",\"outcome\":\"delivered\"}")
        try await browser.open(bench.origin + "/")
        try await browser.wait(for: "No Ring account is linked yet")
        let kept = try String(contentsOfFile: bench.folder + "/dashboard/events.jsonl", encoding: .utf8)
        #expect(!kept.contains(bench.simulator.accountID.rawValue))
        #expect(try FileManager.default.contentsOfDirectory(atPath: bench.folder + "/dashboard/clips") == [])
        #expect(bench.simulator.accounts.first?.state == .removed)
    }
}
