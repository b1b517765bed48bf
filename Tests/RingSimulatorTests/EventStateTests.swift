import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// Each of the 26 types of webhooks: its shape, and what the API says afterwards.
@Suite(.timeLimit(.minutes(5))) struct EventStateTests {
    private static let sensors: [RingSimulatorDevice] = [
        RingSimulatorDevice(kind: .temperatureHumidity, name: "Attic"),
        RingSimulatorDevice(kind: .airQuality, name: "Bedroom"),
    ]

    private func run(_ test: (Bench) async throws -> Void) async throws {
        try await Bench.run({ $0.accounts[0].devices += Self.sensors }, test)
    }

    @Test(
        arguments: [
            ("flood", .floodFreeze, "flood_detection"), ("freeze", .floodFreeze, "freeze_detection"),
            ("contact_sensor", .contact, "contact_detection"), ("tamper", .contact, "tamper_detection"),
            ("tamper", .floodFreeze, "tamper_detection"),
        ] as [(String, RingSimulatorDevice.Kind, String)])
    func alarmsAreInTheStatus(stem: String, kind: RingSimulatorDevice.Kind, attribute: String) async throws {
        try await self.run { bench async throws in
            func isOn() async throws -> Bool? {
                let value = try await bench.status(kind)?[attribute]
                return value?["faulted"]?.bool ?? value?["detected"]?.bool
            }
            let before = try await bench.status(kind)
            #expect(try await isOn() == false)
            bench.event(stem == "contact_sensor" ? "contact_sensor_faulted" : "\(stem)_detected", kind)
            #expect(try await isOn() == true)
            // Nothing else changed: a freeze is no flood.
            let after = try await bench.status(kind)
            for name in ["flood_detection", "freeze_detection", "contact_detection", "tamper_detection"]
            where name != attribute { #expect(after?[name] == before?[name], "\(name)") }
            bench.event("\(stem)_cleared", kind)
            #expect(try await isOn() == false)
        }
    }

    @Test(
        arguments: [
            ("temperature", .temperatureHumidity), ("humidity", .temperatureHumidity), ("pm25", .airQuality),
            ("co", .airQuality),
        ] as [(String, RingSimulatorDevice.Kind)])
    func readingsFollowTheirThreshold(name: String, kind: RingSimulatorDevice.Kind) async throws {
        try await self.run { bench async throws in
            func value() async throws -> Double { try #require(try await bench.status(kind)?[name]?["value"]?.number) }
            let before = try await value()
            bench.event("\(name)_exceeded", kind)
            #expect(try await value() > before)
            bench.event("\(name)_cleared", kind)
            #expect(try await value() == before)
        }
    }

    /// A device without sensors has no alarms, whatever its events end in.
    @Test(arguments: ["motion_detected", "person_detected", "flood_detected", "tamper_detected", "co_exceeded"])
    func camerasHaveNoAlarms(type: String) async throws {
        try await self.run { bench async throws in
            for kind in [RingSimulatorDevice.Kind.doorbell, .camera, .elite] { bench.event(type, kind) }
            let url = "\(bench.simulator.controlURL)/accounts"
            let account = try await RingSimulatorTests.send("GET", url).json?["accounts"]?.elements.first
            let devices = try #require(account?["devices"]?.elements)
            #expect(devices.count >= 3)
            for device in devices { #expect(device["alarms"]?.elements.isEmpty == true) }
        }
    }

    @Test func connectivityAndSharingAreSeen() async throws {
        try await self.run { bench async throws in
            for (type, isOnline) in [("device_offline", false), ("device_online", true)] {
                bench.event(type, .camera)
                #expect(try await bench.status(.camera)?["online"]?.bool == isOnline)
            }
            let path = bench.device(.camera)
            let id = bench.simulator.id(.camera)
            _ = try await bench.open()
            bench.event("device_removed", .camera)
            #expect(bench.simulator.openSessions == 0)
            #expect(try await bench.get(path).status == 404)
            try bench.simulator.trigger(RingSimulatorEvent(type: "device_added", device: id))
            #expect(try await bench.get(path).status == 200)
        }
    }

    @Test func plansAndTrialsAreSeen() async throws {
        try await self.run { bench async throws in
            func plans() async throws -> [String?] {
                let list = try await bench.get("/v1/accounts/me/subscriptions").data?.elements ?? []
                return list.map { plan in
                    let attributes = plan["attributes"]
                    return attributes?["status"]?.string.map { "\(attributes?["sub_type"]?.string ?? "") \($0)" }
                }
            }
            #expect(try await plans() == ["paid active"])
            // The end of a trial that there is not ends no plan.
            bench.event("subscription_deactivated", subType: "trial")
            #expect(try await plans() == ["paid active"])
            let ended = try bench.webhook("subscription_deactivated")["data"]
            #expect(ended?["attributes"]?["source_id"]?.string == "sub-opaque-1")
            #expect(try await plans() == ["paid inactive"])
            bench.event("subscription_activated", .camera, subType: "trial")
            #expect(try await plans() == ["paid inactive", "trial active"])
            bench.event("subscription_activated")
            #expect(try await plans() == ["paid active", "trial active"])
            // A trial ends by itself, a plan is renewed.
            bench.simulator.advance(by: .seconds(40 * 86_400))
            let later = Bench(simulator: bench.simulator, token: try bench.simulator.grantTokens().access)
            let list = try await later.get("/v1/accounts/me/subscriptions").data?.elements ?? []
            #expect(list.map { $0["attributes"]?["status"]?.string } == ["active", "inactive"])
            let expiry = list.first?["attributes"]?["expires_at"]?.milliseconds ?? 0
            #expect(expiry > bench.simulator.milliseconds)
        }
    }

    @Test func theIntegrationFollowsItsEvents() async throws {
        try await Bench.run({ $0.accounts[0].state = .awaiting }) { bench async throws in
            bench.event("app_integration_added", nil)
            #expect(bench.simulator.accounts.map(\.state) == [.completed])
            _ = try await bench.open()
            let refresh = try bench.simulator.grantTokens().refresh
            bench.event("app_integration_removed", nil)
            #expect(bench.simulator.accounts.map(\.state) == [.removed])
            #expect(bench.simulator.openSessions == 0)
            // A later link does not bring the tokens back.
            bench.event("app_integration_added", nil)
            #expect(try await bench.get("/v1/devices").status == 401)
            #expect(!bench.simulator.isValid(refreshToken: refresh))
            let token = try bench.simulator.grantTokens().access
            let url = "\(bench.simulator.apiURL)/v1/devices"
            #expect(try await RingSimulatorTests.send("GET", url, token: token).status == 200)
        }
    }

    private static let deviceTypes: [(String, RingSimulatorDevice.Kind)] = [
        ("button_press", .doorbell), ("device_added", .camera), ("device_removed", .camera), ("device_online", .camera),
        ("device_offline", .camera), ("contact_sensor_faulted", .contact), ("contact_sensor_cleared", .contact),
        ("tamper_detected", .contact), ("tamper_cleared", .contact), ("flood_detected", .floodFreeze),
        ("flood_cleared", .floodFreeze), ("freeze_detected", .floodFreeze), ("freeze_cleared", .floodFreeze),
        ("temperature_exceeded", .temperatureHumidity), ("temperature_cleared", .temperatureHumidity),
        ("humidity_exceeded", .temperatureHumidity), ("humidity_cleared", .temperatureHumidity),
        ("pm25_exceeded", .airQuality), ("pm25_cleared", .airQuality), ("co_exceeded", .airQuality),
        ("co_cleared", .airQuality),
    ]

    /// Twenty-one types share one shape: no further members.
    @Test(arguments: Self.deviceTypes)
    func deviceEventsHaveOneShape(type: String, kind: RingSimulatorDevice.Kind) async throws {
        try await self.run { bench async throws in
            let id = bench.simulator.id(kind).rawValue
            let document = try bench.webhook(type, kind)
            #expect(document.members.map(\.name) == ["meta", "data"])
            #expect(document["meta"]?.members.map(\.name) == ["version", "time", "request_id", "account_id"])
            let data = document["data"]
            #expect(data?.members.map(\.name) == ["id", "type", "attributes", "relationships"])
            let attributes = data?["attributes"]
            #expect(attributes?.members.map(\.name) == ["source", "source_type", "timestamp"])
            #expect(attributes?["source"]?.string == id)
            #expect(attributes?["source_type"]?.string == "devices")
            let timestamp = try #require(attributes?["timestamp"]?.int64)
            // The two are of one moment here, and the time has no more digits than there are.
            #expect(document["meta"]?["time"]?.milliseconds == timestamp)
            #expect(document["meta"]?["time"]?.string?.hasSuffix("\(String(timestamp).suffix(3))000000Z") == true)
            #expect(data?["id"]?.string == "\(id)_\(type)_\(timestamp)")
            let link = data?["relationships"]?["devices"]?["links"]?["self"]?.string
            #expect(link == "/v1/devices/\(segment(id))")
        }
    }

    /// An event without a webhook says why, so that nobody looks for a fault.
    @Test func anEventThatIsNotReportedSaysWhy() async throws {
        try await self.run { bench async throws in
            func reason(_ type: String, _ device: String) async throws -> String? {
                let result = try await RingSimulatorTests.send(
                    "POST", "\(bench.simulator.controlURL)/events",
                    body: #"{"type":"\#(type)","device":"\#(device)"}"#)
                #expect(result.status == 200)
                #expect(result.json?["request_ids"]?.elements.isEmpty == (result.json?["not_reported"] != nil))
                return result.json?["not_reported"]?.string
            }
            #expect(try await reason("motion_detected", "Garden") == nil)
            bench.simulator.change {
                $0.scopes.remove(.contactSensors)
                $0.webhooks.insert(.silencedByLiveView)
            }
            #expect(
                try await reason("contact_sensor_faulted", "Back Door")
                    == "the app was not granted scope_contact_sensors")
            #expect(try await reason("device_offline", "Back Door") == nil)
            _ = try await bench.open()
            #expect(try await reason("motion_detected", "Garden") == "a live view of the device is open")
            bench.event("subscription_deactivated")
            #expect(try await reason("motion_detected", "Garden") == "the account has no active plan or trial")
            #expect(try await reason("device_removed", "Cellar") == nil)
            #expect(try await reason("device_offline", "Cellar") == "the device is not shared with the app")
            bench.event("app_integration_removed", nil)
            #expect(try await reason("device_added", "Cellar") == "the user has removed the app")
        }
    }

    /// Devices with several lenses name those that saw a motion, and only they do.
    @Test func motionNamesItsLenses() async throws {
        try await self.run { bench async throws in
            func lenses(_ kind: RingSimulatorDevice.Kind, _ components: [String] = []) throws -> [String?]? {
                let attributes = try bench.webhook("motion_detected", kind, components: components)["data"]?[
                    "attributes"]
                return attributes?["component_ids"]?.elements.map(\.string)
            }
            #expect(try lenses(.elite) == ["1"])
            #expect(try lenses(.elite, ["2", "1"]) == ["2", "1"])
            #expect(try lenses(.camera) == nil)
        }
    }

    @Test func theOtherFiveHaveTheirOwn() async throws {
        #expect(Self.deviceTypes.count + 5 == 26)
        try await self.run { bench async throws in
            let (door, account) = (bench.simulator.id(.doorbell).rawValue, bench.simulator.accountID.rawValue)
            let motion = try bench.webhook("motion_detected", subType: "vehicle")["data"]
            let time = try #require(motion?["attributes"]?["timestamp"]?.int64)
            #expect(motion?["id"]?.string == "\(door)_vehicle_\(time)")
            let plan = try bench.webhook("subscription_activated")["data"]
            #expect(
                plan?["attributes"]?.members.map(\.name) == [
                    "source", "source_id", "sub_type", "plan_id", "expires_at",
                ])
            #expect(plan?["attributes"]?["source"]?.string == "subscriptions")
            let references = plan?["relationships"]?["devices"]?["data"]?.elements ?? []
            #expect(references.map { $0["id"]?.string } == [door])
            #expect(
                plan?["relationships"]?["subscriptions"]?["links"]?["self"]?.string == "/v1/accounts/me/subscriptions")
            let end = try bench.webhook("subscription_deactivated")["data"]
            #expect(end?["attributes"]?.members.map(\.name) == ["source", "source_id", "sub_type", "plan_id"])
            for (type, prefix) in [
                ("app_integration_added", "ava1.ring.client."), ("app_integration_removed", "evt-"),
            ] {
                let data = try bench.webhook(type, nil)["data"]
                #expect(data?.members.map(\.name) == ["id", "type", "attributes"])
                #expect(data?["id"]?.string?.hasPrefix(prefix) == true)
                #expect(data?["attributes"]?["source"]?.string == account)
                #expect(data?["attributes"]?["source_type"]?.string == "users")
            }
        }
    }
}
