import RingCore
import RingCrypto
import RingJSONAPI
import RingSimulator
import Testing

extension SwitchTable {
    private static let path = "/v1/accounts/me/app-integrations"

    private static func pending(_ configuration: inout RingSimulatorConfiguration) {
        configuration.accounts[0].state = .pending
    }

    /// A nonce of the time of a redirect, with a mistake.
    private static func standardBase64(_ nonce: String) -> String {
        RingBase64.encode(RingBase64URL.decode(nonce) ?? [])
    }

    static let linkingRows: [SwitchRow] = [
        SwitchRow("nonce_seconds", ["600": "200", "30": "400"]) { bench in
            let nonce = try bench.simulator.linkRedirect().nonce
            bench.simulator.advance(by: .seconds(31))
            return String(try await bench.confirm(nonce).status)
        },
        SwitchRow("nonce_future_milliseconds", ["0": "not in the future, 200", "60000": "in the future, 200"]) {
            bench in
            let redirect = try bench.simulator.linkRedirect()
            let isAhead = Int64(redirect.time).map { $0 > bench.simulator.milliseconds + 10_000 } ?? false
            return "\(isAhead ? "" : "not ")in the future, \(try await bench.confirm(redirect.nonce).status)"
        },
        SwitchRow(
            "nonce_form",
            [
                "correct": "43 right", "standard_base64": "44 wrong", "decoded_key": "43 decoded",
                "seconds": "43 seconds",
            ]
        ) { bench in
            let (key, account) = (try RingHMACKey(bench.simulator.configuration.hmacKey), bench.simulator.accountID)
            let redirect = try bench.simulator.linkRedirect()
            let decoded = key.codeWithDecodedKey(for: Array("\(redirect.time):\(account)".utf8))?.base64URL
            let seconds = RingLinkNonce.compute(
                time: String(redirect.time.dropLast(3)), accountID: account.rawValue, key: key)
            let right = RingLinkNonce.compute(time: redirect.time, accountID: account.rawValue, key: key)
            let names = [right: "right", decoded ?? "": "decoded", seconds: "seconds"]
            return "\(redirect.nonce.utf8.count) \(names[redirect.nonce] ?? "wrong")"
        },
        SwitchRow(
            "nonce_mistakes_named",
            ["false": "", "true": "the nonce is standard Base64; use Base64url without padding"]
        ) { bench in
            let nonce = Self.standardBase64(try bench.simulator.linkRedirect().nonce)
            return try await bench.confirm(nonce).error?["detail"]?.string ?? ""
        },
        SwitchRow("integration_flat_responses", ["false": "meta data", "true": "status"]) { bench in
            try await bench.get(Self.path).names.joined(separator: " ")
        },
        SwitchRow("integration_without_meta", ["false": "meta data", "true": "data"]) { bench in
            try await bench.get(Self.path).names.joined(separator: " ")
        },
        SwitchRow("integration_delete_allowed", ["false": "403", "true": "204"]) { bench in
            String(try await bench.send("DELETE", Self.path).status)
        },
        SwitchRow(
            "integration_delete_status", ["204": "204", "200": "200"], with: #""integration_delete_allowed":true"#
        ) { bench in
            String(try await bench.send("DELETE", Self.path).status)
        },
        SwitchRow("integration_get_missing", ["false": "200", "true": "404"]) { bench in
            String(try await bench.get(Self.path).status)
        },
        SwitchRow(
            "awaiting_at_redirect", ["false": "pending", "true": "awaiting"], setUp: { Self.pending(&$0) }
        ) { bench in
            _ = try bench.simulator.linkRedirect()
            return bench.simulator.accounts.first?.state.rawValue ?? ""
        },
        SwitchRow("pending_refused", ["true": "403 200", "false": "200 200"], setUp: { Self.pending(&$0) }) { bench in
            let early = try await bench.get("/v1/devices").status
            _ = try await bench.confirm(try bench.simulator.linkRedirect().nonce)
            return "\(early) \(try await bench.get("/v1/devices").status)"
        },
        SwitchRow("consent_at_link", ["true": "303, 403", "false": "303, 303"], setUp: { Self.pending(&$0) }) { bench in
            let earlier = bench.simulator.milliseconds
            bench.simulator.advance(by: .seconds(60))
            _ = try await bench.confirm(try bench.simulator.linkRedirect().nonce)
            let later = bench.motion()
            return "\(try await bench.clip(later).status), \(try await bench.clip(earlier).status)"
        },
    ]
}
