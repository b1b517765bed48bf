import FoundationEssentials
import RingPartner

/// The app's webhook endpoint, asked as Ring asks it: with deliveries of a device that does not exist.
struct WebhookCheck {
    private static let signed = "webhook_signed"
    private static let mend =
        "verify HMAC-SHA256 over the raw body with the bytes of the key's text, compare with `sha256=` and 64 lower-case "
        + "hexadecimal digits; RingWebhookInbox does all of it"
    private let probe: Probe
    private let url: URL
    private let key: RingHMACKey

    static func run(_ probe: Probe) async throws -> [Finding] {
        guard let (url, findings) = probe.url("--webhook-url", "webhook_url", "Webhook URL") else {
            return [.unchecked("webhook_url", "not checked", fix: "give it with --webhook-url")]
        }
        guard let url else { return findings }
        guard let text = probe.context.settings.variable("RING_HMAC_KEY"), let key = try? RingHMACKey(text) else {
            return findings + [
                .failure(
                    Self.signed, "no delivery can be signed without RING_HMAC_KEY",
                    fix: "set it in the environment",
                    exit: .usage)
            ]
        }
        return findings + (try await Self(probe: probe, url: url, key: key).run())
    }

    private init(probe: Probe, url: URL, key: RingHMACKey) {
        self.probe = probe
        self.url = url
        self.key = key
    }

    private func run() async throws -> [Finding] {
        let first = self.draft(.deviceOnline)
        let further: [(check: String, run: @Sendable () async throws -> Finding)] = [
            ("webhook_duplicate", { try await self.duplicate(of: first) }),
            ("webhook_forged", { try await self.forged() }),
            ("webhook_retry", { try await self.late() }),
            ("webhook_unknown_type", { try await self.unknown() }),
        ]
        var findings = try await self.probe.attempt(
            Self.signed, fix: "check that the endpoint runs, its name, its certificate and the proxy in front of it"
        ) {
            let response = try await self.send(first)
            return [response.isSuccess ? self.accepted(response) : try await self.refused(response)]
        }
        guard findings.allSatisfy({ $0.status == .ok || $0.status == .warning }) else {
            return findings + Finding.unchecked(further.map(\.check), needing: Self.signed)
        }
        for (index, check) in further.enumerated() {
            findings += try await self.probe.attempt(
                check.check, fix: "the endpoint must respond to every delivery, within 5 s", of: further.count - index
            ) { [try await check.run()] }
        }
        return findings
    }

    // MARK: Deliveries

    private func draft(_ kind: RingEventKind, sentBefore age: TimeInterval = 0) -> RingWebhookDraft {
        let moment = self.probe.context.environment.clock.now() - age
        return RingWebhookDraft(
            kind: kind, account: self.probe.context.settings.account ?? "ava1.ring.account.RINGCTLDOCTOR",
            device: "ava1.ring.device.RINGCTLDOCTOR", occurredAt: moment)
    }

    private func send(_ draft: RingWebhookDraft) async throws -> Probe.Response {
        try await self.send(draft.body, signature: draft.headers(signedWith: self.key)["X-Signature"])
    }

    private func send(_ body: [UInt8], signature: String?) async throws -> Probe.Response {
        var headers: RingHTTPFields = [.contentType: "application/json"]
        if let signature { headers["X-Signature"] = signature }
        return try await self.probe.send(.post, self.url, headers: headers, body: body)
    }

    // MARK: Findings

    private func accepted(_ response: Probe.Response) -> Finding {
        if response.duration > Probe.webhookLimit {
            return .failure(
                Self.signed, "the signed delivery got \(response.summary); Ring waits 5 s and sends it again",
                fix: "store the delivery, respond, and work afterwards; RingWebhookInbox does so")
        }
        if response.duration > .seconds(2) {
            return .warning(
                Self.signed, "the signed delivery got \(response.summary); Ring waits 5 s",
                fix: "store the delivery, respond, and work afterwards")
        }
        guard response.status == 200 else {
            return .warning(
                Self.signed, "the signed delivery got \(response.summary)", fix: "respond with exactly 200")
        }
        return .ok(Self.signed, "the signed delivery got \(response.summary)")
    }

