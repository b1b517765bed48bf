import RingCore
import RingCrypto
import RingJSONAPI
import RingSimulator
import Testing

extension SwitchTable {
    private static let verifier = "verifier-verifier-verifier-verifier-verifier"

    /// Runs a refresh that may be held; whatever is held is closed.
    private static func heldRefresh(_ bench: Bench, _ failure: RingSimulatorSwitches.Failure) async -> String {
        guard bench.simulator.switches.next[failure] == 1 else { return await bench.refresh() }
        let token = bench.simulator.refreshToken
        let held = Task { await bench.refresh(token) }
        await bench.simulator.waitUntilHeld(1)
        let isDone = !bench.simulator.isValid(refreshToken: token)
        bench.simulator.release(closing: true)
        return "held, \(isDone ? "done" : "not done"), \(await held.value)"
    }

    static let tokenRows: [SwitchRow] = [
        SwitchRow("token_error_form", ["rfc6749": "error", "jsonapi": "errors", "empty": ""]) { bench in
            try await bench.simulator.token("grant_type=refresh_token&refresh_token=x").names.first ?? ""
        },
        SwitchRow("access_token_seconds", ["14400": "14400", "60": "60"]) { bench in
            let issued = try await bench.exchange(try bench.simulator.issueCode())
            return issued.json?["expires_in"]?.int64.map { String($0) } ?? ""
        },
        SwitchRow("refresh_token_seconds", ["2592000": "200", "60": "400"]) { bench in
            let token = bench.simulator.refreshToken
            bench.simulator.advance(by: .seconds(61))
            return await bench.refresh(token)
        },
        SwitchRow("refresh_token_life", ["issue": "400", "inactivity": "200"], with: #""refresh_token_seconds":60"#) {
            bench in
            let token = bench.simulator.refreshToken
            bench.simulator.advance(by: .seconds(50))
            _ = try await bench.get("/v1/devices")
            bench.simulator.advance(by: .seconds(50))
            return await bench.refresh(token)
        },
        SwitchRow("refresh_grace_seconds", ["0": "200 400", "3600": "200 200"]) { bench in
            let token = bench.simulator.refreshToken
            return "\(await bench.refresh(token)) \(await bench.refresh(token))"
        },
        SwitchRow("refresh_responses_to_lose", ["0": "200", "1": "closed"]) { bench in await bench.refresh() },
        SwitchRow("refreshes_to_hold", ["0": "200", "1": "held, not done, closed"]) { bench in
            await Self.heldRefresh(bench, .refreshHeld)
        },
        SwitchRow("refresh_responses_to_hold", ["0": "200", "1": "held, done, closed"]) { bench in
            await Self.heldRefresh(bench, .refreshResponseHeld)
        },
        SwitchRow("token_failures", ["0": "200", "1": "503"]) { bench in await bench.refresh() },
        SwitchRow("token_rate_limits", ["0": "200", "1": "429"]) { bench in await bench.refresh() },
        SwitchRow(
            "token_scope",
            ["ava.v1:read": "ava.v1:read", "ava.devices": "ava.devices", "ava.v1": "ava.v1", "ava": "ava"]
        ) { bench in
            try await bench.exchange(try bench.simulator.issueCode()).json?["scope"]?.string ?? ""
        },
        SwitchRow("token_read_only", ["false": "200 200 303 200", "true": "200 422 303 403"]) { bench in
            let integration = "/v1/accounts/me/app-integrations"
            return [
                try await bench.get("/v1/devices").status,
                try await bench.get("/v1/accounts/me/subscriptions").status,
                try await bench.clip(bench.motion()).status,
                try await bench.send("PATCH", integration, body: #"{"status":"completed"}"#).status,
            ].map { String($0) }.joined(separator: " ")
        },
        SwitchRow("code_seconds", ["60": "400", "1000": "200"]) { bench in
            let code = try bench.simulator.issueCode()
            bench.simulator.advance(by: .seconds(61))
            return String(try await bench.exchange(code).status)
        },
        SwitchRow("pkce_code_seconds", ["600": "200", "60": "400"]) { bench in
            let challenge = RingSHA256.digest(of: Array(Self.verifier.utf8)).base64URL
            let code = try bench.simulator.issueCode(challenge: challenge)
            bench.simulator.advance(by: .seconds(61))
            return String(try await bench.exchange(code, "&code_verifier=\(Self.verifier)").status)
        },
        SwitchRow("code_delivery_attempts", ["1": "503 after 1", "3": "200 after 2"]) { bench in
            let receiver = try await Receiver([503, 200])
            let status = try await bench.simulator.deliverCode(to: receiver.url)
            await receiver.stop()
            return "\(status) after \(receiver.hooks.count)"
        },
        SwitchRow("code_delivery_json", ["false": "code=", "true": #"{"cod"#]) { bench in
            let receiver = try await Receiver()
            _ = try await bench.simulator.deliverCode(to: receiver.url)
            let body = receiver.hooks.first?.body ?? []
            await receiver.stop()
            return String(decoding: body.prefix(5), as: UTF8.self)
        },
    ]
}
