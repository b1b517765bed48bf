import Browser
import RingCore
import RingPartner
import RingSimulator
import Testing

/// The page in a real browser, headless.
@Suite(
    .enabled(if: Browser.isInstalled, "chromium and chromedriver are not installed"), .serialized,
    .timeLimit(.minutes(10)))
struct PageBrowserTests {
    /// A simulator whose one account is not linked, the service that is to be linked, and a browser.
    private func bench(
        _ options: Browser.Options = .init(), state: RingSimulatorAccount.State = .pending,
        _ test: (Browser, RingSimulator, ExampleService) async throws -> Void
    ) async throws {
        var configuration = RingSimulatorConfiguration()
        configuration.accounts = [RingSimulatorAccount(state: state)]
        configuration.switches.limits[.webhookResponseMilliseconds] = 600_000
        let simulator = try await RingSimulator.start(configuration)
        let service = try await ExampleService.start(
            apiURL: simulator.apiURL, oauthURL: simulator.oauthURL, clientID: configuration.clientID,
            clientSecret: configuration.clientSecret, hmacKey: configuration.hmacKey)
        do {
            try await Browser.run(options) { try await test($0, simulator, service) }
        } catch {
            await service.stop()
            await simulator.stop()
            throw error
        }
        await service.stop()
        await simulator.stop()
    }

    @Test func theWholeWayOfAnIntegration() async throws {
        try await self.bench { browser, simulator, service async throws in
            // The service is linked through the browser.
            try await browser.open(simulator.controlURL)
            try await browser.wait(for: "No account is linked yet")
            try await browser.click("Accounts")
            try await browser.fill("#f-token_exchange_url", with: service.tokenExchangeURL)
            try await browser.fill("#f-account_link_url", with: service.accountLinkURL)
            try await browser.fill("#f-webhook_url", with: service.webhookURL)
            try await browser.click("Save the URLs")
            try await browser.wait(for: "The URLs were saved.")
            try await browser.click("Link this account")
            try await browser.click("Allow and link")
            try await browser.wait(until: "location.pathname === '/ring/link'")
            #expect(try await browser.url.contains("nonce="))
            try await browser.fill("input[name=email]", with: "robin@example.org")
            try await browser.click("Sign in and link Ring")
            try await browser.wait(for: "Linked: \(simulator.accountID)")
            #expect(simulator.accounts.first?.state == .completed)
            #expect(try await service.ring.tokens.statuses().count == 1)

            // Motion is reported to it.
            try await browser.open(simulator.controlURL)
            try await browser.wait(until: "document.querySelector('#dot').classList.contains('on')")
            try await browser.find("[data-key^='motion_detected-']").click()
            try await browser.wait(for: "The event happened.")
            try await browser.click("Deliveries")
            try await browser.wait(until: "document.querySelector('#deliveries tbody tr .badge.good:last-child')")
            try await browser.click("motion_detected")
            try await browser.wait(for: "matches the body")
            try await browser.wait(for: "delivered", in: "#facts")
            #expect(try await browser.find("#attempts").text.contains("200"))

            // Its clip plays.
            try await browser.click("Front Door")
            try await browser.wait(until: "document.querySelector('video').readyState >= 2")
            #expect(try await browser.value(of: "document.querySelector('video').error").isNull)
            #expect(try await browser.value(of: "document.querySelector('video').videoWidth > 0").bool == true)

            // Live video is negotiated, shown with the time that is left, and ended.
            try await browser.click("Negotiate live video")
            try await browser.wait(
                until:
                    "['stable', 'playing'].includes(document.querySelector('[data-whep] [role=status]').dataset.state)")
            try await browser.wait(for: "s left", in: "#live")
            #expect(simulator.openSessions == 1)
            if await LiveViewer.hasEngine() {
                // The picture is seen, and it moves.
                try await browser.wait(
                    until: "document.querySelector('[data-whep] [role=status]').dataset.state === 'playing'")
                try await browser.wait(
                    until: "document.querySelector('[data-whep] video').getVideoPlaybackQuality().totalVideoFrames > 20"
                )
            } else {
                print("the picture of the page: \(LiveViewer.reason)")
            }
            try await browser.click("End")
            try await browser.wait(for: "No session is open", in: "#live")
            #expect(simulator.openSessions == 0)

            // The user removes the app, and the service forgets the account.
            try await browser.click("Accounts")
            try await browser.click("Unlink")
            try await browser.wait(for: "removed", in: "#accounts")
            await simulator.settle()
            #expect(simulator.deliveries.last?.type == "app_integration_removed")
            #expect(simulator.deliveries.last?.outcome == .delivered)
            await service.removal.wait()
            #expect(try await service.ring.tokens.statuses().allSatisfy { $0.state == .removed })
            #expect(try await browser.takeComplaints() == [])
        }
    }

