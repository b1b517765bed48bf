import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// Switches of devices, the history, subscriptions and what applies to all requests.
@Suite(.timeLimit(.minutes(5))) struct DeviceSwitchTests {
    @Test func devicesComeInTheFormsOfTheSwitches() async throws {
        try await Bench.run { bench async throws in
            let plain = try await bench.get("/v1/devices").data
            #expect(plain?.elements.first?["relationships"]?["status"] != nil)
            #expect(plain?.elements.first?["attributes"]?.members.map(\.name) == ["name", "image_url"])
            bench.simulator.change { $0.devices = [.withoutRelationships, .unknownAttributes] }
            let changed = try await bench.get("/v1/devices").data?.elements.first
            #expect(changed?["relationships"] == nil)
            #expect(changed?["attributes"]?["future"]?["nested"]?.elements.count == 4)
            bench.simulator.change { $0.devices = [.brokenElement] }
            let broken = try await bench.get("/v1/devices").data
            #expect(broken?.elements.count == 8)
            #expect(broken?.elements.count { $0["id"] == nil } == 1)
            // One device has no broken element.
            #expect(try await bench.get(bench.device(.chime)).data?["id"] != nil)
            bench.simulator.change { $0.devices = [.malformed] }
            let malformed = try await bench.get("/v1/devices")
            #expect(malformed.status == 200)
            #expect(malformed.json == nil)
        }
    }

    @Test func shortIDsAreShort() async throws {
        try await Bench.run({ $0.usesShortIDs = true }) { bench async throws in
            #expect(bench.simulator.devices.allSatisfy { $0.id.rawValue.utf8.count < 30 })
            #expect(Set(bench.simulator.devices.map(\.id)).count == bench.simulator.devices.count)
        }
    }

    @Test func anUnknownIncludeIsRefused() async throws {
        try await Bench.run { bench async throws in
            let refused = try await bench.get("/v1/devices?include=status,weather")
            #expect(refused.status == 400)
            #expect(refused.error?["source"]?["pointer"]?.string == "include")
        }
    }

    @Test func sensorsReportTheirFaultsAndPower() async throws {
        let battery = RingSimulatorDevice(id: "s1", kind: .floodFreeze, name: "Cellar", isLinePowered: false)
        let mains = RingSimulatorDevice(id: "s2", kind: .contact, name: "Door")
        try await Bench.run(
            { $0.accounts[0].devices = [battery, mains] },
            { bench async throws in
                func status(_ id: String) async throws -> JSONAPIValue? {
                    try await bench.get("/v1/devices/\(id)/status").data?["attributes"]
                }
                #expect(try await status("s1")?["flood_detection"]?["faulted"]?.bool == false)
                #expect(try await status("s1")?["battery_status"]?["percentage"]?.int64 == 88)
                #expect(try await status("s2")?["battery_status"]?["percentage"]?.int64 == 255)
                try bench.simulator.trigger(RingSimulatorEvent(type: "flood_detected", device: "Cellar"))
                try bench.simulator.trigger(RingSimulatorEvent(type: "contact_sensor_faulted", device: "s2"))
                #expect(try await status("s1")?["flood_detection"]?["faulted"]?.bool == true)
                #expect(try await status("s2")?["contact_detection"]?["faulted"]?.bool == true)
                try bench.simulator.trigger(RingSimulatorEvent(type: "flood_cleared", device: "s1"))
                #expect(try await status("s1")?["flood_detection"]?["faulted"]?.bool == false)
            })
    }

    @Test func devicesGoOfflineAndOnline() async throws {
        try await Bench.run { bench async throws in
            let id = bench.simulator.id(.camera)
            func isOnline() async throws -> Bool? {
                try await bench.get("\(bench.device(.camera))/status").data?["attributes"]?["online"]?.bool
            }
            try bench.simulator.trigger(RingSimulatorEvent(type: "device_offline", device: id))
            #expect(try await isOnline() == false)
            try bench.simulator.trigger(RingSimulatorEvent(type: "device_online", device: id))
            #expect(try await isOnline() == true)
        }
    }

    @Test func aRemovedDeviceCanBe403AndComeBack() async throws {
        try await Bench.run { bench async throws in
            let (id, path) = (bench.simulator.id(.chime), bench.device(.chime))
            try bench.simulator.trigger(RingSimulatorEvent(type: "device_removed", device: id))
            #expect(try await bench.get(path).error?["code"]?.string == "DEVICE_NOT_FOUND")
            bench.simulator.change { $0.statuses = [.removedDevice: 403] }
            #expect(try await bench.get(path).status == 403)
            #expect(!bench.simulator.devices.contains { $0.id == id })
            try bench.simulator.trigger(RingSimulatorEvent(type: "device_added", device: id))
            #expect(try await bench.get(path).status == 200)
        }
    }

    @Test func aChimePlaysWhateverTheBodyIs() async throws {
        try await Bench.run { bench async throws in
            let path = "\(bench.device(.chime))/media/audio/playback"
            for body in [
                #"{"data":{"attributes":{"audio_ref":"aud-17"}}}"#, #"{"audio_ref":"aud-17"}"#,
                #"{"event":"ring-appstore-event-1"}"#,
            ] {
                let played = try await bench.send("POST", path, body: body)
                #expect(played.data?["id"]?.string == (body.contains("event") ? "ring-appstore-event-1" : "aud-17"))
            }
            #expect(try await bench.send("POST", path, body: "{}").error?["code"]?.string == "INVALID_PAYLOAD")
            let camera = "\(bench.device(.camera))/media/audio/playback"
            #expect(try await bench.send("POST", camera, body: #"{"audio_ref":"x"}"#).status == 400)
            bench.simulator.change { $0.statuses = [.chimePlayed: 202] }
            let accepted = try await bench.send("POST", path, body: #"{"audio_ref":"aud-17"}"#)
            #expect(accepted.status == 202)
            #expect(accepted.body.isEmpty)
        }
    }

    @Test func chimesHaveSlotsAndCamerasHaveZones() async throws {
        try await Bench.run { bench async throws in
            let chime = try await bench.get("\(bench.device(.chime))/configurations").data?["attributes"]
            #expect(chime?["audio"]?["customizable_slots"]?.elements.count == 2)
            #expect(chime?["motion_detection"] == nil)
            let camera = try await bench.get("\(bench.device(.camera))/configurations").data?["attributes"]
            let zone = camera?["motion_detection"]?["motion_zones"]?.elements.first
            #expect(zone?["vertices"]?.elements.count == 8)
            let lens = try await bench.get("\(bench.device(.elite))/configurations?component_id=1")
            #expect(lens.status == 200)
            #expect(try await bench.get("\(bench.device(.camera))/configurations?component_id=1").status == 400)
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct HistorySwitchTests {
    private func history(_ bench: Bench, _ query: String = "") async throws -> Reply {
        let id = segment(bench.simulator.id(.doorbell).rawValue)
        return try await bench.get("/v1/history/devices/\(id)/events\(query)")
    }

    @Test func filtersAreHonouredUnlessASwitchIgnoresThem() async throws {
        try await Bench.run { bench async throws in
            _ = bench.motion(subType: "human")
            _ = bench.motion(subType: "vehicle")
            let door = bench.simulator.id(.doorbell)
            try bench.simulator.trigger(RingSimulatorEvent(type: "button_press", device: door))
            #expect(try await self.history(bench).data?.elements.count == 3)
            #expect(try await self.history(bench, "?event_types=motion").data?.elements.count == 2)
            #expect(try await self.history(bench, "?event_types=motion.human,ding").data?.elements.count == 2)
            bench.simulator.change { $0.history = [.ignoresFilters] }
            #expect(try await self.history(bench, "?event_types=ding").data?.elements.count == 3)
        }
    }

    @Test func pagesLinkAsTheSwitchesSay() async throws {
        try await Bench.run(
            { $0.switches.limits[.historyPageSize] = 1 },
            { bench async throws in
                for _ in 0..<2 { _ = bench.motion() }
                let first = try await self.history(bench, "?event_types=motion")
                let next = try #require(first.json?["links"]?["next"]?.string)
                let pattern = #/.*/events\?page%5Bkey%5D=[A-Za-z0-9_-]{40,}&event_types=motion/#
                #expect(next.wholeMatch(of: pattern) != nil)
                #expect(try await bench.get(next).json?["links"] == nil)
                bench.simulator.change { $0.history = [.nextWithoutFilters, .nextOnEmptyPage] }
                let last = try await bench.get(next)
                #expect(last.data?.elements.count == 1)
                let link = try #require(last.json?["links"]?["next"]?.string)
                #expect(link.wholeMatch(of: #/.*/events\?page%5Bkey%5D=[A-Za-z0-9_-]{40,}/#) != nil)
                #expect(link != next)
                let empty = try await bench.get(link)
                #expect(empty.data?.elements.count == 0)
                #expect(empty.json?["links"] == nil)
            })
    }

    @Test func timesCanBeStringsAndSubTypesCanBeShown() async throws {
        try await Bench.run { bench async throws in
            let time = bench.motion(subType: "human")
            let plain = try await self.history(bench).data?.elements.first?["attributes"]
            #expect(plain?["sub_type"] == nil)
            let start = try #require(plain?["start"]?.integer)
            #expect(abs(start - time) < 1000)
            #expect(plain?["end"]?.integer == start + 25_000)
            bench.simulator.change { $0.history = [.stringTimestamps, .subTypes] }
            let changed = try await self.history(bench).data?.elements.first?["attributes"]
            #expect(changed?["start"]?.string == String(start))
            #expect(changed?["sub_type"]?.string == "human")
        }
    }

    @Test func theNewestEventComesFirstAndMediaRequestsMarkIt() async throws {
        try await Bench.run { bench async throws in
            let times = [bench.motion(), bench.motion()]
            _ = try await bench.clip(times[0])
            let events = try await self.history(bench).data?.elements.map { $0["attributes"] } ?? []
            let starts = events.compactMap { $0?["start"]?.int64 }
            #expect(starts == starts.sorted(by: >))
            #expect(events.map { $0?["is_third_party_reviewed"]?.bool } == [false, true])
        }
    }
}

@Suite(.timeLimit(.minutes(5))) struct APISwitchTests {
    @Test func someRequestsFail() async throws {
        try await Bench.run { bench async throws in
            bench.simulator.change { $0.next = [.apiFailed: 1, .rateLimited: 1] }
            let limited = try await bench.get("/v1/devices")
            #expect(limited.status == 429)
            #expect(limited.fields["Retry-After"] == "1")
            #expect(limited.fields["X-RateLimit-Remaining"] == "0")
            #expect(try await bench.get("/v1/devices").status == 500)
            #expect(try await bench.get("/v1/devices").status == 200)
        }
    }

    @Test func aRateLimitCountsTheRequestsOfASecond() async throws {
        try await Bench.run(
            {
                $0.switches.limits[.requestsPerSecond] = 2
                $0.switches.api.remove(.retryAfter)
            },
            { bench async throws in
                var limited: Reply?
                // A second may end between two requests, so more than three are sent.
                for _ in 0..<20 where limited == nil {
                    let reply = try await bench.get("/v1/users/me")
                    if reply.status == 429 { limited = reply }
                }
                #expect(limited?.fields["X-RateLimit-Limit"] == "2")
                #expect(limited?.fields["Retry-After"] == nil)
                bench.simulator.advance(by: .seconds(1))
                #expect(try await bench.get("/v1/users/me").status == 200)
            })
    }

    @Test func anInvalidTokenHasTheStatusOfTheSwitch() async throws {
        try await Bench.run { bench async throws in
            let me = "\(bench.simulator.apiURL)/v1/users/me"
            #expect(try await RingSimulatorTests.send("GET", me, token: "x").status == 403)
            bench.simulator.change { $0.statuses = [.usersMeUnauthorized: 401] }
            let refused = try await RingSimulatorTests.send("GET", me, token: "x")
            #expect(refused.status == 401)
            #expect(refused.error?["title"]?.string == "Invalid Client")
            bench.simulator.change { $0.api.insert(.emptyUnauthorizedBody) }
            #expect(try await RingSimulatorTests.send("GET", me, token: "x").body.isEmpty)
        }
    }

    @Test func subscriptionsAndUsersAreThoseOfTheAccount() async throws {
        try await Bench.run(
            {
                $0.accounts[0] = RingSimulatorAccount(
                    firstName: "Ada", phoneNumber: nil, state: .completed, subscriptionCount: 2)
            },
            { bench async throws in
                let user = try await bench.get("/v1/users/me").data?["attributes"]
                #expect(user?["first_name"]?.string == "Ada")
                #expect(user?["phone_number"] == nil)
                let plans = try await bench.get("/v1/accounts/me/subscriptions").data?.elements.map { $0 } ?? []
                #expect(plans.map { $0["attributes"]?["sub_type"]?.string } == ["paid", "trial"])
                #expect(try await bench.get("/v1/accounts/other/subscriptions").status == 400)
                bench.simulator.change { $0.api.insert(.unprocessableSubscriptions) }
                #expect(try await bench.get("/v1/accounts/me/subscriptions").status == 422)
                #expect(try await bench.get("/v1/locations").data?.elements.count == 1)
            })
    }

    @Test func oneAccountDoesNotSeeTheDevicesOfAnother() async throws {
        try await Bench.run(
            {
                $0.accounts.append(
                    RingSimulatorAccount(
                        id: "account-2", state: .completed,
                        devices: [RingSimulatorDevice(id: "theirs", kind: .camera, name: "Gate")]))
            },
            { bench async throws in
                #expect(try await bench.get("/v1/devices/theirs").status == 404)
                #expect(bench.simulator.accounts.map(\.devices.count) == [7, 1])
                let token = try bench.simulator.grantTokens(account: "account-2").access
                let url = "\(bench.simulator.apiURL)/v1/devices"
                let list = try await RingSimulatorTests.send("GET", url, token: token)
                #expect(list.data?.elements.map { $0["id"]?.string } == ["theirs"])
                let last = try #require(bench.simulator.journal.last)
                #expect(last.account == "account-2")
                #expect((last.method, last.path, last.status) == ("GET", "/v1/devices", 200))
                bench.simulator.journal = []
                #expect(bench.simulator.journal.isEmpty)
            })
    }

    @Test func theJournalKeepsNoSecrets() async throws {
        try await Bench.run { bench async throws in
            _ = try await bench.get("/v1/devices?include=status&code=secret-code&access_token=secret-token")
            _ = try await bench.simulator.token("grant_type=refresh_token&refresh_token=secret-refresh")
            let text = "\(bench.simulator.journal)"
            #expect(!text.contains("secret-"))
            #expect(!text.contains(bench.token))
            #expect(text.contains("include=status"))
            let control = try await RingSimulatorTests.send("GET", "\(bench.simulator.controlURL)/journal")
            #expect(control.json?["requests"]?.elements.count == 2)
            #expect(control.json?["requests"]?.elements.first?["authorization"]?.bool == true)
            #expect(!control.text.contains("secret-"))
        }
    }
}
