import RingJSONAPI
import RingSimulator
import Testing

@Suite struct ControlTests {
    @Test func controlsItFromAnotherProcess() async throws {
        var configuration = RingSimulatorConfiguration.still
        configuration.accounts = [RingSimulatorAccount(state: .completed)]
        let simulator = try await RingSimulator.start(configuration)
        let control = simulator.controlURL
        #expect(try await send("PATCH", "\(control)/switches", body: #"{"nonsense":1}"#).status == 400)
        #expect(try await send("PATCH", "\(control)/switches", body: #"{"api_failures":"x"}"#).status == 400)
        let changed = try await send(
            "PATCH", "\(control)/switches", body: #"{"api_failures":1,"clip_delivery":"moved"}"#)
        #expect(changed.json?["clip_delivery"]?.string == "moved")
        let tokens = try await send("POST", "\(control)/tokens", body: "{}")
        let token = try #require(tokens.json?["access_token"]?.string)
        #expect(try await send("GET", "\(simulator.apiURL)/v1/devices", token: token).status == 500)
        #expect(try await send("GET", "\(simulator.apiURL)/v1/devices", token: token).status == 200)
        let event = #"{"type":"button_press","device":"Front Door"}"#
        #expect(try await send("POST", "\(control)/events", body: event).json?["request_ids"]?.elements.count == 1)
        #expect(try await send("GET", "\(control)/deliveries").json?["deliveries"]?.elements.count == 1)
        #expect(try await send("GET", "\(control)/journal").json?["requests"]?.elements.count == 2)
        #expect(try await send("GET", "\(control)/authorization-check").status == 200)
        #expect(try await send("POST", "\(control)/redirect", body: "{}").json?["nonce"]?.string?.utf8.count == 43)
        #expect(try await send("POST", "\(control)/code", body: "{}").json?["code"]?.string != nil)
        #expect(try await send("POST", "\(control)/clock", body: #"{"advance_ms":14400001}"#).status == 200)
        #expect(try await send("GET", "\(simulator.apiURL)/v1/devices", token: token).status == 401)
        await simulator.stop()
    }

    @Test func readsAScenarioAndNamesWhatIsWrong() throws {
        let text = """
            {"seed": 7, "short_ids": true, "switches": {"rate_limit": 5},
             "accounts": [{"id": "ava1.ring.account.A", "state": "completed",
                           "devices": [{"kind": "chime", "name": "Hall"}]}],
             "events": [{"after_ms": 1000, "type": "motion_detected", "device": "Hall"}]}
            """
        let configuration = try RingSimulatorConfiguration(scenario: Array(text.utf8))
        #expect(configuration.seed == 7 && configuration.switches.limits == [.requestsPerSecond: 5])
        #expect(configuration.accounts.first?.devices.map(\.kind) == [.chime])
        for (wrong, word) in [
            (#"{"sede":1}"#, "sede"),
            (#"{"accounts":[{"devices":[{"kind":"toaster"}]}]}"#, "/accounts/0/devices/0/kind"),
            ("[", "scenario"), (#"{"switches":{"x":1}}"#, "/switches/x"),
        ] {
            #expect { try RingSimulatorConfiguration(scenario: Array(wrong.utf8)) } throws: { "\($0)".contains(word) }
        }
    }

    @Test func theSameSeedGivesTheSameIds() async throws {
        let (first, second) = (try await RingSimulator.start(), try await RingSimulator.start())
        #expect(first.devices == second.devices)
        #expect(try first.issueCode() == second.issueCode())
        await first.stop()
        await second.stop()
    }
}
