import RingCore
import RingJSONAPI
import RingSimulator
import RingTesting
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The page without a browser: what a client without scripts sends and gets.
@Suite(.timeLimit(.minutes(5))) struct PageTests {
    private func page(
        _ configure: (inout RingSimulatorConfiguration) -> Void = { _ in },
        _ test: (RingSimulator, PageClient) async throws -> Void
    ) async throws {
        try await Bench.run(configure) { bench async throws in
            try await test(bench.simulator, PageClient(origin: bench.simulator.controlURL))
        }
    }

    private static let paths = [
        "/", "/ui/events", "/ui/deliveries", "/ui/requests", "/ui/accounts", "/ui/switches", "/ui/clock",
    ]

    @Test(arguments: Self.paths) func everyPageIsClosedToOtherOrigins(path: String) async throws {
        try await self.page { _, client async throws in
            let reply = try await client.get(path)
            #expect(reply.status == 200)
            #expect(reply.fields["Content-Type"] == "text/html; charset=utf-8")
            let policy = reply.fields["Content-Security-Policy"] ?? ""
            #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';"))
            #expect(!policy.contains("unsafe"))
            #expect(policy.contains("frame-ancestors 'none'"))
            #expect(reply.fields["X-Content-Type-Options"] == "nosniff")
            // Nothing in it is loaded from elsewhere, and nothing runs inside it.
            for tag in reply.text.split(separator: "<").filter({
                $0.hasPrefix("script") || $0.hasPrefix("link") || $0.hasPrefix("img")
            }) {
                #expect(tag.contains("=\"/"), "\(tag)")
            }
            #expect(!reply.text.contains(" style="))
            #expect(!reply.text.contains(" onclick="))
        }
    }

    @Test func namesCannotBecomePartOfThePage() async throws {
        let name = "<script>alert(1)</script>\"'>\u{202E}\u{9B}"
        let devices = [
            RingSimulatorDevice(id: "<img src=x>\u{202E}&\"", kind: .doorbell, name: name),
            RingSimulatorDevice(id: "sensor", kind: .contact, name: name),
        ]
        let account = RingSimulatorAccount(
            id: "<b>\u{2066}", firstName: name, lastName: name, email: name, state: .completed, devices: devices)
        try await self.page({ $0.accounts = [account] }) { simulator, client async throws in
            try simulator.trigger(
                RingSimulatorEvent(type: "motion_detected<script>", device: devices[0].id, subType: name))
            try simulator.trigger(RingSimulatorEvent(type: "motion_detected", device: devices[0].id, subType: name))
            _ = try await send("GET", "\(simulator.apiURL)/v1/<script>?a=<b>&\"=1", token: "t")
            let id = segment(devices[0].id.rawValue)
            let more = [
                "/ui/device?id=%3Cimg%20src%3Dx%3E%E2%80%AE%26%22", "/ui/delivery?n=1", "/ui/delivery?n=2",
                "/ui/request?n=1",
                "/ui/link?account=%3Cb%3E%E2%81%A6", "/ui/requests?path=%3Cscript%3E&status=%3Cscript%3E",
                "/ui/nothing/\(id.filter { $0.isASCII && $0 != "<" && $0 != ">" && $0 != "\"" && $0 != " " })",
            ]
            for path in Self.paths + more {
                let text = try await client.get(path).text
                #expect(!text.contains("<script>") && !text.contains("<img src=x"), "\(path)")
                #expect(!text.contains("\"'>"), "\(path)")
                // In values that forms send back, marks stay as they are: those show nothing.
                let shown = text.split(separator: " value=\"").enumerated().map {
                    $0 == 0 ? $1 : $1.drop { $0 != "\"" }
                }
                #expect(
                    !shown.joined().unicodeScalars.contains { PrintableText.isControl($0) && $0 != "\n" && $0 != "\t" },
                    "\(path)")
            }
        }
    }

    @Test func everyStepOfTheClockIsTaken() async throws {
        try await self.page { simulator, client async throws in
            let steps = try await client.get("/ui/clock").text.split(separator: "name=\"advance\" value=\"").dropFirst()
                .compactMap { Int($0.prefix { $0 != "\"" }) }
            #expect(steps.contains(2_592_000))
            // The last is the most that the field takes.
            for seconds in steps + [31_536_000] {
                let before = simulator.now
                #expect(try await client.post("/ui/clock", ["advance": String(seconds)]).status == 303, "\(seconds)")
                #expect(simulator.now.timeIntervalSince(before) >= Double(seconds), "\(seconds)")
            }
            #expect(try await client.post("/ui/clock", ["advance": "31536001"]).status == 422)
        }
    }

    @Test func manyAccountsAreShownInParts() async throws {
        let accounts = (1...1500).map { number in
            RingSimulatorAccount(
                id: RingAccountID(rawValue: "account-\(number)"), firstName: "Robin", lastName: "Vale \(number)",
                email: "robin.\(number)@example.org", state: .completed,
                devices: [
                    RingSimulatorDevice(
                        id: RingDeviceID(rawValue: "door-\(number)"), kind: .doorbell, name: "Door \(number)")
                ])
        }
        try await self.page({ $0.accounts = accounts }) { simulator, client async throws in
            for path in ["/", "/ui/accounts", "/ui/events", "/ui/requests"] {
                #expect(try await client.get(path).text.utf8.count < 150_000, "\(path)")
            }
            for path in ["/", "/ui/accounts"] {
                let next = try await client.get("\(path)?from=50").text
                #expect(next.contains("Vale 51<") && next.contains("Vale 100<") && !next.contains("Vale 101<"))
                #expect(next.contains("Accounts 51 to 100 of 1500"))
                #expect(next.contains("from=0") && next.contains("from=100"))
                let found = try await client.get("\(path)?find=Vale%201234").text
                #expect(found.contains("Vale 1234<") && !found.contains("Vale 1<"))
                #expect(try await client.get("\(path)?find=nobody").text.contains("No account matches"))
                for from in ["1499", "99999999999999999999", "9000", "-1", "x"] {
                    #expect(try await client.get("\(path)?from=\(from)").status == 200)
                }
            }
            // The form takes what the list does not offer.
            #expect(
                try await client.post("/ui/events", ["type": "button_press", "device": "door-1400"]).status == 303)
            #expect(simulator.deliveries.last?.device == "door-1400")
        }
    }

    @Test func aDeviceWithoutANameHasALink() async throws {
        let device = RingSimulatorDevice(id: "d1", kind: .doorbell, name: " ")
        try await self.page({ $0.accounts = [RingSimulatorAccount(state: .completed, devices: [device])] }) {
            _, client async throws in
            #expect(try await client.get("/").text.contains(">unnamed</a>"))
        }
    }

    @Test func formsAreTakenFromThisPageOnly() async throws {
        try await self.page { simulator, client async throws in
            for origin in [nil, "null", "http://127.0.0.1:1", "http://example.com"] as [String?] {
                let reply = try await client.post(
                    "/ui/unlink", ["account": simulator.accountID.rawValue], origin: origin)
                #expect(reply.status == 403, "\(origin ?? "none")")
            }
            #expect(simulator.accounts.first?.state == .completed)
            let reply = try await client.post("/ui/unlink", ["account": simulator.accountID.rawValue])
            #expect(reply.status == 303)
            #expect(simulator.accounts.first?.state == .removed)
        }
    }

    /// A form is followed by the page that it was on, never by another origin.
    @Test func aFormIsFollowedByThePageItWasOn() async throws {
        try await self.page { simulator, client async throws in
            let event = ["type": "motion_detected", "device": "Front Door", "quick": "1"]
            let onDevice = try await client.post("/ui/events", event, referrer: "/ui/device?id=x&done=clock")
            #expect(onDevice.location == "/ui/device?id=x&done=sent")
            let foreign = try await client.post("/ui/events", event, referrer: "http://example.com/")
            #expect(foreign.location == "/ui/deliveries?done=sent")
            let odd = try await client.post("/ui/events", event, referrer: "//example.com/")
            #expect(odd.location == "/ui/deliveries?done=sent")
            #expect(simulator.deliveries.count == 3)
            #expect(try await client.get("/ui/deliveries?done=sent").text.contains("The event happened."))
            #expect(try await !client.get("/ui/deliveries?done=%3Cb%3E").text.contains("class=\"notice"))
        }
    }

    @Test func anEventTakesItsOverrides() async throws {
        try await self.page { simulator, client async throws in
            let reply = try await client.post(
                "/ui/events",
                [
                    "type": "motion_detected", "device": simulator.id(.elite).rawValue, "sub_type": "vehicle",
                    "component_ids": "1, 2", "recording": "4.5",
                ])
            #expect(reply.status == 303)
            let body = try JSONAPIValue(parsing: try #require(simulator.deliveries.last).body)
            #expect(body["data"]?["attributes"]?["sub_type"]?.string == "vehicle")
            #expect(body["data"]?["attributes"]?["component_ids"]?.elements.compactMap(\.string) == ["1", "2"])
            let wrong = try await client.post(
                "/ui/events", ["type": "motion_detected", "recording": "soon", "sub_type": "dog"])
            #expect(wrong.status == 422)
            #expect(wrong.text.contains("Recording: a number of seconds"))
            // What was typed is still there.
            #expect(wrong.text.contains("value=\"dog\""))
        }
    }

    @Test func everyKindOfEventHasAPlaceInTheForm() async throws {
        try await self.page { _, client async throws in
            let text = try await client.get("/ui/events").text
            let types = text.split(separator: "<option value=\"").dropFirst().map { $0.prefix { $0 != "\"" } }
                .filter { $0.contains("_") && !$0.contains(".") && !["other_motion", "package_delivery"].contains($0) }
            #expect(types.count == 26)
        }
    }

    @Test func switchesChangeByTheForm() async throws {
        try await self.page { simulator, client async throws in
            simulator.change { $0.next[.mediaNotReady] = 2 }
            let reply = try await client.post(
                "/ui/switches",
                [
                    "was:clip_partial": "false", "clip_partial": "true", "was:whep_location": "absolute",
                    "whep_location": "missing", "was:history_page_size": "50", "history_page_size": "7",
                    // Gone down since the page was made, and not changed in it.
                    "was:media_not_ready": "3", "media_not_ready": "3",
                ])
            #expect(reply.status == 303)
            #expect(simulator.switches.media.contains(.partialClips))
            #expect(simulator.switches.sessionLocation == .missing)
            #expect(simulator.switches.limits[.historyPageSize] == 7)
            #expect(simulator.switches.next[.mediaNotReady] == 2)
            let wrong = try await client.post(
                "/ui/switches", ["was:history_page_size": "7", "history_page_size": "-1"])
            #expect(wrong.status == 422)
            #expect(wrong.text.contains("an integer from 0"))
            let rates = ["was:rate:api_failures": "0", "rate:api_failures": "0.25"]
            #expect(try await client.post("/ui/switches", rates).status == 303)
            #expect(simulator.switches.rates[.apiFailed] == 0.25)
            #expect(
                try await client.post("/ui/switches", ["was:rate:whep_failures": "0", "rate:whep_failures": "2"]).status
                    == 422)
            // A box that is not ticked is not sent.
            _ = try await client.post("/ui/switches", ["was:clip_partial": "true"])
            #expect(!simulator.switches.media.contains(.partialClips))
        }
    }

    @Test func everySwitchHasAMeaning() async throws {
        try await self.page { simulator, client async throws in
            let switches = try #require(try await send("GET", "\(simulator.controlURL)/switches").json)
            let text = try await client.get("/ui/switches").text
            for (name, _) in switches.members {
                let part = try #require(
                    text.split(separator: "id=\"h-\(name)\">").dropFirst().first, "\(name) is not on the page")
                #expect(!part.hasPrefix("</span>"), "\(name) has no meaning")
            }
        }
    }

    @Test func theClockMovesAndChangesItsSpeed() async throws {
        try await self.page { simulator, client async throws in
            let before = simulator.milliseconds
            #expect(try await client.post("/ui/clock", ["advance": "3600"]).status == 303)
            #expect(simulator.milliseconds - before >= 3_600_000)
            #expect(try await client.post("/ui/clock", ["speed": "60"]).status == 303)
            #expect(try await client.get("/ui/clock").text.contains("60 times as fast"))
            for wrong in [["advance": "-1"], ["advance": "x"], ["speed": "-1"], ["speed": "1e99"], [:]] {
                #expect(try await client.post("/ui/clock", wrong).status == 422, "\(wrong)")
            }
        }
    }

    @Test func theJournalIsFilteredAndHoldsNoSecret() async throws {
        try await self.page { simulator, client async throws in
            let token = try simulator.grantTokens().access
            _ = try await send("GET", "\(simulator.apiURL)/v1/devices", token: token)
            _ = try await send("GET", "\(simulator.apiURL)/v1/nothing", token: token)
            _ = try await simulator.token("grant_type=refresh_token&refresh_token=SECRET")
            let all = try await client.get("/ui/requests").text
            #expect(all.contains("GET /v1/devices") && all.contains("GET /v1/nothing") && all.contains("refresh_token"))
            let some = try await client.get("/ui/requests?status=4xx&path=nothing").text
            #expect(some.contains("GET /v1/nothing") && !some.contains("GET /v1/devices"))
            #expect(try await client.get("/ui/requests?path=zzz").text.contains("No request matches"))
            for number in 1...3 {
                let one = try await client.get("/ui/request?n=\(number)")
                #expect(one.status == 200)
                #expect(!one.text.contains(token) && !one.text.contains("SECRET"), "\(number)")
                #expect(!one.text.contains(simulator.configuration.clientSecret), "\(number)")
            }
            #expect(try await client.get("/ui/request?n=99").status == 404)
            #expect(try await client.post("/ui/requests", [:]).status == 303)
            #expect(try await client.get("/ui/requests").text.contains("No requests yet"))
        }
    }

    @Test func aDeliveryShowsItsAttemptsAndIsSentAgain() async throws {
        let receiver = try await Receiver([503, 200])
        try await self.page({ $0.webhookURL = receiver.url }) { simulator, client async throws in
            try simulator.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            await simulator.settle()
            let first = try await client.get("/ui/delivery?n=1").text
            #expect(first.contains("503") && first.contains("matches the body") && first.contains("pending"))
            simulator.advance(by: .seconds(2))
            await simulator.settle()
            #expect(try await client.get("/ui/deliveries").text.contains("delivered"))
            #expect(try await client.post("/ui/delivery", ["n": "1"]).status == 303)
            await simulator.settle()
            #expect(receiver.hooks.count == 3)
            #expect(Set(receiver.hooks.map(\.body)).count == 1)
            #expect(try await client.get("/ui/delivery?n=9").status == 404)
        }
        await receiver.stop()
    }

    @Test func picturesAndClipsAreForThePageAlone() async throws {
        try await self.page { simulator, client async throws in
            simulator.change { $0.next[.mediaNotReady] = 1 }
            let id = segment(simulator.id(.doorbell).rawValue)
            let still = try await client.get("/ui/still?device=\(id)")
            #expect(still.fields["Content-Type"] == "image/jpeg")
            #expect(still.body.starts(with: [0xFF, 0xD8, 0xFF]))
            let path = "/ui/clip?device=\(id)&start=\(simulator.milliseconds - 5000)&end=\(simulator.milliseconds)"
            let clip = try await client.get(path)
            #expect(clip.fields["Content-Type"] == "video/mp4")
            #expect(Array(clip.body[4..<8]) == Array("ftyp".utf8))
            let part = try await client.get(path, headers: ["Range": "bytes=0-99"])
            #expect(part.status == 206)
            #expect(part.body == Array(clip.body.prefix(100)))
            #expect(part.fields["Content-Range"] == "bytes 0-99/\(clip.body.count)")
            #expect(try await client.get("/ui/clip?device=\(id)").status == 404)
            #expect(try await client.get("/ui/still?device=nobody").status == 404)
            #expect(simulator.switches.next[.mediaNotReady] == 1)
            #expect(simulator.journal.isEmpty)
        }
    }

    @Test func linkingSaysWhatIsMissing() async throws {
        try await self.page({ $0.accounts = [RingSimulatorAccount()] }) { simulator, client async throws in
            let account = simulator.accountID.rawValue
            let early = try await client.get("/ui/link?account=\(account)")
            #expect(early.status == 200)
            #expect(early.text.contains("Your service has no URLs yet"))
            let wrong = try await client.post("/ui/urls", ["webhook_url": "ftp://x"])
            #expect(wrong.status == 422)
            let urls = ["token_exchange_url": "http://127.0.0.1:1/t", "account_link_url": "http://127.0.0.1:1/link"]
            #expect(try await client.post("/ui/urls", urls).status == 303)
            let consent = try await client.get("/ui/link?account=\(account)")
            #expect(consent.status == 200)
            // The browser may follow the consent to the service, and to nothing else.
            #expect(
                consent.fields["Content-Security-Policy"]?.contains("form-action 'self' http://127.0.0.1:1;") == true)
            let device = simulator.devices[0].id.rawValue
            let silent = try await client.post("/ui/link", ["account": account, "device": device])
            #expect(silent.status == 502)
            #expect(silent.text.contains("did not respond in time"))
            let none = try await client.post("/ui/link", ["account": account])
            #expect(none.status == 422)
            #expect(try await client.get("/ui/link?account=nobody").status == 404)
        }
    }

    @Test func anAccountComesBackAfterItsRemoval() async throws {
        try await self.page { simulator, client async throws in
            let account = ["account": simulator.accountID.rawValue]
            _ = try await client.post("/ui/unlink", account)
            #expect(simulator.deliveries.last?.type == "app_integration_removed")
            #expect(try await client.get("/ui/accounts").text.contains("Install again"))
            #expect(try await client.post("/ui/reinstall", account).status == 303)
            #expect(simulator.accounts.first?.state == .pending)
            #expect(try await client.get("/ui/accounts").text.contains("Link this account"))
        }
    }
}
