import RingCore
import RingJSONAPI
import RingSimulator
import Testing

extension SwitchTable {
    /// A device of each group of scopes: how many are listed, the status of one of the group, and whether it reports.
    private static func scope(
        _ name: String, _ kind: RingSimulatorDevice.Kind, _ event: String, hides count: Int
    ) -> SwitchRow {
        SwitchRow(
            name, ["true": "9 200 reported", "false": "\(9 - count) 403 silent"],
            setUp: { configuration in
                configuration.accounts[0].devices += [
                    RingSimulatorDevice(kind: .temperatureHumidity, name: "Attic"),
                    RingSimulatorDevice(kind: .airQuality, name: "Bedroom"),
                ]
            },
            look: { bench in
                let count = try await bench.get("/v1/devices").data?.elements.count ?? -1
                let status = try await bench.get(bench.device(kind)).status
                bench.event(event, kind)
                return "\(count) \(status) \(bench.simulator.deliveries.isEmpty ? "silent" : "reported")"
            })
    }

    /// What an account gets: the status of its doorbell, the history of its camera, and how many motions are reported.
    private static func plan(_ bench: Bench) async throws -> String {
        let door = try await bench.get("\(bench.device(.doorbell))/status").status
        let camera = try await bench.history("", .camera).status
        let before = bench.simulator.deliveries.count
        bench.event("motion_detected", .doorbell)
        bench.event("motion_detected", .camera)
        return "\(door) \(camera) \(bench.simulator.deliveries.count - before)"
    }

    static let accessRows: [SwitchRow] = [
        Self.scope("scope_cameras", .camera, "motion_detected", hides: 4),
        Self.scope("scope_contact_sensors", .contact, "contact_sensor_faulted", hides: 1),
        Self.scope("scope_flood_freeze", .floodFreeze, "freeze_detected", hides: 1),
        Self.scope("scope_temperature_humidity", .temperatureHumidity, "humidity_exceeded", hides: 1),
        Self.scope("scope_air_quality", .airQuality, "pm25_exceeded", hides: 1),
        Self.scope("scope_chimes", .chime, "chime_played", hides: 1),
        SwitchRow("scope_chime_controls", ["true": "200 200", "false": "200 403"]) { bench in
            let path = "\(bench.device(.chime))/media/audio/playback"
            let played = try await bench.send("POST", path, body: #"{"audio_ref":"aud-17"}"#)
            return "\(try await bench.get(bench.device(.chime)).status) \(played.status)"
        },
        // The first subscription is a plan for the doorbell, the second a trial of the camera that is over.
        SwitchRow(
            "plan_enforcement",
            [
                "account": "200 200 2, then 403 403 0", "none": "200 200 2, then 200 200 2",
                "device": "200 403 1, then 403 403 0",
            ],
            setUp: { $0.accounts[0].subscriptionCount = 2 }
        ) { bench in
            let first = try await Self.plan(bench)
            bench.event("subscription_deactivated", .doorbell)
            return "\(first), then \(try await Self.plan(bench))"
        },
    ]
}
