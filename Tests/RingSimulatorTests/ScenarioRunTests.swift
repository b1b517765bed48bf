import RingCore
import RingJSONAPI
import RingSimulator
import RingTesting
import Testing

/// Each built-in scenario, as a client sees it. The clock is moved, so nothing waits.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ScenarioRunTests {
    private struct World {
        let simulator: RingSimulator
        let receiver: Receiver

        /// A device's history: the types and starts, the newest first.
        func history(_ device: String, token: String) async throws -> [(type: String, start: Int64)] {
            let url = "\(self.simulator.apiURL)/v1/history/devices/\(device)/events"
            let page = try await RingSimulatorTests.send("GET", url, token: token)
            return (page.data?.elements ?? []).map {
                ($0["attributes"]?["event_type"]?.string ?? "", $0["attributes"]?["start"]?.int64 ?? 0)
            }
        }

        var types: [String] {
            self.receiver.hooks.compactMap { hook in
                (try? JSONAPIValue(parsing: hook.body))?["data"]?["type"]?.string
            }
        }

        /// Moves the clock and waits for what becomes due.
        func pass(_ duration: Duration) async {
            self.simulator.advance(by: duration)
            await self.simulator.settle()
        }
    }

    private func run(_ name: String, _ test: (World) async throws -> Void) async throws {
        let receiver = try await Receiver()
        var configuration = try RingSimulatorConfiguration(scenarioNamed: name)
        configuration.webhookURL = receiver.url
        // The clock stands still but for the test.
        configuration.speed = 0
        configuration.switches.limits[.webhookResponseMilliseconds] = 600_000
        let simulator = try await RingSimulator.start(configuration)
        do {
            try await test(World(simulator: simulator, receiver: receiver))
        } catch {
            await simulator.stop()
            await receiver.stop()
            throw error
        }
        await simulator.stop()
        await receiver.stop()
    }

    @Test func aDelivery() async throws {
        try await self.run("delivery") { world async throws in
            await world.pass(.seconds(12))
            #expect(world.types.sorted() == ["button_press", "motion_detected", "motion_detected"])
            await world.pass(.seconds(60))
            #expect(world.types.count == 4)
            let token = try world.simulator.grantTokens().access
            let door = try await world.history("front-door", token: token)
            #expect(door.map(\.type) == ["ding", "motion"])
            let body = #"{"timestamp":\#(door[1].start),"duration":20000}"#
            let clip = try await send(
                "POST", "\(world.simulator.apiURL)/v1/devices/front-door/media/video/download", token: token,
                body: body)
            #expect(clip.status == 303)
            #expect(try await send("GET", clip.location).status == 200)
            let zones = try await send(
                "GET", "\(world.simulator.apiURL)/v1/devices/driveway/configurations", token: token)
            let image = zones.data?["attributes"]?["image_enhancements"]
            #expect(image?["privacy_zones"]?.elements.first?["vertices"]?.elements.count == 4)
        }
    }

    @Test func aFlood() async throws {
        try await self.run("flood") { world async throws in
            let token = try world.simulator.grantTokens().access
            // The week before is in the history, and was not reported.
            let past = try await world.history("garden", token: token)
            #expect(past.count == 27)
            #expect(world.types == [])
            let now = world.simulator.milliseconds
            #expect(past.allSatisfy { $0.start < now && $0.start > now - 8 * 86_400_000 })
            let status = "\(world.simulator.apiURL)/v1/devices/cellar/status"
            await world.pass(.seconds(6))
            #expect(world.types == ["flood_detected"])
            let wet = try await send("GET", status, token: token).data?["attributes"]?["flood_detection"]
            #expect(wet?["faulted"]?.bool == true)
            await world.pass(.seconds(60))
            #expect(world.types.sorted() == ["flood_cleared", "flood_detected", "motion_detected"])
            let dry = try await send("GET", status, token: token).data?["attributes"]?["flood_detection"]
            #expect(dry?["faulted"]?.bool == false)
        }
    }

    @Test func aFlappingDevice() async throws {
        try await self.run("flapping") { world async throws in
            let token = try world.simulator.grantTokens().access
            var states: [Bool?] = []
            for _ in 0..<6 {
                await world.pass(.seconds(2))
                let status = try await send("GET", "\(world.simulator.apiURL)/v1/devices/shed/status", token: token)
                states.append(status.data?["attributes"]?["online"]?.bool)
            }
            // Offline after 2, 6 and 10 s, back after 4, 8 and 12.
            #expect(states == [false, true, false, true, false, true])
            #expect(world.types.count { $0 == "device_offline" } == 3)
            await world.pass(.seconds(300))
            #expect(world.types.count { $0 == "device_online" } == 30)
        }
    }

    @Test func anUnlinkDuringAStream() async throws {
        try await self.run("unlink") { world async throws in
            let token = try world.simulator.grantTokens(account: "account-unlink").access
            let other = try world.simulator.grantTokens(account: "account-other").access
            await world.pass(.seconds(3))
            let sessions = "\(world.simulator.apiURL)/v1/devices/front-door/media/streaming/whep/sessions"
            let opened = try await send("POST", sessions, token: token, type: "application/sdp", body: Bench.offer())
            #expect(opened.status == 201)
            await world.pass(.seconds(20))
            #expect(world.types.contains("app_integration_removed"))
            #expect(try await send("GET", "\(world.simulator.apiURL)/v1/devices", token: token).status == 401)
            #expect(try await send("DELETE", opened.location, token: token).status == 401)
            #expect(try await send("GET", "\(world.simulator.apiURL)/v1/devices", token: other).status == 200)
            await world.pass(.seconds(10))
            #expect(world.types.last == "motion_detected")
        }
    }

    @Test func aTokenOutage() async throws {
        try await self.run("token-outage") { world async throws in
            let pair = try world.simulator.grantTokens()
            func refresh(_ token: String) async throws -> Reply {
                try await world.simulator.token("grant_type=refresh_token&refresh_token=\(token)")
            }
            let first = try await refresh(pair.refresh)
            #expect(first.status == 200)
            let token = try #require(first.json?["refresh_token"]?.string)
            await world.pass(.seconds(31))
            for _ in 0..<5 { #expect(try await refresh(token).status == 503) }
            await world.pass(.seconds(30))
            let access = try #require(first.json?["access_token"]?.string)
            #expect(try await send("GET", "\(world.simulator.apiURL)/v1/devices", token: access).status == 401)
            // Nothing was done, so the token still works when the outage is over.
            await world.pass(.seconds(200))
            #expect(try await refresh(token).status == 200)
        }
    }

    @Test func mondayMorning() async throws {
        try await self.run("monday-morning") { world async throws in
            world.simulator.change { $0.rates = [:] }
            let accounts = world.simulator.accounts
            #expect(accounts.count == 10_000)
            #expect(accounts.last?.devices.map(\.id.rawValue) == ["door-10000", "drive-10000"])
            let token = try world.simulator.grantTokens(account: "account-10000").access
            let me = try await send("GET", "\(world.simulator.apiURL)/v1/users/me", token: token)
            #expect(me.data?["attributes"]?["last_name"]?.string == "Vale 10000")
            // Three seconds of the morning: nine doorbells, one household after the other.
            await world.pass(.seconds(8))
            let households = world.receiver.hooks.compactMap { hook in
                (try? JSONAPIValue(parsing: hook.body))?["meta"]?["account_id"]?.string
            }
            #expect(households.sorted() == (1...9).map { "account-\($0)" })
            // Half a minute later, the cars of the first ones.
            await world.pass(.seconds(20))
            let drives = try await world.history(
                "drive-1", token: try world.simulator.grantTokens(account: "account-1").access)
            #expect(drives.map(\.type) == ["motion"])
        }
    }

    /// Rates are drawn from the seed, and change no id.
    @Test func ratesAreDrawnFromTheSeed() async throws {
        var runs: [[Int]] = []
        for _ in 0..<2 {
            try await Bench.run({ $0.switches.rates = [.apiFailed: 0.3] }) { bench async throws in
                var statuses: [Int] = []
                for _ in 0..<60 { statuses.append(try await bench.get("/v1/devices").status) }
                runs.append(statuses)
            }
        }
        #expect(runs[0] == runs[1])
        let failures = runs[0].count { $0 == 500 }
        #expect((8...30).contains(failures))
        let plain = try await RingSimulator.start()
        var configuration = RingSimulatorConfiguration()
        configuration.switches.rates = [.apiFailed: 1]
        let failing = try await RingSimulator.start(configuration)
        #expect(plain.devices == failing.devices)
        #expect(try plain.issueCode() == failing.issueCode())
        await plain.stop()
        await failing.stop()
    }

    @Test func camerasHaveZonesOfTheirOwn() async throws {
        try await Bench.run { bench async throws in
            let camera = try await bench.get("\(bench.device(.camera))/configurations").data?["attributes"]
            let doorbell = try await bench.get("\(bench.device(.doorbell))/configurations").data?["attributes"]
            let privacy = camera?["image_enhancements"]?["privacy_zones"]?.elements ?? []
            #expect(privacy.count == 1)
            let corners = privacy.first?["vertices"]?.elements ?? []
            #expect(corners.count == 5)
            #expect(corners.allSatisfy { (0...1).contains($0["x"]?.double ?? -1) })
            #expect(doorbell?["image_enhancements"]?["privacy_zones"]?.elements.isEmpty == true)
            let ids = [camera, doorbell].compactMap {
                $0?["motion_detection"]?["motion_zones"]?.elements.first?["id"]?.string
            }
            #expect(Set(ids + privacy.compactMap { $0["id"]?.string }).count == 3)
        }
    }
}
