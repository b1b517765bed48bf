import RingCore
import RingJSONAPI
import RingSimulator
import Testing

extension SwitchTable {
    private static func count(_ bench: Bench, _ query: String = "") async throws -> String {
        String(try await bench.history(query).data?.elements.count ?? -1)
    }

    private static func next(_ bench: Bench, _ query: String = "") async throws -> String? {
        try await bench.history(query).json?["links"]?["next"]?.string
    }

    static let historyRows: [SwitchRow] = [
        SwitchRow("history_page_size", ["50": "2", "1": "1"]) { bench in
            for _ in 0..<2 { _ = bench.motion() }
            return try await Self.count(bench)
        },
        SwitchRow("history_ignores_filters", ["false": "0", "true": "1"]) { bench in
            _ = bench.motion()
            return try await Self.count(bench, "?event_types=ding")
        },
        SwitchRow("history_next_on_empty_page", ["false": "false", "true": "true"]) { bench in
            _ = bench.motion()
            return String(try await Self.next(bench) != nil)
        },
        SwitchRow(
            "history_next_without_filters", ["false": "true", "true": "false"], with: #""history_page_size":1"#
        ) { bench in
            for _ in 0..<2 { _ = bench.motion() }
            return String(try await Self.next(bench, "?event_types=motion")?.contains("event_types=motion") == true)
        },
        SwitchRow("history_string_timestamps", ["false": "number", "true": "string"]) { bench in
            _ = bench.motion()
            let attributes = try await bench.history().data?.elements.first?["attributes"]
            return attributes?["start"]?.kind.rawValue ?? ""
        },
        SwitchRow("history_sub_type", ["false": "", "true": "human"]) { bench in
            _ = bench.motion(subType: "human")
            return try await bench.history().data?.elements.first?["attributes"]?["sub_type"]?.string ?? ""
        },
        SwitchRow("history_riid", ["false": "false", "true": "true"]) { bench in
            _ = bench.motion()
            return String(try await bench.history().data?.elements.first?["meta"]?["riid"]?.string != nil)
        },
        SwitchRow(
            "history_time_cursors", ["false": "opaque, 2 events", "true": "a time, 2 events"],
            with: #""history_page_size":1"#
        ) { bench in
            for _ in 0..<2 { _ = bench.motion() }
            let link = try await Self.next(bench) ?? ""
            let second = try await bench.get(link).data?.elements.first?["id"]?.string
            let first = try await bench.history().data?.elements.first?["id"]?.string
            let ids = Set([first, second].compactMap(\.self))
            return "\(link.contains("%3A") && link.hasSuffix("Z") ? "a time" : "opaque"), \(ids.count) events"
        },
        SwitchRow("history_still_entries", ["false": "1", "true": "2"]) { bench in
            let time = bench.motion()
            _ = try await bench.still(#"{"type":"at_timestamp","timestamp":\#(time)}"#)
            return try await Self.count(bench)
        },
        SwitchRow("history_delay_seconds", ["0": "1 1", "120": "0 1"]) { bench in
            bench.event("motion_detected")
            let now = try await Self.count(bench)
            bench.simulator.advance(by: .seconds(121))
            return "\(now) \(try await Self.count(bench))"
        },
    ]
}
