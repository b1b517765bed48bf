import FoundationEssentials
import RingJSONAPI
import RingPartner

/// `webhook send`.
enum WebhookSending {
    static let command = Command(
        path: ["webhook", "send"], summary: "build, sign and post events",
        usage: "URL --type T [--device ID] [--account ID] [--sub-type S] [--count N]",
        detail: "The HMAC key comes from RING_HMAC_KEY. Ends with 1 when a response is not 2xx.",
        flags: [
            Flag(name: "--type", value: "T", help: "what happened: motion_detected, button_press, …"),
            Flag(name: "--device", value: "ID", help: "at which device; an invented one"),
            Flag(name: "--sub-type", value: "S", help: "human, vehicle, paid, …"),
            Flag(name: "--count", value: "N", help: "how many events; 1"),
        ],
        positionals: 1...1, run: { try await Self.run($0) })

    private static func run(_ context: CommandContext) async throws {
        let url = try Self.url(try context.arguments.positional(0, "URL"))
        let kind = RingEventKind(rawValue: try context.arguments.required("--type"))
        guard !kind.rawValue.isEmpty else { throw UsageError("--type is needed") }
        let device = RingDeviceID(rawValue: context.arguments["--device"] ?? "ava1.ring.device.RINGCTL0001")
        let account = context.settings.account ?? "ava1.ring.account.RINGCTL0001"
        let key = try context.hmacKey()
        var refused = 0
        for _ in 0..<(try context.arguments.integer("--count", in: 1...1_000_000) ?? 1) {
            let status = try await Self.send(
                Self.draft(kind, account, device, context), key: key, to: url, context)
            if !(200..<300).contains(status) { refused += 1 }
        }
        guard refused == 0 else {
            throw CommandFailure(
                .server, code: "delivery_refused", "\(refused) deliveries got a response other than 2xx")
        }
    }

    private static func draft(
        _ kind: RingEventKind, _ account: RingAccountID, _ device: RingDeviceID, _ context: CommandContext
    ) -> RingWebhookDraft {
        let now = context.environment.clock.now()
        var draft = RingWebhookDraft(
            kind: kind, account: account, device: device,
            subType: context.arguments["--sub-type"].map(RingEventSubType.init(rawValue:)), occurredAt: now)
        if kind == .subscriptionActivated { draft.expiresAt = now + 30 * 86_400 }
        return draft
    }

    private static func send(
        _ draft: RingWebhookDraft, key: RingHMACKey, to url: URL, _ context: CommandContext
    ) async throws -> Int {
        // No retry: `status` is the receiver's response to this very request.
        let request = RingHTTPRequest(
            method: .post, url: url, headerFields: draft.headers(signedWith: key), body: RingHTTPBody(draft.body))
        let sending = RingRequestContext(
            operation: RingOperation("webhook.send", retry: .never, carriesAccessToken: false),
            deadline: context.deadline)
        let start = context.environment.clock.uptime()
        let response = try await RingPlatformTransport.shared.send(request, context: sending)
        _ = try? await response.body.collect(upTo: 1 << 20)
        let took = (context.environment.clock.uptime() - start) / .milliseconds(1)
        let id = draft.requestID.rawValue
        try context.output.result(
            .object([
                ("request_id", .string(id)), ("status", .int(Int64(response.status))),
                ("ms", .double((took * 1_000).rounded() / 1_000)),
            ]), text: "\(id) \(response.status) \(Int(took.rounded())) ms")
        return response.status
    }

    private static func url(_ text: String) throws -> URL {
        guard let url = URL(string: text, encodingInvalidCharacters: false), url.host()?.isEmpty == false,
            RingURL.isSecure(url)
        else { throw UsageError("URL is an https URL, or http to loopback") }
        return url
    }
}
