import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// Each route of the control origin, as a test in another process uses it.
@Suite(.timeLimit(.minutes(5))) struct ControlOriginTests {
    private func control(
        _ configure: (inout RingSimulatorConfiguration) -> Void = { _ in },
        _ test: (RingSimulator, (String, String, String?) async throws -> Reply) async throws -> Void
    ) async throws {
        try await Bench.run(configure) { bench in
            try await test(bench.simulator) { method, path, body in
                try await send(method, bench.simulator.controlURL + path, body: body)
            }
        }
    }

    @Test func theStateNamesAccountsAndDevices() async throws {
        try await self.control { simulator, request async throws in
            let state = try #require(try await request("GET", "/state", nil).json)
            let account = try #require(state["accounts"]?.elements.first)
            #expect(account["id"]?.string == simulator.accountID.rawValue)
            #expect(account["state"]?.string == "completed")
            #expect(account["devices"]?.elements.count == simulator.devices.count)
        }
    }

    @Test func theJournalIsReadAndForgotten() async throws {
        try await self.control { simulator, request async throws in
            _ = try await send("GET", "\(simulator.apiURL)/v1/devices?include=status", token: "wrong")
            let requests = try #require(try await request("GET", "/journal", nil).json?["requests"]?.elements)
            let last = try #require(requests.last)
            #expect(last["path"]?.string == "/v1/devices")
            #expect(last["query"]?.string == "include=status")
            #expect(last["status"]?.int64 == 401)
            #expect(last["authorization"]?.bool == true)
            #expect(last["account"]?.string == nil)
            #expect(try await request("DELETE", "/journal", nil).status == 204)
            #expect(try await request("GET", "/journal", nil).json?["requests"]?.elements.isEmpty == true)
        }
    }

    /// Secrets stand in the queries of the token endpoint and of media.
    @Test func theJournalHoldsNoSecret() async throws {
        try await self.control { simulator, request async throws in
            _ = try await send("GET", "\(simulator.oauthURL)/x?code=SECRET&access_token=SECRET&state=s")
            _ = try await send("GET", "\(simulator.mediaURL)/x?security_token=SECRET")
            let journal = try await request("GET", "/journal", nil)
            #expect(!journal.text.contains("SECRET"))
            #expect(journal.text.contains("state=s"))
        }
    }

    @Test func anAuthorizationAtTheMediaOriginIsFound() async throws {
        try await self.control { simulator, request in
            #expect(try await request("GET", "/authorization-check", nil).status == 200)
            _ = try await send("GET", "\(simulator.mediaURL)/clip", token: "t")
            let found = try await request("GET", "/authorization-check", nil)
            #expect(found.status == 409)
            #expect(found.json?["authorization_at_media_origin"]?.int64 == 1)
            #expect(simulator.mediaReceivedAuthorization)
        }
    }

    @Test(arguments: [
        ("PATCH", "/switches", "{"), ("PATCH", "/switches", #"{"nonsense":1}"#), ("POST", "/events", "{}"),
        ("POST", "/events", #"{"type":"motion_detected","odd":1}"#), ("POST", "/clock", "["),
    ])
    func badInputSaysWhatIsWrong(method: String, path: String, body: String) async throws {
        try await self.control { _, request in
            let reply = try await request(method, path, body)
            #expect(reply.status == 400)
            #expect(reply.error?["detail"]?.string?.isEmpty == false)
        }
    }

    @Test(arguments: [("PUT", "/"), ("GET", "/nothing"), ("POST", "/state"), ("DELETE", "/switches")])
    func whatThereIsNotIsNotFound(method: String, path: String) async throws {
        try await self.control { _, request async throws in #expect(try await request(method, path, nil).status == 404)
        }
    }

    @Test func everySwitchCanBeReadAndWrittenBack() async throws {
        try await self.control { simulator, request async throws in
            let switches = try #require(try await request("GET", "/switches", nil).json)
            let changed = try await request("PATCH", "/switches", JSONAPILiteral.value(switches).line)
            #expect(changed.json == switches)
            #expect(try await request("GET", "/switches", nil).json == switches)
            let some = #"{"webhook_version":"1.0","whep_location":"missing","media_body":"html","history_page_size":3}"#
            #expect(try await request("PATCH", "/switches", some).status == 200)
            #expect(simulator.switches.webhookVersion == .version1_0)
            #expect(simulator.switches.sessionLocation == .missing)
            #expect(simulator.switches.mediaBody == .html)
            #expect(simulator.switches.limits[.historyPageSize] == 3)
        }
    }

    @Test func webhooksGoToTheURLThatIsSet() async throws {
        let receiver = try await Receiver([503, 200])
        try await self.control { simulator, request async throws in
            #expect(try await request("POST", "/webhook", #"{"url":"\#(receiver.url)"}"#).status == 204)
            #expect(simulator.webhookURL == receiver.url)
            let event = #"{"type":"button_press","device":"Front Door"}"#
            let ids = try await request("POST", "/events", event).json?["request_ids"]?.elements.compactMap(\.string)
            for _ in 0..<2 { #expect(try await request("POST", "/clock", #"{"advance_ms":2000}"#).status == 200) }
            let deliveries = try await request("GET", "/deliveries", nil).json?["deliveries"]?.elements ?? []
            #expect(deliveries.compactMap { $0["request_id"]?.string } == ids)
            #expect(deliveries.first?["outcome"]?.string == "delivered")
            #expect(deliveries.first?["statuses"]?.elements.compactMap(\.int64) == [503, 200])
            #expect(deliveries.first?["body"]?.string.map { Array($0.utf8) } == receiver.hooks.first?.body)
            #expect(deliveries.first?["signature"]?.string == receiver.hooks.first?.signature)
        }
        await receiver.stop()
    }

    /// Nothing listens there, or it is no address on this machine: the attempt counts as one without a response.
    @Test(arguments: [
        "http://127.0.0.1:1/hook", "http://example.invalid/hook", "https://127.0.0.1/hook", "nonsense",
        "http://[::1]:1/",
    ])
    func aReceiverThatCannotBeReachedIsTriedAgain(url: String) async throws {
        try await self.control { simulator, request async throws in
            // The control origin refuses some of them; an application that starts the simulator may set any.
            simulator.webhookURL = url
            try simulator.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            await simulator.settle()
            for attempt in 1...7 {
                #expect(simulator.deliveries.map(\.statuses) == [Array(repeating: 0, count: attempt)])
                #expect(simulator.deliveries.map(\.outcome) == [attempt < 7 ? .pending : .deadLetter])
                simulator.advance(by: .seconds(3_600))
                await simulator.settle()
            }
            #expect(simulator.deliveries.first?.statuses.count == 7)
        }
    }

    @Test func codesAndTokensAreOfTheAccountThatIsNamed() async throws {
        let receiver = try await Receiver([202])
        let accounts = [RingSimulatorAccount(id: "one", state: .completed), RingSimulatorAccount(id: "two")]
        try await self.control({ $0.accounts = accounts }) { simulator, request async throws in
            let delivered = try await request("POST", "/code", #"{"account":"two","url":"\#(receiver.url)"}"#)
            #expect(delivered.json?["status"]?.int64 == 202)
            #expect(receiver.hooks.first.map { String(decoding: $0.body, as: UTF8.self) }?.contains("code=") == true)
            let code = try #require(
                try await request("POST", "/code", #"{"account":"two","code_challenge":"c"}"#).json?["code"]?.string)
            #expect(!code.isEmpty)
            let pair = try #require(try await request("POST", "/tokens", #"{"account":"two"}"#).json)
            let access = try #require(pair["access_token"]?.string)
            let me = try await send("GET", "\(simulator.apiURL)/v1/users/me", token: access)
            #expect(me.data?["id"]?.string == "two")
            #expect(simulator.isValid(refreshToken: pair["refresh_token"]?.string ?? ""))
            let redirect = try await request("POST", "/redirect", #"{"account":"two"}"#)
            #expect(redirect.json?["url"]?.string?.contains("nonce=") == true)
        }
        await receiver.stop()
    }

    @Test func heldRequestsAreReleasedOrClosed() async throws {
        try await self.control { simulator, request async throws in
            let refresh = try simulator.grantTokens().refresh
            simulator.change { $0.next[.refreshHeld] = 1 }
            let held = Task { try await simulator.token("grant_type=refresh_token&refresh_token=\(refresh)") }
            await simulator.waitUntilHeld(1)
            #expect(try await request("GET", "/held", nil).json?["held"]?.int64 == 1)
            #expect(try await request("POST", "/release", #"{"close":true}"#).status == 204)
            await #expect(throws: RingError.self) { try await held.value }
            #expect(try await request("GET", "/held", nil).json?["held"]?.int64 == 0)
            // Nothing was done: the token is good.
            #expect(try await simulator.token("grant_type=refresh_token&refresh_token=\(refresh)").status == 200)
        }
    }

    /// What an event or a device was named is shown by `curl` on a terminal, too.
    @Test func namesAreEscaped() async throws {
        let device = RingSimulatorDevice(id: "d1", kind: .camera, name: "a\u{9B}31m\u{7F}\u{202E}b")
        try await self.control({ $0.accounts = [RingSimulatorAccount(state: .completed, devices: [device])] }) {
            simulator, request async throws in
            let state = try await request("GET", "/state", nil)
            #expect(!state.text.unicodeScalars.contains(where: PrintableText.isControl))
            let token = try simulator.grantTokens().access
            let list = try await send("GET", "\(simulator.apiURL)/v1/devices", token: token)
            #expect(!list.text.unicodeScalars.contains(where: PrintableText.isControl))
            #expect(list.data?.elements.first?["attributes"]?["name"]?.string == device.name)
        }
    }
}