    /// Whether it would take one of the deliveries that common mistakes expect.
    private func refused(_ response: Probe.Response) async throws -> Finding {
        func failure(_ text: String, _ fix: String, exit: ExitStatus = .server) -> Finding {
            .failure(Self.signed, "the signed delivery got \(response.summary): \(text)", fix: fix, exit: exit)
        }
        switch response.status {
        case 300..<400:
            return failure(
                "a redirect, which Ring does not follow", "enter the final URL in the portal, trailing slash included")
        case 404, 410: return failure("nothing is at this path", "correct the path in the portal, or serve it")
        case 405: return failure("it does not take POST", "serve POST at this path")
        case 415: return failure("it refuses application/json", "take JSON bodies")
        case 429: return failure("it limits Ring's deliveries", "exempt this path from the rate limit")
        case 500...:
            return failure(
                "Ring repeats it up to six times", "read the service's log for this moment; store before you respond")
        default: break
        }
        for (name, signature) in self.mistakes() {
            let draft = self.draft(.deviceOnline)
            guard let value = signature(draft.body) else { continue }
            do {
                guard try await self.send(draft.body, signature: value).isSuccess else { continue }
            } catch is RingError {
                // What is known is that the first delivery was refused; the other ways of signing are a guess at why.
                continue
            }
            return failure("it takes \(name)", Self.mend, exit: .verificationFailed)
        }
        return failure(
            "its key is not RING_HMAC_KEY, or something in front of it changes the body or the header field",
            "compare the keys; pass the body on byte for byte. \(Self.mend)", exit: .verificationFailed)
    }

    private func mistakes() -> [(name: String, signature: ([UInt8]) -> String?)] {
        [
            (
                "a signature made with the Base64-decoded key: the key must not be decoded",
                { self.key.codeWithDecodedKey(for: $0).map { "sha256=" + $0.hex } }
            ),
            ("only a signature without `sha256=`", { self.key.authenticationCode(for: $0).hex }),
            (
                "a signature in Base64 in place of hexadecimal digits",
                { RingBase64.encode(self.key.authenticationCode(for: $0).bytes) }
            ),
            (
                "a signature in Base64 behind `sha256=`",
                { "sha256=" + RingBase64.encode(self.key.authenticationCode(for: $0).bytes) }
            ),
        ]
    }

    private func duplicate(of draft: RingWebhookDraft) async throws -> Finding {
        let response = try await self.send(draft)
        guard response.isSuccess else {
            return .failure(
                "webhook_duplicate", "the same delivery again got \(response.summary)",
                fix: "deduplicate on meta.request_id, and respond with 200 to what is known: duplicates are normal")
        }
        return .ok("webhook_duplicate", "the same delivery again got \(response.summary)")
    }

    private func forged() async throws -> Finding {
        let (genuine, other) = (self.draft(.deviceOnline), self.draft(.deviceOffline))
        // A key of zeros is the empty key: HMAC fills a key up with zeros.
        let empty = try RingHMACKey(bytes: [0]).authenticationCode(for: other.body).hex
        let forgeries: [(name: String, signature: String?)] = [
            ("with the signature of another body", genuine.headers(signedWith: self.key)["X-Signature"]),
            ("without a signature", nil), ("signed with an empty key", "sha256=" + empty),
            ("with an empty signature", "sha256="),
        ]
        for (name, signature) in forgeries {
            let response = try await self.send(other.body, signature: signature)
            if response.isSuccess {
                return .failure(
                    "webhook_forged", "a delivery \(name) got \(response.summary): anybody can invent events",
                    fix: "refuse it with 401 before the body is parsed. \(Self.mend)", exit: .verificationFailed)
            }
            if response.status >= 500 {
                return .warning(
                    "webhook_forged", "a delivery \(name) got \(response.summary)",
                    fix: "refuse it with 401, without an error")
            }
        }
        return .ok("webhook_forged", "forged and unsigned deliveries are refused")
    }

    /// Ring's last attempt comes 73 minutes after the first.
    private func late() async throws -> Finding {
        let response = try await self.send(self.draft(.deviceOnline, sentBefore: 70 * 60))
        guard response.isSuccess else {
            return .failure(
                "webhook_retry", "a delivery whose meta.time is 70 minutes old got \(response.summary)",
                fix: "accept what is at least 80 minutes old: Ring repeats for 73 minutes, and replays up to 72 hours")
        }
        return .ok("webhook_retry", "a delivery that is 70 minutes old got \(response.summary)")
    }

    private func unknown() async throws -> Finding {
        let response = try await self.send(self.draft(RingEventKind(rawValue: "ringctl_doctor")))
        guard response.isSuccess else {
            return .failure(
                "webhook_unknown_type", "a delivery of an unknown type got \(response.summary)",
                fix:
                    "respond with 200 to unknown types: Ring adds types, and ten refusals in a row may end the deliveries"
            )
        }
        return .ok("webhook_unknown_type", "a delivery of an unknown type got \(response.summary)")
    }
}
