import RingCore
import RingJSONAPI
import RingSimulator
import RingTesting
import Testing

extension SwitchTable {
    /// Delivers events to a receiver, and returns what was seen of them.
    private static func delivered(
        _ bench: Bench, statuses: [Int] = [200], count: Int,
        _ look: (Receiver) async throws -> String
    ) async throws -> String {
        let receiver = try await Receiver(statuses)
        bench.simulator.webhookURL = receiver.url
        for _ in 0..<count {
            bench.event("button_press")
            if count == 1 || statuses != [200] { await bench.simulator.settle() }
        }
        let seen = try await look(receiver)
        await receiver.stop()
        return seen
    }

    static let webhookRows: [SwitchRow] = [
        SwitchRow(
            "webhooks_withheld", ["true": "withheld", "false": "pending"], setUp: { $0.accounts[0].state = .awaiting }
        ) {
            bench in
            bench.event("button_press")
            return bench.simulator.deliveries.last?.outcome.rawValue ?? ""
        },
        SwitchRow(
            "webhook_sub_type",
            [
                "attributes": "attributes.sub_type", "data": "data.subType", "data_sub_type": "data.sub_type",
                "none": "nowhere",
            ]
        ) { bench in
            let data = try bench.webhook("motion_detected", subType: "human")["data"]
            if data?["attributes"]?["sub_type"]?.string == "human" { return "attributes.sub_type" }
            if data?["subType"]?.string == "human" { return "data.subType" }
            return data?["sub_type"]?.string == "human" ? "data.sub_type" : "nowhere"
        },
        SwitchRow("webhook_version", ["1.1": "1.1 true", "1.0": "1.0 false"]) { bench in
            let meta = try bench.webhook("motion_detected")["meta"]
            return "\(meta?["version"]?.string ?? "") \(meta?["account_id"] != nil)"
        },
        SwitchRow("webhook_sensor_request_ids", ["false": "36", "true": "64"]) { bench in
            // The UUID, the milliseconds, and `water_detecte`.
            String(try bench.webhook("button_press")["meta"]?["request_id"]?.string?.utf8.count ?? 0)
        },
        SwitchRow("webhook_bare_signature", ["false": "71", "true": "64"]) { bench in
            bench.event("button_press")
            return String(bench.simulator.deliveries.last?.signature.utf8.count ?? 0)
        },
        SwitchRow("webhook_live_button_id", ["false": "false", "true": "true"]) { bench in
            String(try bench.webhook("button_press")["data"]?["id"]?.string?.contains("_ding_") ?? false)
        },
        SwitchRow("webhook_duplicates", ["0": "1", "2": "3"]) { bench in
            try await Self.delivered(bench, count: 1) { String($0.hooks.count) }
        },
        SwitchRow("webhook_reordered", ["false": "2", "true": "1"]) { bench in
            try await Self.delivered(bench, count: 2) { receiver in
                await bench.simulator.settle()
                return String(receiver.hooks.count)
            }
        },
        SwitchRow("webhook_response_milliseconds", ["5000": "200", "50": "0"]) { bench in
            // By a clock that is moved here: the receiver responds after two seconds of it.
            var configuration = RingSimulatorConfiguration()
            configuration.accounts = [RingSimulatorAccount(state: .completed)]
            configuration.switches = bench.simulator.switches
            let clock = ManualClock()
            let simulator = try RingSimulator.inProcess(configuration, clock: clock)
            let simulated = simulator.clock
            simulator.setReceiver { _ in
                let isInTime = (try? await simulated.sleep(for: .seconds(2))) != nil
                return RingHTTPResponse(status: isInTime ? 200 : 500)
            }
            simulator.happen(RingSimulatorEvent(type: "button_press", device: "Front Door"))
            // The receiver, and the one who gives it up.
            await clock.sleepers(atLeast: 2)
            await clock.advanceUntilQuiet(by: .seconds(3))
            await simulator.settle()
            await simulator.stop()
            return simulator.deliveries.first?.statuses.first.map { String($0) } ?? ""
        },
        SwitchRow(
            "webhook_refusals_until_off", ["10": "refused refused refused", "2": "refused refused switched_off"]
        ) { bench in
            try await Self.delivered(bench, statuses: [400], count: 3) { _ in
                bench.simulator.deliveries.map(\.outcome.rawValue).joined(separator: " ")
            }
        },
        SwitchRow("webhook_subscription_plural", ["false": "device", "true": "devices"]) { bench in
            let data = try bench.webhook("subscription_activated")["data"]
            return data?["relationships"]?["devices"]?["data"]?.elements.first?["type"]?.string ?? ""
        },
        SwitchRow("webhook_timestamp_readable", ["false": "false", "true": "true"]) { bench in
            let attributes = try bench.webhook("motion_detected")["data"]?["attributes"]
            let text = attributes?["timestamp_readable"]?.string
            return String(text.map { $0.utf8.count == 19 && $0.contains(" ") } ?? false)
        },
        SwitchRow("webhook_time_digits", ["9": "30", "0": "20"]) { bench in
            String(try bench.webhook("button_press")["meta"]?["time"]?.string?.utf8.count ?? 0)
        },
        SwitchRow("webhook_silenced_by_live_view", ["false": "2", "true": "1"]) { bench in
            _ = try await bench.open()
            bench.event("motion_detected", .camera)
            // Another device is not silenced.
            bench.event("motion_detected", .doorbell)
            return String(bench.simulator.deliveries.count)
        },
    ]
}
