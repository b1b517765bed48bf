import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// Calls that wait for something or assert something, as tests in other languages use them.
@Suite(.timeLimit(.minutes(5))) struct ControlWaitTests {
    private func control(
        _ bench: Bench, _ method: String, _ path: String, _ body: String? = nil
    ) async throws -> Reply {
        try await send(method, bench.simulator.controlURL + path, body: body)
    }

    @Test func itWaitsForARequest() async throws {
        try await Bench.run { bench async throws in
            let wait = Task {
                try await self.control(
                    bench, "POST", "/wait",
                    #"{"requests":{"path":"/v1/devices","status":"2xx"},"count":2,"timeout_ms":60000}"#)
            }
            for _ in 0..<2 { #expect(try await bench.get("/v1/devices").status == 200) }
            let reply = try await wait.value
            #expect(reply.status == 200 && reply.json?["found"]?.int64 == 2)
            #expect(reply.json?["records"]?.at(0)?["path"]?.string == "/v1/devices")
        }
    }

    @Test func itWaitsForADeliveryASessionAHeldRequestAndAState() async throws {
        let receiver = try await Receiver([503, 200])
        try await Bench.run({ $0.accounts.append(RingSimulatorAccount(id: "two")) }) { bench async throws in
            bench.simulator.webhookURL = receiver.url
            try bench.simulator.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            let delivered = Task {
                try await self.control(
                    bench, "POST", "/wait",
                    #"{"deliveries":{"outcome":"delivered","device":"Front Door"},"timeout_ms":60000}"#)
            }
            #expect(try await self.control(bench, "POST", "/wait", #"{"settled":true}"#).status == 200)
            bench.simulator.advance(by: .seconds(1))
            #expect(try await delivered.value.status == 200)

            bench.simulator.change { $0.next[.refreshHeld] = 1 }
            let refresh = try bench.simulator.grantTokens().refresh
            let held = Task { try await bench.simulator.token("grant_type=refresh_token&refresh_token=\(refresh)") }
            #expect(try await self.control(bench, "POST", "/wait", #"{"held":true,"timeout_ms":60000}"#).status == 200)
            #expect(try await self.control(bench, "POST", "/release").status == 204)
            #expect(try await held.value.status == 200)

            let state = Task {
                try await self.control(
                    bench, "POST", "/wait", #"{"account":"two","state":"completed","timeout_ms":60000}"#)
            }
            #expect(
                try await self.control(bench, "PATCH", "/accounts/two", #"{"state":"completed"}"#).status == 200)
            #expect(try await state.value.status == 200)

            let sessions = try await self.control(bench, "POST", "/wait", #"{"sessions":true,"timeout_ms":1}"#)
            #expect(sessions.status == 409)
        }
        await receiver.stop()
    }

    @Test func theEndOfTheTimeSaysWhatThereWas() async throws {
        try await Bench.run { bench async throws in
            _ = try await bench.get("/v1/nothing")
            let reply = try await self.control(
                bench, "POST", "/wait", #"{"requests":{"path":"/v1/devices"},"timeout_ms":1}"#)
            #expect(reply.status == 409 && reply.json?["found"]?.int64 == 0)
            #expect(
                reply.error?["detail"]?.string
                    == "after 1 ms: 0 of 1 requests match; the last requests are GET /v1/nothing (404)")
        }
    }

    @Test func itAssertsCounts() async throws {
        try await Bench.run { bench async throws in
            for _ in 0..<3 { _ = try await bench.get("/v1/devices") }
            func check(_ body: String) async throws -> Reply { try await self.control(bench, "POST", "/assert", body) }
            #expect(try await check(#"{"requests":{"path":"/v1/devices"}}"#).status == 200)
            #expect(try await check(#"{"requests":{"path":"/v1/devices"},"count":3}"#).status == 200)
            #expect(try await check(#"{"requests":{"path":"/v1/devices"},"maximum":3}"#).status == 200)
            #expect(try await check(#"{"requests":{"status":"5xx"},"maximum":0}"#).status == 200)
            let wrong = try await check(#"{"requests":{"path":"/v1/devices"},"count":2}"#)
            #expect(wrong.status == 409 && wrong.json?["found"]?.int64 == 3)
            #expect(wrong.json?["records"]?.elements.count == 3)
            #expect(wrong.error?["detail"]?.string?.hasPrefix("3 requests match, exactly 2 wanted") == true)
            #expect(try await check(#"{"requests":{"after_number":3}}"#).status == 409)
            #expect(try await check(#"{"deliveries":{},"count":0}"#).status == 200)
            #expect(try await check(#"{"account":"\#(bench.simulator.accountID)","state":"completed"}"#).status == 200)
        }
    }

    @Test(arguments: [
        ("{}", "/: one of requests, deliveries, held, sessions, state with account, and settled is needed"),
        (#"{"request":{}}"#, "/request: unknown member; did you mean requests"),
        (#"{"requests":{"pth":"/"}}"#, "/requests/pth: unknown member; did you mean path"),
        (#"{"requests":{},"held":true}"#, "/: one of requests"),
        (
            #"{"deliveries":{"device":"Frnt Door"}}"#,
            "/deliveries/device: no device has the id or the name Frnt Door; did"
        ),
        (#"{"deliveries":{"outcome":"done"}}"#, "/deliveries/outcome: unknown value done; use withheld, pending"),
        (#"{"requests":{},"count":-1}"#, "/count: an integer from 0"),
        (#"{"state":"linked"}"#, "/state: unknown value linked; use pending, awaiting, completed, removed"),
        (#"{"held":false}"#, "/held: true is needed"),
    ])
    func aWrongConditionIsNamed(body: String, problem: String) async throws {
        try await Bench.run { bench async throws in
            let reply = try await self.control(bench, "POST", "/wait", body)
            #expect(reply.status == 400)
            #expect(reply.error?["detail"]?.string?.hasPrefix(problem) == true, "\(reply.text)")
        }
    }

    @Test func changesAreTold() async throws {
        try await Bench.run { bench async throws in
            let before = try #require(try await self.control(bench, "GET", "/changes?timeout_ms=0").json)
            let version = try #require(before["version"]?.int64)
            let quiet = try await self.control(bench, "GET", "/changes?after=\(version)&timeout_ms=1")
            #expect(quiet.json?["topics"]?.elements.count == 0 && quiet.json?["version"]?.int64 == version)
            let change = Task {
                try await self.control(bench, "GET", "/changes?after=\(version)&timeout_ms=60000")
            }
            try bench.simulator.trigger(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            let reply = try await change.value
            #expect(reply.json?["topics"]?.elements.compactMap(\.string).contains("deliveries") == true)
            #expect((reply.json?["version"]?.int64 ?? 0) > version)
        }
    }
}
