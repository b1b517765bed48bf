import RingCore
import RingJSONAPI
import RingSimulator
import Testing

extension SwitchTable {
    private static func devices(_ bench: Bench) async throws -> String {
        String(try await bench.get("/v1/devices").status)
    }

    /// Two requests with a limit of one: less than a second apart, and in two seconds of the simulated clock.
    private static func overTheSecond(_ bench: Bench) async throws -> String {
        for _ in 0..<20 {
            bench.simulator.advance(by: .milliseconds(2950 - bench.simulator.milliseconds % 1000))
            _ = try await bench.get("/v1/users/me")
            bench.simulator.advance(by: .milliseconds(100))
            let second = try await bench.get("/v1/users/me").status
            let times = bench.simulator.journal.suffix(2).map(\.milliseconds)
            // A busy machine may have left the window.
            if times[0] / 1000 < times[1] / 1000, times[1] - times[0] < 1000 { return String(second) }
        }
        return "no two requests were close enough"
    }

    private static func limit(_ bench: Bench) async throws -> String {
        let fields = try await bench.get("/v1/devices").fields
        return "\(fields["X-RateLimit-Limit"] ?? "-") \(fields["X-RateLimit-Remaining"] ?? "-")"
    }

    static let apiRows: [SwitchRow] = [
        SwitchRow("rate_limit", ["0": "- -", "7": "7 6"]) { try await Self.limit($0) },
        SwitchRow("rate_limit_headers", ["true": "7 6", "false": "- -"], with: #""rate_limit":7"#) {
            try await Self.limit($0)
        },
        SwitchRow("rate_limit_window", ["fixed": "200", "sliding": "429"], with: #""rate_limit":1"#) {
            try await Self.overTheSecond($0)
        },
        SwitchRow("rate_limit_retry_after", ["true": "1", "false": ""], with: #""rate_limit_strikes":1"#) { bench in
            try await bench.get("/v1/devices").fields["Retry-After"] ?? ""
        },
        SwitchRow("rate_limit_strikes", ["0": "200", "1": "429"]) { try await Self.devices($0) },
        SwitchRow("rates", ["{}": "200", #"{"api_failures":1}"#: "500"]) { try await Self.devices($0) },
        SwitchRow("api_failures", ["0": "200", "1": "500"]) { try await Self.devices($0) },
        SwitchRow("api_unavailable", ["0": "200", "1": "503"]) { try await Self.devices($0) },
        SwitchRow("gateway_failures", ["0": "200", "1": "502"]) { try await Self.devices($0) },
        SwitchRow("gateway_status", ["502": "502", "504": "504"], with: #""gateway_failures":1"#) {
            try await Self.devices($0)
        },
        SwitchRow("request_ids", ["true": "36", "false": "0"]) { bench in
            String(try await bench.get("/v1/devices").fields["X-Request-ID"]?.utf8.count ?? 0)
        },
        SwitchRow(
            "json_content_type",
            [
                "application/json; charset=utf-8": "application/json; charset=utf-8",
                "application/json": "application/json", "application/vnd.api+json": "application/vnd.api+json",
            ]
        ) { bench in
            try await bench.get("/v1/devices").fields["Content-Type"] ?? ""
        },
        SwitchRow("locations_listed", ["true": "200", "false": "404"]) { bench in
            String(try await bench.get("/v1/locations").status)
        },
        SwitchRow("users_me_unauthorized_status", ["403": "403", "401": "401"]) { bench in
            let url = "\(bench.simulator.apiURL)/v1/users/me"
            return String(try await RingSimulatorTests.send("GET", url, token: "x").status)
        },
        SwitchRow("unauthorized_body_empty", ["false": "Invalid Client", "true": ""]) { bench in
            let url = "\(bench.simulator.apiURL)/v1/devices"
            return try await RingSimulatorTests.send("GET", url, token: "x").error?["title"]?.string ?? ""
        },
        SwitchRow("removed_integration_status", ["401": "401", "403": "403"]) { bench in
            bench.event("app_integration_removed", nil)
            return try await Self.devices(bench)
        },
        SwitchRow("subscriptions_status", ["200": "200", "404": "404"]) { bench in
            String(try await bench.get("/v1/accounts/me/subscriptions").status)
        },
        SwitchRow("subscriptions_unprocessable", ["false": "200", "true": "422"]) { bench in
            String(try await bench.get("/v1/accounts/me/subscriptions").status)
        },
    ]
}