    private static let paths = [
        "/", "/ui/events", "/ui/deliveries", "/ui/delivery?n=1", "/ui/requests", "/ui/request?n=1", "/ui/accounts",
        "/ui/switches", "/ui/clock", "/ui/link?account=one",
    ]

    /// A simulator in which each page has something to show.
    private func filled(_ simulator: RingSimulator, _ service: ExampleService) async throws -> [String] {
        simulator.webhookURL = service.webhookURL
        simulator.change { $0.next[.mediaNotReady] = 2 }
        _ = try await send(
            "GET", "\(simulator.apiURL)/v1/devices?include=status", token: try simulator.grantTokens().access)
        for type in ["motion_detected", "button_press", "device_offline"] {
            try simulator.trigger(
                RingSimulatorEvent(type: type, device: "Front Door", subType: type == "motion_detected" ? "human" : nil)
            )
        }
        try simulator.trigger(RingSimulatorEvent(type: "flood_detected", device: "Cellar"))
        await simulator.settle()
        let device = segment(simulator.id(.doorbell).rawValue)
        return Self.paths.map { $0.replacing("account=one", with: "account=\(simulator.accountID)") } + [
            "/ui/device?id=\(device)"
        ]
    }

    @Test(arguments: [false, true]) func everyPageIsReadableInEachScheme(isDark: Bool) async throws {
        try await self.bench(.init(isDark: isDark), state: .completed) { browser, simulator, service async throws in
            for path in try await self.filled(simulator, service) {
                try await browser.open(simulator.controlURL + path)
                #expect(try await browser.textsOfLowContrast() == [], "\(path)")
                #expect(try await browser.unnamedElements() == [], "\(path)")
                #expect(try await browser.wrongLandmarks() == [], "\(path)")
                #expect(try await browser.repeatedIDs() == [], "\(path)")
            }
            #expect(try await browser.takeComplaints() == [])
        }
    }

    @Test func everyPageFitsIntoANarrowWindow() async throws {
        try await self.bench(.init(width: 380, height: 760), state: .completed) {
            browser, simulator, service async throws in
            for path in try await self.filled(simulator, service) {
                try await browser.open(simulator.controlURL + path)
                let width = try await browser.value(of: "document.documentElement.scrollWidth").int64
                #expect(width == 380, "\(path)")
                let wide = try await browser.elements(beyond: 380, except: ".scroll, pre, svg, .hidden")
                #expect(wide == [], "\(path)")
            }
        }
    }

