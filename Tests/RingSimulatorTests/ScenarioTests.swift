import RingCore
import RingJSONAPI
import RingSimulator
import Testing

@Suite struct ScenarioTests {
    private func message(_ scenario: String) -> String? {
        do {
            _ = try RingSimulatorConfiguration(scenario: Array(scenario.utf8))
            return nil
        } catch {
            return error.message
        }
    }

    @Test func everyMemberIsRead() throws {
        let text = """
            {"seed": 7, "port": 8500, "speed": 60, "short_ids": true, "webhook_url": "http://127.0.0.1:1/hook",
             "token_exchange_url": "http://127.0.0.1:1/code", "account_link_url": "http://127.0.0.1:1/link",
             "redirect_uri": "http://127.0.0.1:1/back",
             "client": {"id": "app", "secret": "s", "hmac_key": "k"},
             "switches": {"clip_delivery": "moved", "webhooks_withheld": false, "code_seconds": 5, "chime_status": 204},
             "accounts": [{"id": "account-1", "first_name": "Ada", "last_name": "B", "email": "a@example.org",
                           "phone_number": null, "state": "awaiting", "subscriptions": 2,
                           "devices": [{"id": "d1", "kind": "elite", "name": "Gate", "online": false,
                                        "line_powered": false}, {"kind": "chime"}]}],
             "events": [{"type": "motion_detected", "device": "Gate", "account": "account-1", "sub_type": "human",
                         "component_ids": ["1"], "recording_ms": 9000, "after_ms": 1500}]}
            """
        let configuration = try RingSimulatorConfiguration(scenario: Array(text.utf8))
        #expect((configuration.seed, configuration.port, configuration.speed) == (7, 8500, 60))
        #expect(configuration.usesShortIDs)
        #expect((configuration.clientID, configuration.clientSecret, configuration.hmacKey) == ("app", "s", "k"))
        #expect(configuration.tokenExchangeURL == "http://127.0.0.1:1/code")
        #expect(configuration.redirectURI == "http://127.0.0.1:1/back")
        #expect(configuration.switches.clipDelivery == .moved)
        #expect(configuration.switches.webhooks.isEmpty)
        #expect(configuration.switches.limits == [.codeSeconds: 5])
        #expect(configuration.switches.statuses == [.chimePlayed: 204])
        let account = try #require(configuration.accounts.first)
        #expect(
            account
                == RingSimulatorAccount(
                    id: "account-1", firstName: "Ada", lastName: "B", email: "a@example.org", phoneNumber: nil,
                    state: .awaiting,
                    devices: [
                        RingSimulatorDevice(
                            id: "d1", kind: .elite, name: "Gate", isOnline: false, isLinePowered: false),
                        RingSimulatorDevice(kind: .chime, name: "Device 2"),
                    ], subscriptionCount: 2))
        #expect(
            configuration.events == [
                RingSimulatorEvent(
                    type: "motion_detected", device: "Gate", account: "account-1", subType: "human",
                    componentIDs: ["1"], recording: .seconds(9), delay: .milliseconds(1500))
            ])
    }

    @Test func aByteOrderMarkIsIgnoredAndAnOddStringIsAnError() throws {
        #expect(try RingSimulatorConfiguration(scenario: Array("\u{feff}{\"seed\":7}".utf8)).seed == 7)
        #expect(self.message(#"{"webhook_url":"\ud800"}"#)?.contains("/webhook_url") == true)
    }

    @Test(arguments: [
        (#"{"sede":1}"#, "/sede: unknown member; did you mean seed"),
        (#"{"client":{"secrte":"x"}}"#, "/client/secrte: unknown member; did you mean secret"),
        (#"{"accounts":[{},{"frist_name":"x"}]}"#, "/accounts/1/frist_name: unknown member; did you mean first_name"),
        (
            #"{"accounts":[{"devices":[{"kind":"camera","colour":"red"}]}]}"#,
            "/accounts/0/devices/0/colour: unknown member"
        ),
        (#"{"events":[{"type":"x","recording":1}]}"#, "/events/0/recording: unknown member; did you mean recording_ms"),
        (
            #"{"switches":{"clip_delivry":"direct"}}"#,
            "/switches/clip_delivry: unknown member; did you mean clip_delivery"
        ),
    ])
    func anUnknownMemberIsAnErrorAtEveryDepth(scenario: String, message: String) {
        #expect(self.message(scenario) == "scenario: \(message)")
    }

    @Test(arguments: [
        ("[]", "/: an object is needed"),
        (#"{"port":"8500"}"#, "/port: an integer from 0 to 1000000000 is needed"),
        (#"{"short_ids":1}"#, "/short_ids: true or false is needed"),
        (#"{"accounts":{}}"#, "/accounts: the member count is missing"),
        (#"{"accounts":7}"#, "/accounts: an array or an object is needed"),
        (#"{"accounts":[7]}"#, "/accounts/0: an object is needed"),
        (
            #"{"accounts":[{"state":"done"}]}"#,
            "/accounts/0/state: unknown value done; use pending, awaiting, completed, removed"
        ),
        (#"{"accounts":[{"devices":[{"name":"Gate"}]}]}"#, "/accounts/0/devices/0: the member kind is missing"),
        (
            #"{"accounts":[{"devices":[{"kind":"camera","online":"yes"}]}]}"#,
            "/accounts/0/devices/0/online: true or false is needed"
        ),
        (#"{"events":[{}]}"#, "/events/0: the member type is missing"),
        (#"{"seed":1,"seed":2}"#, "/seed: the member is repeated"),
        (#"{"speed":-5}"#, "/speed: a number above 0 is needed"),
        (
            #"{"switches":{"access_token_seconds":9223372036854775807}}"#,
            "/switches/access_token_seconds: an integer from 0 to 1000000000 is needed"
        ),
        (
            #"{"accounts":[{"devices":[{"kind":"camera","id":"d"},{"kind":"chime","id":"d"}]}]}"#,
            "/: two devices have the same id"
        ),
        (#"{"accounts":[{"id":"a"},{"id":"a"}]}"#, "/: two accounts have the same id"),
        (
            #"{"accounts":[{"devices":[{"kind":"camera","id":"d"}]}],"events":[{"type":"x","device":"e"}]}"#,
            "/events/0/device: no device has the id or the name e"
        ),
        (
            #"{"accounts":[{"id":"a"}],"events":[{"type":"x","account":"b"}]}"#,
            "/events/0/account: no account has the id b"
        ),
        (
            #"{"switches":{"media_body":"text"}}"#,
            "/switches/media_body: unknown value text; use real, html, json, garbage"
        ),
        (#"{"switches":{"media_cuts":-1}}"#, "/switches/media_cuts: an integer from 0 to 1000000000 is needed"),
        (#"{"switches":{"media_everywhere":"yes"}}"#, "/switches/media_everywhere: true or false is needed"),
        (
            #"{"switches":{"removed_device_status":200}}"#,
            "/switches/removed_device_status: a status from 400 to 599 is needed"
        ),
    ])
    func aValueOfTheWrongKindIsAnError(scenario: String, message: String) {
        #expect(self.message(scenario) == "scenario: \(message)")
    }

    @Test func namesOfEarlierVersionsStayReadable() throws {
        let text = """
            {"switches": {"refresh_answers_to_lose": 1, "refresh_answers_to_hold": 2, "integration_flat_answers": true,
                          "webhook_answer_milliseconds": 100}}
            """
        let switches = try RingSimulatorConfiguration(scenario: Array(text.utf8)).switches
        #expect(switches.next == [.refreshResponseLost: 1, .refreshResponseHeld: 2])
        #expect(switches.linking == RingSimulatorSwitches().linking.union([.flatIntegrations]))
        #expect(switches.limits == [.webhookResponseMilliseconds: 100])
    }

    /// What the control origin shows can be sent back, so every switch has a name, a value and a reader.
    @Test func allSwitchesCanBeReadAndWrittenBack() async throws {
        try await Bench.run { bench async throws in
            let control = bench.simulator.controlURL
            bench.simulator.change { switches in
                for failure in RingSimulatorSwitches.Failure.allCases { switches.next[failure] = 3 }
                for limit in RingSimulatorSwitches.Limit.allCases { switches.limits[limit] = 4 }
                switches.devices = Set(RingSimulatorSwitches.DeviceBehavior.allCases)
                switches.mediaBody = .garbage
                switches.tokenErrorForm = .empty
            }
            let changed = bench.simulator.switches
            let shown = try await RingSimulatorTests.send("GET", "\(control)/switches")
            bench.simulator.switches = RingSimulatorSwitches()
            let patched = try await RingSimulatorTests.send("PATCH", "\(control)/switches", body: shown.text)
            #expect(patched.status == 200)
            let now = bench.simulator.switches
            #expect(now.next == changed.next)
            #expect(now.limits == changed.limits)
            #expect(now.devices == changed.devices)
            #expect((now.mediaBody, now.tokenErrorForm) == (.garbage, .empty))
            let names = shown.json?.members.map(\.name) ?? []
            #expect(names.count == 132)
            #expect(Set(names).count == names.count)
        }
    }

    @Test func aWrongSwitchOfTheControlOriginChangesNothing() async throws {
        try await Bench.run { bench async throws in
            let control = bench.simulator.controlURL
            let before = bench.simulator.switches
            let body = #"{"media_cuts":2,"media_cutz":1}"#
            let refused = try await RingSimulatorTests.send("PATCH", "\(control)/switches", body: body)
            #expect(refused.status == 400)
            #expect(
                refused.error?["detail"]?.string == "switches: /media_cutz: unknown member; did you mean media_cuts")
            #expect(bench.simulator.switches == before)
            let event = try await RingSimulatorTests.send("POST", "\(control)/events", body: #"{"typ":"x"}"#)
            #expect(event.error?["detail"]?.string == "event: /typ: unknown member; did you mean type")
            #expect(try await RingSimulatorTests.send("PATCH", "\(control)/switches", body: "{").status == 400)
        }
    }
}
