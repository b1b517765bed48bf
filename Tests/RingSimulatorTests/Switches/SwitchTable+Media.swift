import Foundation
import RingCore
import RingCurl
import RingJSONAPI
import RingSimulator
import RingTesting
import Testing

extension SwitchTable {
    private static let direct = #""clip_delivery":"direct""#

    /// Whether a clip arrives whole.
    private static func wholeness(_ bench: Bench) async throws -> String {
        let time = bench.motion()
        return (try? await bench.clip(time)) == nil ? "cut" : "whole"
    }

    static let mediaRows: [SwitchRow] = [
        SwitchRow(
            "clip_delivery",
            [
                "two_step": "303 200", "direct": "200", "moved": "301 200", "found": "302 200", "temporary": "307 200",
                "permanent": "308 200",
            ]
        ) { bench in
            let step = try await bench.clip(bench.motion())
            guard !step.location.isEmpty else { return String(step.status) }
            return "\(step.status) \(try await RingSimulatorTests.send("GET", step.location).status)"
        },
        SwitchRow("clip_partial", ["false": "200 ", "true": "206 5000"], with: Self.direct) { bench in
            let clip = try await bench.clip(bench.motion())
            return "\(clip.status) \(clip.fields["X-Media-Length"] ?? "")"
        },
        SwitchRow(
            "media_length_header",
            ["X-Media-Length": "true false", "X-Media-Duration": "false true", "both": "true true"],
            with: #""clip_delivery":"direct","clip_partial":true"#
        ) { bench in
            let fields = try await bench.clip(bench.motion()).fields
            return "\(fields["X-Media-Length"] != nil) \(fields["X-Media-Duration"] != nil)"
        },
        SwitchRow(
            "clip_missing_code",
            ["TIMESTAMP_NOT_FOUND": "TIMESTAMP_NOT_FOUND", "MEDIA_NOT_FOUND": "MEDIA_NOT_FOUND"], with: Self.direct
        ) { bench in
            try await bench.clip(bench.motion() - 3_600_000).error?["code"]?.string ?? ""
        },
        SwitchRow("media_not_ready", ["0": "200", "1": "425 RECORDING_NOT_READY"]) { try await $0.media() },
        SwitchRow("media_missing", ["0": "200", "1": "416 TIMESTAMP_NOT_FOUND"]) { try await $0.media() },
        SwitchRow("media_no_valid_key", ["0": "200", "1": "422 GRECO_NO_VALID_KEY"]) { try await $0.media() },
        SwitchRow("media_corrupt", ["0": "200", "1": "422 CORRUPT_RECORDING"]) { try await $0.media() },
        SwitchRow("media_failures", ["0": "200", "1": "500 INTERNAL_ERROR"]) { try await $0.media() },
        SwitchRow("media_busy", ["0": "200", "1": "503 SERVER_BUSY"]) { try await $0.media() },
        SwitchRow("media_everywhere", ["false": "416", "true": "200"], with: Self.direct) { bench in
            String(try await bench.clip(bench.motion() - 3_600_000).status)
        },
        SwitchRow(
            "media_problems_at_step_one",
            ["false": "425 RECORDING_NOT_READY", "true": "step 1: 425 RECORDING_NOT_READY"],
            with: #""media_not_ready":1"#
        ) { try await $0.media() },
        SwitchRow(
            "media_body", ["real": "ftyp", "html": "html", "json": "errors", "garbage": "else"], with: Self.direct
        ) {
            bench in
            let body = try await bench.clip(bench.motion()).body
            let text = String(decoding: body.prefix(16), as: UTF8.self)
            return ["ftyp", "html", "errors"].first { text.contains($0) } ?? "else"
        },
        SwitchRow("media_link_seconds", ["300": "200", "30": "403"]) { bench in
            let step = try await bench.clip(bench.motion())
            bench.simulator.advance(by: .seconds(31))
            return String(try await RingSimulatorTests.send("GET", step.location).status)
        },
        SwitchRow("media_cut_after", ["0": "whole", "1000": "cut"], with: #""clip_delivery":"direct","media_cuts":1"#) {
            try await Self.wholeness($0)
        },
        SwitchRow(
            "media_cuts", ["0": "whole", "1": "cut"], with: #""clip_delivery":"direct","media_cut_after":1000"#
        ) { try await Self.wholeness($0) },
        SwitchRow("media_bytes_per_second", ["0": "large pieces", "1000": "small pieces"], with: Self.direct) { bench in
            let url = try #require(
                URL(string: "\(bench.simulator.apiURL)\(bench.device(.doorbell))/media/video/download"))
            let body = #"{"timestamp":\#(bench.motion()),"duration":10000}"#
            let call = RingCall(
                method: .post, url: url, headerFields: ["Authorization": "Bearer \(bench.token)"],
                body: RingHTTPBody(Array(body.utf8)), operation: .testRead, timeouts: .patient)
            let response = try await RingCurlTransport().send(call)
            for try await piece in response.body { return piece.count > 100 ? "large pieces" : "small pieces" }
            return "nothing"
        },
        SwitchRow("media_offline_unavailable", ["false": "200", "true": "503"], with: Self.direct) { bench in
            let time = bench.motion()
            bench.event("device_offline")
            return String(try await bench.clip(time).status)
        },
        SwitchRow("media_malformed_forbidden", ["true": "403 403 403", "false": "400 400 400"]) { bench in
            let path = "\(bench.device(.doorbell))/media/video/download"
            let statuses = [
                try await bench.still("").status, try await bench.still(#"{"type":"at_timestamp"}"#).status,
                try await bench.send("POST", path, body: #"{"duration":1000}"#).status,
            ]
            return statuses.map { String($0) }.joined(separator: " ")
        },
        SwitchRow("clip_on_demand_forbidden", ["false": "200", "true": "403"], with: Self.direct) { bench in
            _ = try await bench.open()
            let time = bench.simulator.milliseconds
            bench.simulator.advance(by: .seconds(61))
            return String(try await bench.clip(time, .camera).status)
        },
    ]
}
