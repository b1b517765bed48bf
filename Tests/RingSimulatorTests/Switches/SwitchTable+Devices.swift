import RingCore
import RingJSONAPI
import RingSimulator
import Testing

extension SwitchTable {
    private static func first(_ bench: Bench) async throws -> JSONAPIValue? {
        try await bench.get("/v1/devices").data?.elements.first
    }

    private static func play(_ bench: Bench, _ body: String) async throws -> Reply {
        try await bench.send("POST", "\(bench.device(.chime))/media/audio/playback", body: body)
    }

    static let deviceRows: [SwitchRow] = [
        SwitchRow("devices_without_relationships", ["false": "true", "true": "false"]) { bench in
            String(try await Self.first(bench)?["relationships"] != nil)
        },
        SwitchRow("devices_unknown_attributes", ["false": "2", "true": "4"]) { bench in
            String(try await Self.first(bench)?["attributes"]?.members.count ?? 0)
        },
        SwitchRow("devices_broken_element", ["false": "0", "true": "1"]) { bench in
            let list = try await bench.get("/v1/devices").data?.elements ?? []
            return String(list.count { $0["id"] == nil })
        },
        SwitchRow("devices_malformed", ["false": "true", "true": "false"]) { bench in
            String(try await bench.get("/v1/devices").json != nil)
        },
        SwitchRow("device_ids_with_slash", ["false": "false", "true": "true"]) { bench in
            String(bench.simulator.devices.allSatisfy { $0.id.rawValue.contains("/") })
        },
        SwitchRow("devices_without_nulls", ["false": "true", "true": "false"]) { bench in
            let parts = [
                try await bench.get("\(bench.device(.camera))/capabilities"),
                try await bench.get("\(bench.device(.camera))/configurations"),
                try await bench.get("\(bench.device(.camera))/status"),
            ]
            let nulls = parts.map { $0.text.contains(":null") }
            return Set(nulls).count == 1 ? String(nulls[0]) : "mixed"
        },
        SwitchRow("component_ids_numeric", ["false": "string string", "true": "number number"]) { bench in
            let items = try await bench.get("\(bench.device(.elite))/capabilities").data?["attributes"]?["components"]
            let motion = try bench.webhook("motion_detected", .elite, components: ["1"])
            let seen = motion["data"]?["attributes"]?["component_ids"]?.elements.first
            return [items?["items"]?.elements.first?["component_id"], seen].map { $0?.kind.rawValue ?? "" }
                .joined(separator: " ")
        },
        SwitchRow("devices_e2e_encrypted", ["false": "false", "true": "true"]) { bench in
            let configurations = try await bench.get("\(bench.device(.camera))/configurations").data
            return configurations?["attributes"]?["e2e_encryption"]?["enabled"]?.text ?? ""
        },
        SwitchRow(
            "sensor_readings",
            ["object": #"{"value":36.0,"unit":"celsius"}"#, "value": #"{"value":36.0}"#, "number": "36.0"],
            setUp: { $0.accounts[0].devices = [RingSimulatorDevice(kind: .temperatureHumidity, name: "Attic")] }
        ) { bench in
            bench.event("temperature_exceeded", .temperatureHumidity)
            return try await bench.status(.temperatureHumidity)?["temperature"]?.text ?? ""
        },
        SwitchRow("chime_sounds_checked", ["true": "400 INVALID_PAYLOAD", "false": "200 "]) { bench in
            let reply = try await Self.play(bench, #"{"audio_ref":"nonsense"}"#)
            return "\(reply.status) \(reply.error?["code"]?.string ?? "")"
        },
        SwitchRow("chime_status", ["200": "200 true", "202": "202 false"]) { bench in
            let reply = try await Self.play(bench, #"{"audio_ref":"aud-17"}"#)
            return "\(reply.status) \(reply.data != nil)"
        },
        SwitchRow(
            "chime_body",
            ["any": "200 200 200", "data": "200 400 400", "audio_ref": "400 200 400", "event": "400 400 200"]
        ) { bench in
            var seen: [String] = []
            for body in [
                #"{"data":{"type":"audio","attributes":{"audio_ref":"aud-17"}}}"#, #"{"audio_ref":"aud-18"}"#,
                #"{"event":"ring-appstore-event-1"}"#,
            ] { seen.append(String(try await Self.play(bench, body).status)) }
            return seen.joined(separator: " ")
        },
        SwitchRow("removed_device_status", ["404": "404", "403": "403"]) { bench in
            let path = bench.device(.chime)
            bench.event("device_removed", .chime)
            return String(try await bench.get(path).status)
        },
    ]
}
