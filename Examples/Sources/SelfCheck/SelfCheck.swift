import Foundation
import RingPartner
import RingSQLite
import Support

/// What of Ring's certification a program can check of a running service, before a reviewer does. Ends with 1 when an item fails.
///
/// `WEBHOOK_URL`, `TOKEN_EXCHANGE_URL` and `LINK_URL` are the service's own. `ringctl doctor` checks more, and says how to mend it.
@main
struct SelfCheck: Program {
    static func run() async throws {
        let settings = Settings()
        let configuration = try await RingPartnerConfiguration.fromEnvironment(storage: settings.storage())
        var list = Checklist()
        list.add("secrets are encrypted at rest", configuration.sealing != nil)
        if let key = configuration.hmacKeys.first {
            try await Self.checkWebhooks(settings.required("WEBHOOK_URL"), key, &list)
        } else {
            list.add("RING_HMAC_KEY is set", false)
        }
        let exchange = try await Self.send(.post, settings.required("TOKEN_EXCHANGE_URL"), body: Array("code=".utf8))
        list.add("an empty code is refused, without a redirect or a sign-in", exchange.status == 400)
        let time = Int64(Date().timeIntervalSince1970 * 1_000)
        let nonce = RingLinkNonce.compute(time: "\(time)", accountID: "nobody", key: try RingHMACKey("self-check"))
        let link = try await Self.send(.get, "\(settings.required("LINK_URL"))?nonce=\(nonce)&time=\(time)")
        list.add(
            "the link page asks for a sign-in before it looks at the nonce",
            link.status == 200 && link.text.lowercased().contains("sign in"))
        try await Self.checkAccounts(RingPartnerClient(configuration), &list)
        print("\(list.failures) of \(list.count) items failed")
        if list.failures > 0 { exit(1) }
    }

    private static func checkWebhooks(_ url: String, _ key: RingHMACKey, _ list: inout Checklist) async throws {
        func draft(_ kind: RingEventKind, age: TimeInterval = 0) -> RingWebhookDraft {
            // Of a device and an account that do not exist: nothing follows from it.
            RingWebhookDraft(
                kind: kind, account: "self-check", device: "self-check", occurredAt: Date(timeIntervalSinceNow: -age))
        }
        func post(_ draft: RingWebhookDraft, signed: RingWebhookDraft) async throws -> Reply {
            try await Self.send(.post, url, fields: signed.headers(signedWith: key), body: draft.body)
        }
        list.add(
            "the webhook URL is https, or on this machine", url.hasPrefix("https:") || url.hasPrefix("http://127."))
        let (first, other) = (draft(.deviceOnline), draft(.deviceOffline))
        let reply = try await post(first, signed: first)
        list.add(
            "a webhook is responded to with 200 within five seconds", reply.status == 200 && reply.time < .seconds(5))
        list.add("a duplicate is responded to with 200", try await post(first, signed: first).status == 200)
        list.add("a forged webhook is refused", try await post(other, signed: first).status == 401)
        let late = draft(.deviceOnline, age: 70 * 60)
        list.add("a repeat after an hour is accepted", try await post(late, signed: late).status == 200)
        let unknown = draft(RingEventKind(rawValue: "self_check"))
        list.add("an unknown type is responded to with 200", try await post(unknown, signed: unknown).status == 200)
    }

    private static func checkAccounts(_ ring: RingPartnerClient, _ list: inout Checklist) async throws {
        for status in try await ring.tokens.statuses() {
            let account = ring.account(status.accountID)
            let name = "account \(status.accountID)"
            list.add("\(name) needs no new sign-in", status.state == .linked && (status.daysLeft(at: Date()) ?? 0) > 7)
            guard status.state == .linked else { continue }
            // Ring's own reference does not have this call: `nil` when it finds nothing.
            let integration = try await account.profile.integration()
            list.add("\(name) is completed", integration.map { $0.status == .completed } ?? true)
            let devices = try await account.devices.list(include: [])
            list.add("\(name): every device has a name to show", devices.allSatisfy { $0.name?.isEmpty == false })
        }
    }

    private struct Reply {
        var status: Int
        var text: String
        var time: Duration
    }

    private static func send(
        _ method: RingHTTPMethod, _ text: String, fields: RingHTTPFields = [:], body: [UInt8] = []
    ) async throws -> Reply {
        guard let url = URL(string: text) else { throw RingError(code: .misconfigured, message: "not a URL: \(text)") }
        var request = RingHTTPRequest(method: method, url: url, headerFields: fields, body: RingHTTPBody(body))
        if method == .post, fields[.contentType] == nil {
            request.headerFields[.contentType] = "application/x-www-form-urlencoded"
        }
        let operation = RingOperation("self_check", retry: .never, carriesAccessToken: false)
        let start = ContinuousClock.now
        let response = try await RingPlatformTransport.shared.send(request, for: operation)
        let time = ContinuousClock.now - start
        return Reply(
            status: response.status,
            text: String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self),
            time: time)
    }
}

/// Prints each item.
struct Checklist {
    private(set) var count = 0
    private(set) var failures = 0

    mutating func add(_ item: String, _ isMet: Bool) {
        self.count += 1
        if !isMet { self.failures += 1 }
        print("\(isMet ? "ok  " : "FAIL") \(item)")
    }
}
