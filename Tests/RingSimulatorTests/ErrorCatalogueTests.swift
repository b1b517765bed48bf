import RingCore
import RingJSONAPI
import RingSimulator
import Testing

/// Every status of the documented catalogue, with its title or code, can be met.
@Suite(.timeLimit(.minutes(5))) struct ErrorCatalogueTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var status: Int
        var words: String
        var switches: String
        var look: @Sendable (Bench) async throws -> Reply
        var testDescription: String { "\(self.status) \(self.words)" }

        init(
            _ status: Int, _ words: String, _ switches: String = "",
            look: @escaping @Sendable (Bench) async throws -> Reply = { try await $0.get("/v1/devices") }
        ) {
            (self.status, self.words, self.switches, self.look) = (status, words, switches, look)
        }
    }

    private static let integration = "/v1/accounts/me/app-integrations"
    private static let direct = #""clip_delivery":"direct","#

    private static func clip(_ bench: Bench) async throws -> Reply { try await bench.clip(bench.motion()) }

    private static func integration(_ method: String, _ body: String) -> @Sendable (Bench) async throws -> Reply {
        { bench in try await bench.send(method, Self.integration, body: body) }
    }

    static let rows: [Row] = [
        Row(400, "Bad Request") { try await $0.get("/v1/devices?include=weather") },
        Row(400, "INVALID_NONCE Invalid Nonce", look: Self.integration("POST", #"{"nonce":"x"}"#)),
        Row(400, "Missing Required Fields", look: Self.integration("PATCH", "{}")),
        Row(400, "Invalid Status Transition", look: Self.integration("PATCH", #"{"status":"paused"}"#)),
        Row(400, "INVALID_PAYLOAD") { try await $0.clip($0.motion(), more: #","video_options":{"codec":"vp8"}"#) },
        Row(401, "Invalid Client") { bench in
            try await RingSimulatorTests.send("GET", "\(bench.simulator.apiURL)/v1/devices", token: "x")
        },
        Row(401, "UNAUTHORIZED Invalid Client") { bench in
            let url = "\(bench.simulator.path(.doorbell))/media/image/download"
            return try await RingSimulatorTests.send("POST", url, token: "x", body: "{}")
        },
        Row(401, "", #""unauthorized_body_empty":true"#) { bench in
            try await RingSimulatorTests.send("GET", "\(bench.simulator.apiURL)/v1/devices", token: "x")
        },
        Row(403, "Forbidden") { bench in
            try await RingSimulatorTests.send("GET", "\(bench.simulator.apiURL)/v1/users/me", token: "x")
        },
        Row(403, "Out of Scope Access", #""token_read_only":true"#, look: Self.integration("PATCH", "{}")),
        Row(403, "Out of Scope Access", look: Self.integration("DELETE", "")),
        Row(403, "REQUEST_FORBIDDEN") { try await $0.clip($0.motion(), .chime) },
        Row(403, "TIME_RANGE_NOT_AUTHORIZED") { try await $0.clip($0.motion() - 2 * 86_400_000) },
        Row(403, "") { try await $0.get("\($0.device(.camera))/events") },
        Row(404, "DEVICE_NOT_FOUND Not Found") { try await $0.get("/v1/devices/nobody") },
        Row(404, "") { try await $0.get("/v1/chimes") },
        Row(415, "Unsupported Media Type") { bench in
            try await bench.send("POST", "\(bench.device(.camera))/media/streaming/whep/sessions", body: "{}")
        },
        Row(416, "TIMESTAMP_NOT_FOUND", Self.direct + #""media_missing":1"#) { try await Self.clip($0) },
        Row(416, "MEDIA_NOT_FOUND", Self.direct + #""media_missing":1,"clip_missing_code":"MEDIA_NOT_FOUND""#) {
            try await Self.clip($0)
        },
        Row(422, "Unprocessable Entity", #""subscriptions_unprocessable":true"#) {
            try await $0.get("/v1/accounts/me/subscriptions")
        },
        Row(422, "CORRUPT_RECORDING", Self.direct + #""media_corrupt":1"#) { try await Self.clip($0) },
        Row(422, "GRECO_NO_VALID_KEY", Self.direct + #""media_no_valid_key":1"#) { try await Self.clip($0) },
        Row(425, "RECORDING_NOT_READY", Self.direct + #""media_not_ready":1"#) { try await Self.clip($0) },
        Row(429, "Rate Limit Exceeded", #""rate_limit_strikes":1"#),
        Row(500, "Internal Server Error", #""api_failures":1"#),
        Row(500, "INTERNAL_ERROR", Self.direct + #""media_failures":1"#) { try await Self.clip($0) },
        Row(502, "", #""gateway_failures":1"#),
        Row(504, "", #""gateway_failures":1,"gateway_status":504"#),
        Row(503, "Service Unavailable", #""api_unavailable":1"#),
        Row(503, "Device Unavailable", #""whep_offline":1"#) { try await $0.open() },
        Row(503, "SERVER_BUSY", Self.direct + #""media_busy":1"#) { try await Self.clip($0) },
    ]

    @Test(arguments: Self.rows) func theErrorCanBeMet(row: Row) async throws {
        let scenario = "{\"switches\":{\(row.switches)}}"
        let switches = try RingSimulatorConfiguration(scenario: Array(scenario.utf8)).switches
        try await Bench.run(
            { $0.switches = switches },
            { bench async throws in
                let reply = try await row.look(bench)
                #expect(reply.status == row.status)
                let words = [reply.error?["code"], reply.error?["title"]].compactMap { $0?.string }
                #expect(words.joined(separator: " ") == row.words)
                if !row.words.isEmpty { #expect(reply.error?["status"]?.string == String(row.status)) }
            })
    }
}
