import RingCore
import RingCrypto
import RingJSONAPI
import RingSimulator
import Testing

/// Switches of webhooks: their form, and when they arrive.
@Suite(.timeLimit(.minutes(5))) struct WebhookSwitchTests {
    /// The newest webhook after an event.
    private func webhook(
        _ bench: Bench, _ type: String, _ kind: RingSimulatorDevice.Kind? = .doorbell, subType: String? = nil
    ) throws -> JSONAPIValue {
        try bench.simulator.trigger(
            RingSimulatorEvent(type: type, device: kind.map(bench.simulator.id), subType: subType))
        return try JSONAPIValue(parsing: try #require(bench.simulator.deliveries.last?.body))
    }

    @Test func theSubTypeStandsWhereTheSwitchSays() async throws {
        try await Bench.run { bench async throws in
            var data = try self.webhook(bench, "motion_detected", subType: "vehicle")["data"]
            #expect(data?["attributes"]?["sub_type"]?.string == "vehicle")
            bench.simulator.change { $0.subTypePlace = .data }
            data = try self.webhook(bench, "motion_detected")["data"]
            #expect(data?["subType"]?.string == "motion")
            #expect(data?["attributes"]?["sub_type"] == nil)
            bench.simulator.change { $0.subTypePlace = .none }
            data = try self.webhook(bench, "motion_detected", subType: "human")["data"]
            #expect(data?["subType"] == nil)
            #expect(data?["attributes"]?["sub_type"] == nil)
        }
    }

    @Test func theOldVersionHasNoAccountAndNoRelationships() async throws {
        try await Bench.run { bench async throws in
            let new = try self.webhook(bench, "motion_detected")
            #expect(new["meta"]?["version"]?.string == "1.1")
            #expect(new["meta"]?["account_id"]?.string == bench.simulator.accountID.rawValue)
            #expect(new["data"]?["relationships"]?["devices"] != nil)
            bench.simulator.change { $0.webhookVersion = .version1_0 }
            let old = try self.webhook(bench, "motion_detected")
            #expect(old["meta"]?["version"]?.string == "1.0")
            #expect(old["meta"]?["account_id"] == nil)
            #expect(old["data"]?["relationships"] == nil)
        }
    }

    @Test func idsHaveTheFormsThatWereSeen() async throws {
        try await Bench.run { bench async throws in
            #expect(try self.webhook(bench, "button_press")["data"]?["id"]?.string?.contains("_button_press_") == true)
            #expect(try self.webhook(bench, "motion_detected")["meta"]?["request_id"]?.string?.utf8.count == 36)
            let flood = try self.webhook(bench, "flood_detected", .floodFreeze)
            #expect(flood["meta"]?["request_id"]?.string?.utf8.count == 36)
            bench.simulator.change { $0.webhooks = [.liveButtonID, .sensorRequestIDs] }
            let press = try self.webhook(bench, "button_press")
            #expect(press["data"]?["id"]?.string?.contains("_ding_") == true)
            #expect(press["meta"]?["request_id"]?.string?.hasSuffix("-water_detecte") == true)
            let cleared = try self.webhook(bench, "flood_cleared", .floodFreeze)
            #expect(cleared["meta"]?["request_id"]?.string?.hasSuffix("-water_cleared") == true)
        }
    }

    @Test func subscriptionsNameTheirDeviceInBothNumbers() async throws {
        try await Bench.run { bench async throws in
            func reference(_ value: JSONAPIValue) -> String? {
                value["data"]?["relationships"]?["devices"]?["data"]?.elements.first?["type"]?.string
            }
            let paid = try self.webhook(bench, "subscription_activated")
            #expect(reference(paid) == "device")
            #expect(paid["data"]?["attributes"]?["expires_at"] != nil)
            bench.simulator.change { $0.webhooks.insert(.pluralDevices) }
            let trial = try self.webhook(bench, "subscription_deactivated", subType: "trial")
            #expect(reference(trial) == "devices")
            #expect(trial["data"]?["attributes"]?["sub_type"]?.string == "trial")
            #expect(trial["data"]?["attributes"]?["plan_id"] == nil)
        }
    }

    @Test func signaturesCanBeBareAndWebhooksSentSeveralTimes() async throws {
        let receiver = try await Receiver()
        try await Bench.run(
            { $0.webhookURL = receiver.url },
            { bench async throws in
                bench.simulator.change {
                    $0.webhooks.insert(.bareSignature)
                    $0.limits[.webhookDuplicates] = 2
                }
                let key = try RingHMACKey(bench.simulator.configuration.hmacKey)
                _ = try self.webhook(bench, "button_press")
                await bench.simulator.settle()
                #expect(receiver.hooks.count == 3)
                #expect(Set(receiver.hooks.map(\.body)).count == 1)
                for hook in receiver.hooks {
                    let signature = RingWebhookSignature(signing: hook.body, key: key).headerValue
                    #expect(signature == "sha256=\(hook.signature ?? "")")
                }
                #expect(bench.simulator.deliveries.map(\.outcome) == [.delivered, .delivered, .delivered])
            })
        await receiver.stop()
    }

    @Test func everySecondWebhookCanArriveLate() async throws {
        let receiver = try await Receiver()
        try await Bench.run(
            { $0.webhookURL = receiver.url },
            { bench async throws in
                bench.simulator.change { $0.webhooks.insert(.reordered) }
                for _ in 0..<2 { _ = try self.webhook(bench, "button_press") }
                await bench.simulator.settle()
                // The simulated time goes on while the test waits, so the late one may be there already.
                #expect(receiver.hooks.first?.body == bench.simulator.deliveries[1].body)
                bench.simulator.advance(by: .seconds(2))
                await bench.simulator.settle()
                #expect(receiver.hooks.map(\.body) == bench.simulator.deliveries.reversed().map(\.body))
            })
        await receiver.stop()
    }

    @Test func a4xxResponseIsFinalAndA5xxResponseIsRepeated() async throws {
        let receiver = try await Receiver([400, 500, 200])
        try await Bench.run(
            { $0.webhookURL = receiver.url },
            { bench async throws in
                _ = try self.webhook(bench, "button_press")
                await bench.simulator.settle()
                bench.simulator.advance(by: .seconds(3600))
                await bench.simulator.settle()
                #expect(bench.simulator.deliveries.map(\.outcome) == [.refused])
                _ = try self.webhook(bench, "button_press")
                await bench.simulator.settle()
                #expect(bench.simulator.deliveries.last?.outcome == .pending)
                bench.simulator.advance(by: .seconds(1))
                await bench.simulator.settle()
                #expect(bench.simulator.deliveries.map(\.statuses) == [[400], [500, 200]])
                #expect(bench.simulator.deliveries.last?.outcome == .delivered)
            })
        await receiver.stop()
    }

    @Test func tenRefusalsInARowSwitchWebhooksOff() async throws {
        // Nine, one success, ten.
        let receiver = try await Receiver(
            Array(repeating: 400, count: 9) + [200] + Array(repeating: 404, count: 10) + [200])
        try await Bench.run(
            { $0.webhookURL = receiver.url },
            { bench async throws in
                for _ in 0..<22 {
                    _ = try self.webhook(bench, "button_press")
                    await bench.simulator.settle()
                }
                #expect(receiver.hooks.count == 20)
                let outcomes = bench.simulator.deliveries.map(\.outcome)
                #expect(outcomes[9] == .delivered)
                #expect(outcomes[10..<20].allSatisfy { $0 == .refused })
                #expect(outcomes.suffix(2) == [.switchedOff, .switchedOff])
                bench.simulator.webhookURL = receiver.url
                _ = try self.webhook(bench, "button_press")
                await bench.simulator.settle()
                #expect(bench.simulator.deliveries.last?.outcome == .delivered)
            })
        await receiver.stop()
    }

    /// Refusals that are more than a day old count no more, and failures that are repeated are none.
    @Test func refusalsOfTwoDaysSwitchNothingOff() async throws {
        let receiver = try await Receiver([400, 500, 400, 200])
        try await Bench.run(
            {
                $0.webhookURL = receiver.url
                $0.switches.limits[.webhookRefusals] = 2
            },
            { bench async throws in
                _ = try self.webhook(bench, "button_press")
                await bench.simulator.settle()
                bench.simulator.advance(by: .seconds(86_401))
                for _ in 0..<2 {
                    _ = try self.webhook(bench, "button_press")
                    await bench.simulator.settle()
                    bench.simulator.advance(by: .seconds(2))
                    await bench.simulator.settle()
                }
                #expect(bench.simulator.deliveries.map(\.outcome) == [.refused, .refused, .delivered])
            })
        await receiver.stop()
    }

    @Test func withoutAURLWebhooksStayInTheJournalAndUnlinkedAccountsGetNone() async throws {
        try await Bench.run({ $0.accounts[0].state = .pending }) { bench async throws in
            _ = try self.webhook(bench, "button_press")
            #expect(bench.simulator.deliveries.map(\.outcome) == [.withheld])
            bench.simulator.change { $0.webhooks.remove(.withheld) }
            _ = try self.webhook(bench, "button_press")
            await bench.simulator.settle()
            #expect(bench.simulator.deliveries.map(\.outcome) == [.withheld, .pending])
            #expect(bench.simulator.deliveries.allSatisfy { $0.statuses.isEmpty })
            try bench.simulator.setState(.completed)
            #expect(bench.simulator.deliveries.map(\.outcome) == [.pending, .pending])
        }
    }

    @Test func scheduledEventsHappenInSimulatedTime() async throws {
        try await Bench.run(
            {
                $0.events = [
                    RingSimulatorEvent(type: "motion_detected", device: "Garden", delay: .seconds(60)),
                    RingSimulatorEvent(
                        type: "motion_detected", device: "Driveway", componentIDs: ["2"], delay: .seconds(120)),
                ]
            },
            { bench async throws in
                #expect(bench.simulator.deliveries.isEmpty)
                bench.simulator.advance(by: .seconds(61))
                await bench.simulator.settle()
                #expect(bench.simulator.deliveries.count == 1)
                bench.simulator.advance(by: .seconds(60))
                await bench.simulator.settle()
                let body = try JSONAPIValue(parsing: try #require(bench.simulator.deliveries.last?.body))
                #expect(body["data"]?["attributes"]?["component_ids"]?.elements.compactMap(\.string) == ["2"])
            })
    }

    @Test func motionReturnsItsWebhook() async throws {
        try await Bench.run { bench async throws in
            let (body, signature) = try bench.simulator.motion(at: bench.simulator.id(.camera))
            #expect(try JSONAPIValue(parsing: body)["data"]?["type"]?.string == "motion_detected")
            let key = try RingHMACKey(bench.simulator.configuration.hmacKey)
            #expect(RingWebhookSignature(signing: body, key: key).headerValue == signature)
        }
    }
}
