import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// Mistakes are named, and nothing is done; what was removed can come back.
@Suite(.timeLimit(.minutes(5))) struct ControlMistakeTests {
    private func control(
        _ bench: Bench, _ method: String, _ path: String, _ body: String? = nil
    ) async throws -> Reply {
        try await send(method, bench.simulator.controlURL + path, body: body)
    }

    @Test(arguments: [
        (
            "POST", "/events", #"{"type":"motion_detected","device":"Front Dor"}"#,
            "event: /device: no device has the id or the name Front Dor; did you mean Front Door"
        ),
        (
            "POST", "/events", #"{"type":"motion_detected","account":"ava1.nobody"}"#,
            "event: /account: no account has the id ava1.nobody"
        ),
        (
            "POST", "/events", #"{"type":"motion_detected","devise":"Garden"}"#,
            "event: /devise: unknown member; did you mean device"
        ),
        ("POST", "/code", #"{"account":"nobody"}"#, "/account: no account has the id nobody"),
        ("POST", "/code", #"{"acount":"x"}"#, "/acount: unknown member; did you mean account"),
        ("POST", "/code", #"{"account":7}"#, "/account: a string is needed"),
        ("POST", "/code", #"{"url":"ftp://x/"}"#, #"/url: "ftp://x/" is not an http or https URL with a host"#),
        ("POST", "/redirect", #"{"account":"nobody"}"#, "/account: no account has the id nobody"),
        ("POST", "/tokens", #"{"account":"nobody"}"#, "/account: no account has the id nobody"),
        ("POST", "/webhook", #"{"urll":"http://127.0.0.1/"}"#, "/urll: unknown member; did you mean url"),
        ("POST", "/webhook", "{}", "/: the member url or token_exchange_url is missing"),
        ("POST", "/webhook", #"{"url":"nonsense"}"#, #"/url: "nonsense" is not an http or https URL with a host"#),
        ("POST", "/webhook", #"{"url":"http://example.org/hook"}"#, "/url: http goes to this machine only"),
        ("POST", "/webhook", #"{"url":7}"#, "/url: a string is needed"),
        ("POST", "/clock", #"{"advance":5}"#, "/advance: unknown member; did you mean advance_ms"),
        ("POST", "/clock", #"{"advance_ms":-5}"#, "/advance_ms: milliseconds from 0 to"),
        ("POST", "/clock", #"{"advance_ms":"5"}"#, "/advance_ms: milliseconds from 0 to"),
        ("POST", "/clock", #"{"speed":-1}"#, "/speed: a number from 0"),
        ("POST", "/clock", #"{"to":1000}"#, "/to: the time is in the past of the simulator"),
        ("POST", "/release", #"{"close":"yes"}"#, "/close: true or false is needed"),
        (
            "POST", "/reset", #"{"scenario":{"acounts":[]}}"#,
            "scenario: /scenario/acounts: unknown member; did you mean accounts"
        ),
        (
            "POST", "/import", #"{"state_version":99}"#,
            "import: its state version is 99, and this program reads version 1"
        ),
        ("POST", "/import", "{}", "import: /state_version is missing"),
        (
            "PATCH", "/switches", #"{"webhook_response_milliseconds":"x"}"#,
            "switches: /webhook_response_milliseconds: an integer"
        ),
        (
            "PATCH", "/switches", #"{"clip_delivery":"moved","clip_delivery":"direct"}"#,
            "/clip_delivery: the member is repeated"
        ),
    ])
    func isNamed(method: String, path: String, body: String, problem: String) async throws {
        try await Bench.run { bench async throws in
            let before = bench.simulator.switches
            let reply = try await self.control(bench, method, path, body)
            #expect(reply.status == 400)
            #expect(reply.error?["detail"]?.string?.hasPrefix(problem) == true, "\(reply.text)")
            #expect(bench.simulator.deliveries.isEmpty && bench.simulator.switches == before)
        }
    }

    /// A name of megabytes is not compared letter by letter with those that exist.
    @Test func aLongNameIsRefusedAtOnce() async throws {
        try await Bench.run { bench async throws in
            let name = String(repeating: "a", count: 4 << 20)
            let member = try await self.control(bench, "POST", "/clock", "{\"\(name)\":1}")
            #expect(member.status == 400)
            #expect(member.error?["detail"]?.string?.hasSuffix("…: unknown member") == true)
            let account = try await self.control(bench, "POST", "/tokens", "{\"account\":\"\(name)\"}")
            #expect(account.status == 400)
            let path = try await self.control(bench, "GET", "/" + name.prefix(20_000))
            #expect(path.status == 404)
        }
    }

    @Test func pathsThatDoNotExistAreNamed() async throws {
        try await Bench.run { bench async throws in
            let near = try await self.control(bench, "GET", "/delivery")
            #expect(near.status == 404 && near.error?["detail"]?.string?.contains("did you mean /deliveries") == true)
            let other = try await self.control(bench, "POST", "/journal")
            #expect(other.status == 404 && other.fields["Allow"] == "GET, DELETE")
            let account = try await self.control(bench, "GET", "/accounts/nobody")
            #expect(
                account.status == 404 && account.error?["detail"]?.string?.contains("no account has the id") == true)
            #expect(try await self.control(bench, "POST", "/sessions/x/end").status == 404)
        }
    }

    /// A device of another account is no device of this one.
    @Test func anEventOfADeviceIsOfItsAccount() async throws {
        let garden = RingSimulatorDevice(id: "d2", kind: .camera, name: "Yard")
        try await Bench.run({
            $0.accounts.append(RingSimulatorAccount(id: "two", state: .completed, devices: [garden]))
        }) { bench async throws in
            let wrong = try await self.control(
                bench, "POST", "/events", #"{"type":"motion_detected","device":"Garden","account":"two"}"#)
            #expect(wrong.status == 400)
            let right = try await self.control(
                bench, "POST", "/events", #"{"type":"motion_detected","device":"Yard","account":"two"}"#)
            #expect(right.json?["deliveries"]?.elements.compactMap(\.int64) == [1])
        }
    }

    @Test func codesGoToTheTokenExchangeURL() async throws {
        let receiver = try await Receiver([202])
        try await Bench.run({ $0.tokenExchangeURL = receiver.url }) { bench async throws in
            // Without url and deliver it is returned, as before.
            #expect(try await self.control(bench, "POST", "/code", "{}").json?["code"]?.string != nil)
            #expect(receiver.hooks.isEmpty)
            let delivered = try await self.control(bench, "POST", "/code", #"{"deliver":true}"#)
            #expect(delivered.json?["status"]?.int64 == 202)
            #expect(receiver.hooks.count == 1)
            #expect(
                try await self.control(bench, "POST", "/webhook", #"{"token_exchange_url":null}"#).status == 204)
            let nowhere = try await self.control(bench, "POST", "/code", #"{"deliver":true}"#)
            #expect(nowhere.status == 409)
            #expect(nowhere.error?["detail"]?.string?.contains("no Token Exchange URL") == true)
            let urls = try #require(try await self.control(bench, "GET", "/webhook").json)
            #expect(urls["token_exchange_url"] == nil && urls["url"] == nil)
        }
        await receiver.stop()
    }

    /// A removed account comes back: the user installs the app again.
    @Test func anAccountIsRemovedAndInstalledAgain() async throws {
        try await Bench.run { bench async throws in
            let path = "/accounts/\(segment(bench.simulator.accountID.rawValue))"
            #expect(try await self.control(bench, "POST", "\(path)/reinstall").status == 409)
            let refresh = try bench.simulator.grantTokens().refresh
            let removed = try await self.control(bench, "POST", "\(path)/unlink")
            #expect(removed.status == 200 && removed.json?["state"]?.string == "removed")
            #expect(bench.simulator.deliveries.map(\.type) == ["app_integration_removed"])
            #expect(try await bench.get("/v1/devices").status == 401)
            #expect(try await self.control(bench, "POST", "\(path)/unlink").status == 409)
            let back = try await self.control(bench, "POST", "\(path)/reinstall")
            #expect(back.status == 200 && back.json?["state"]?.string == "pending")
            #expect(back.json?["devices"]?.elements.count == 7)
            // What was issued before stays dead; a new code is good.
            #expect(try await bench.get("/v1/devices").status == 401)
            #expect(!bench.simulator.isValid(refreshToken: refresh))
            let code = try bench.simulator.issueCode()
            #expect(
                try await bench.simulator.token("grant_type=authorization_code&code=\(segment(code))").status == 200)
        }
    }

    @Test func switchesAreDescribed() async throws {
        try await Bench.run { bench async throws in
            #expect(try await self.control(bench, "PATCH", "/switches", #"{"media_cuts":2}"#).status == 200)
            let described = try #require(
                try await self.control(bench, "GET", "/switches/descriptions").json?["switches"]?.elements)
            let names = try #require(try await self.control(bench, "GET", "/switches").json?.members.map(\.name))
            #expect(described.compactMap { $0["name"]?.string } == names)
            for entry in described {
                #expect(entry["description"]?.string?.isEmpty == false, "\(entry["name"]?.string ?? "")")
                #expect(entry["schema"]?["type"]?.string != nil)
            }
            let cuts = try #require(described.first { $0["name"]?.string == "media_cuts" })
            #expect(cuts["value"]?.int64 == 2 && cuts["default"]?.int64 == 0)
            let body = try #require(described.first { $0["name"]?.string == "media_body" })
            #expect(body["schema"]?["enum"]?.elements.compactMap(\.string) == ["real", "html", "json", "garbage"])
            #expect(try await self.control(bench, "POST", "/switches/reset").json?["media_cuts"]?.int64 == 0)
        }
    }
}
