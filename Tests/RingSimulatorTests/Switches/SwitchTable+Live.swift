import RingCore
import RingJSONAPI
import RingLive
import RingSimulator
import Testing

extension SwitchTable {
    private static func direction(_ reply: Reply) -> String {
        // The port of the audio section of an SDP answer: 0 rejects it.
        let audio = reply.text.split(separator: "\r\n").first { $0.hasPrefix("m=audio ") }
        return audio.map { $0.hasPrefix("m=audio 0 ") ? "rejected" : "sent" } ?? "refused with \(reply.status)"
    }

    static let liveRows: [SwitchRow] = [
        SwitchRow(
            "whep_location",
            [
                "absolute": "http://127.0.0.1", "relative": "/v1/devices/ava1", "missing": "",
                "foreign": "https://elsewher",
            ]
        ) { bench in
            String(try await bench.open().location.prefix(16))
        },
        SwitchRow("whep_delete_status", ["200": "200", "204": "204"]) { bench in
            let session = try await bench.open().location
            return String(try await RingSimulatorTests.send("DELETE", session, token: bench.token).status)
        },
        SwitchRow("whep_requires_high_profile", ["true": "500", "false": "201"]) { bench in
            String(try await bench.open(Bench.offer(profile: "42e01f")).status)
        },
        SwitchRow("whep_direction_status", ["400": "400", "500": "500"]) { bench in
            String(try await bench.open(Bench.offer("sendrecv")).status)
        },
        SwitchRow("whep_requires_ice", ["true": "400", "false": "201"]) { bench in
            String(try await bench.open(Bench.offer(ice: false)).status)
        },
        SwitchRow("whep_incomplete_status", ["400": "400", "500": "500"]) { bench in
            String(try await bench.open(Bench.offer(ice: false)).status)
        },
        SwitchRow("whep_requires_component", ["true": "400 201", "false": "201 201"]) { bench in
            let none = try await bench.open(Bench.offer(), .elite).status
            return "\(none) \(try await bench.open(Bench.offer(), .elite, query: "?component_id=1").status)"
        },
        SwitchRow(
            "whep_audio",
            ["any": "sent sent", "recvonly": "sent refused with 400", "none": "rejected rejected"]
        ) { bench in
            let asked = Self.direction(try await bench.open(Bench.offer(audio: "recvonly")))
            return "\(asked) \(Self.direction(try await bench.open(Bench.offer(audio: "sendrecv"))))"
        },
        SwitchRow("whep_retransmission", ["true": "102 103", "false": "102"]) { bench in
            let offer =
                Bench.offer().replacing("SAVPF 102", with: "SAVPF 102 103")
                + "a=rtpmap:103 rtx/90000\r\na=fmtp:103 apt=102\r\n"
            let line = try await bench.open(offer).text.split(separator: "\r\n").first { $0.hasPrefix("m=video") }
            return line?.split(separator: " ").dropFirst(3).joined(separator: " ") ?? ""
        },
        SwitchRow("whep_history_entries", ["true": "on_demand", "false": ""]) { bench in
            _ = try await bench.open()
            let event = try await bench.history("", .camera).data?.elements.first
            return event?["attributes"]?["event_type"]?.string ?? ""
        },
        SwitchRow("whep_etag", ["false": "false", "true": "true"]) { bench in
            String(try await bench.open().fields["ETag"]?.hasPrefix("\"") == true)
        },
        SwitchRow("whep_link", ["false": "", "true": #"<stun:stun.l.google.com:19302>; rel="ice-server""#]) { bench in
            try await bench.open().fields["Link"] ?? ""
        },
        SwitchRow("whep_sessions_per_device", ["0": "201 201 201", "1": "201 503 201"]) { bench in
            let statuses = [
                try await bench.open().status, try await bench.open().status,
                try await bench.open(Bench.offer(), .doorbell).status,
            ]
            return statuses.map { String($0) }.joined(separator: " ")
        },
        SwitchRow("whep_silent_end_seconds", ["0": "1", "10": "0"]) { bench in
            _ = try await bench.open()
            bench.simulator.advance(by: .seconds(11))
            return String(bench.simulator.openSessions)
        },
        SwitchRow("whep_video", ["true": "picture", "false": "none"], needsVideo: true) { bench in
            try await bench.liveClient().withSession(bench.simulator.id(.doorbell)) { _ in
                try await bench.sentVideo().allSatisfy { $0 == nil } ? "none" : "picture"
            }
        },
        SwitchRow("whep_video_seconds", ["0": "goes on", "1": "stops"], needsVideo: true) { bench in
            try await bench.pictures(15).count == 15 ? "goes on" : "stops"
        },
        SwitchRow("whep_packet_loss_percent", ["0": "none", "100": "some"], needsVideo: true) { bench in
            try await bench.packets(5, "lost_packets")
        },
        SwitchRow("whep_packet_reordering_percent", ["0": "none", "100": "some"], needsVideo: true) { bench in
            try await bench.packets(5, "reordered_packets")
        },
        SwitchRow("whep_packet_jitter_milliseconds", ["0": "none", "50": "some"], needsVideo: true) { bench in
            try await bench.packets(5, "delayed_packets")
        },
        SwitchRow("whep_failures", ["0": "201", "1": "500"]) { bench in String(try await bench.open().status) },
        SwitchRow("whep_offline", ["0": "201", "1": "503"]) { bench in String(try await bench.open().status) },
    ]
}