    @Test func theKeyboardIsEnough() async throws {
        try await self.bench(state: .completed) { browser, simulator, _ async throws in
            try await browser.open(simulator.controlURL)
            // The first stop leads over the navigation.
            try await browser.press(.tab)
            #expect(try await browser.value(of: "document.activeElement.textContent").string == "Skip to the content")
            let outline = "getComputedStyle(document.activeElement).outlineStyle"
            #expect(try await browser.value(of: outline).string == "solid")
            // Every button and link of the page can be reached, in the order of the page, and shows that it is.
            let reachable =
                "[...document.querySelectorAll('a[href], button, input, select, video, summary')].filter((e) => e.checkVisibility() && !e.disabled && e.type !== 'hidden').length"
            let count = Int(try await browser.value(of: reachable).int64 ?? 0)
            #expect(count > 20)
            var seen: Set<String> = []
            for _ in 1..<count {
                try await browser.press(.tab)
                #expect(try await browser.value(of: outline).string == "solid")
                seen.insert(
                    try await browser.value(of: "[...document.querySelectorAll('*')].indexOf(document.activeElement)")
                        .text)
            }
            #expect(seen.count == count - 1)
            // A button is pressed, and keeps the focus although its part of the page is replaced.
            let key = "motion_detected-\(simulator.id(.doorbell))"
            try await browser.value(of: "document.querySelector('[data-key=\"\(key)\"]').focus()")
            try await browser.press(.enter)
            try await browser.wait(for: "The event happened.")
            #expect(try await browser.value(of: "document.activeElement.dataset.key").string == key)
            try await browser.value(of: "document.querySelector('#notice p').id = 'before'")
            try await browser.press(.space)
            try await browser.wait(until: "document.querySelector('#notice p:not(#before)')")
            #expect(simulator.deliveries.map(\.type) == ["motion_detected", "motion_detected"])
            #expect(try await browser.takeComplaints() == [])
        }
    }

    @Test func everythingButLiveVideoWorksWithoutScripts() async throws {
        try await self.bench(.init(runsScripts: false)) { browser, simulator, service async throws in
            try await browser.open(simulator.controlURL + "/ui/accounts")
            try await browser.fill("#f-token_exchange_url", with: service.tokenExchangeURL)
            try await browser.fill("#f-account_link_url", with: service.accountLinkURL)
            try await browser.fill("#f-webhook_url", with: service.webhookURL)
            try await browser.click("Save the URLs")
            try await browser.wait(for: "The URLs were saved.")
            try await browser.click("Link this account")
            try await browser.click("Allow and link")
            try await browser.fill("input[name=email]", with: "robin@example.org")
            try await browser.click("Sign in and link Ring")
            try await browser.wait(for: "Linked: \(simulator.accountID)")
            try await browser.open(simulator.controlURL)
            try await browser.click("Motion")
            try await browser.wait(for: "The event happened.")
            #expect(simulator.deliveries.last?.type == "motion_detected")
            try await browser.click("Garden")
            try await browser.wait(for: "This browser runs no scripts")
            try await browser.click("Faults")
            try await browser.fill("#s-media_not_ready", with: "2")
            try await browser.find(xpath: "//section[.//*[@id='s-media_not_ready']]//button").click()
            try await browser.wait(for: "The switches were changed.")
            #expect(simulator.switches.next[.mediaNotReady] == 2)
            try await browser.click("Clock")
            let before = simulator.milliseconds
            try await browser.click("+ 1 hour")
            try await browser.wait(for: "The clock was set.")
            #expect(simulator.milliseconds - before >= 3_600_000)
            try await browser.click("Accounts")
            try await browser.click("Unlink")
            try await browser.wait(for: "Install again")
        }
    }

    /// The list changes by itself, and a page that is closed leaves no stream.
    @Test func aPageIsCurrentWhileItIsOpen() async throws {
        try await self.bench(state: .completed) { browser, simulator, _ async throws in
            try await browser.open(simulator.controlURL + "/ui/deliveries")
            try await browser.wait(for: "No deliveries yet")
            await simulator.waitForStreams(1)
            try simulator.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            try await browser.wait(for: "button_press")
            try await browser.openTab()
            try await browser.open(simulator.controlURL)
            try await browser.closeTab()
            try await browser.open("about:blank")
            await simulator.waitForStreams(0)
        }
    }
}
