import Foundation
import RingCore
import RingCurl
import RingJSONAPI
import RingListener
import RingSimulator
import RingTesting
import Synchronization
import Testing

/// One origin that hangs or is none of Ring's: `doctor` blames it alone.
@Suite(.timeLimit(.minutes(5)), .serialized) struct DoctorTimeTests {
    /// What hangs: it takes connections and requests, and never responds.
    enum Hung: String, CaseIterable {
        case api, tokenEndpoint, webhooks, tokenExchange, link
    }

    /// The check that fails, and those that need it.
    private static let expected: [Hung: (failed: String, unchecked: Set<String>)] = [
        .api: ("api", ["clock", "account", "integration", "plan", "devices"]),
        .tokenEndpoint: ("oauth", ["credentials"]),
        .webhooks: (
            "webhook_signed", ["webhook_duplicate", "webhook_forged", "webhook_retry", "webhook_unknown_type"]
        ),
        .tokenExchange: ("token_exchange", []),
        .link: ("link_page", []),
    ]

    private static let all: Set = [
        "api", "oauth", "clock", "hmac_key", "credentials", "sealing_keys", "webhook_signed", "webhook_duplicate",
        "webhook_forged", "webhook_retry", "webhook_unknown_type", "token_exchange", "link_page", "store", "account",
        "integration", "plan", "devices", "history",
    ]

    private static func put(_ origin: String, for hung: Hung, _ bench: DoctorBench) {
        switch hung {
        case .api: bench.environment.withLock { $0["RING_API_URL"] = origin }
        case .tokenEndpoint: bench.environment.withLock { $0["RING_OAUTH_URL"] = origin }
        case .webhooks: bench.arguments.withLock { $0[1] = origin + "/ring/webhooks" }
        case .tokenExchange: bench.arguments.withLock { $0[3] = origin + "/ring/token-exchange" }
        case .link: bench.arguments.withLock { $0[5] = origin + "/ring/link" }
        }
    }

    private static func checks(_ outcome: ChildProcess.Outcome, _ status: String) throws -> Set<String> {
        Set(try outcome.results.filter { $0["status"]?.string == status }.compactMap { $0["check"]?.string })
    }

    @Test(arguments: Hung.allCases) func blamesNobodyForWhatHangsElsewhere(_ hung: Hung) async throws {
        let expected = try #require(Self.expected[hung])
        let server = try RawServer { connection in while try connection.readHead() != nil {} }
        defer { server.stop() }
        try await DoctorBench.with { bench in
            try await bench.signIn()
            Self.put(server.origin, for: hung, bench)
            let outcome = try await bench.doctor("--timeout", "70")
            let text = "\(outcome.outputText)\(outcome.errorText)"
            #expect(try Self.checks(outcome, "failure") == [expected.failed], "\(text)")
            #expect(try Self.checks(outcome, "unchecked").intersection(Self.all) == expected.unchecked, "\(text)")
            let healthy = Self.all.subtracting(expected.unchecked).subtracting([expected.failed])
                .subtracting(hung == .api ? ["history"] : [])
            #expect(try Self.checks(outcome, "ok").isSuperset(of: healthy), "\(text)")
            for finding in try outcome.results where finding["check"]?.string == expected.failed {
                #expect(finding["message"]?.string?.hasPrefix("no response in ") == true, "\(text)")
            }
            #expect(outcome.status == 8, "\(text)")
        }
    }

    /// Too little time is nobody's fault, and not all well either.
    @Test func aShortTimeoutLeavesChecksUnchecked() async throws {
        let server = try RawServer { connection in while try connection.readHead() != nil {} }
        defer { server.stop() }
        try await DoctorBench.with { bench in
            try await bench.signIn()
            for hung in Hung.allCases { Self.put(server.origin, for: hung, bench) }
            let outcome = try await bench.doctor("--timeout", "3")
            let text = "\(outcome.outputText)\(outcome.errorText)"
            #expect(try Self.checks(outcome, "failure") == [], "\(text)")
            #expect(
                try Self.checks(outcome, "unchecked").isSuperset(of: [
                    "api", "clock", "oauth", "credentials", "webhook_signed", "webhook_forged", "token_exchange",
                    "link_page", "account", "devices",
                ]), "\(text)")
            #expect(try outcome.results.contains { $0["check"]?.string == "certification_zones" }, "\(text)")
            #expect(outcome.status == 8 && outcome.failure?["code"]?.string == "deadline_exceeded", "\(text)")
        }
    }

    /// A token endpoint that is none gets neither the client secret nor a refresh token.
    @Test(arguments: [
        (404, "", "", "failure"), (404, "text/html", "<h1>Not Found</h1>", "failure"),
        (200, "text/html", "<!doctype html><title>Welcome</title>", "failure"),
        (400, "text/html", "<h1>Bad Request</h1>", "failure"), (403, "text/html", "<h1>Forbidden</h1>", "failure"),
        (405, "", "", "failure"), (302, "", "", "failure"), (200, "application/json", "{}", "failure"),
        (404, "application/json", #"{"error":"not_found"}"#, "failure"), (502, "text/html", "<h1>502</h1>", "failure"),
        (429, "", "", "warning"), (400, "text/plain", "bad request", "warning"), (401, "", "", "warning"),
        (401, "application/json", #"{"error":"invalid_client"}"#, "ok"),
        (400, "application/json", #"{"errors":[{"status":"400","code":"INVALID_REQUEST"}]}"#, "ok"),
    ])
    func tellsATokenEndpointFromOthers(status: Int, type: String, body: String, expected: String) async throws {
        let seen = Mutex("")
        let listener = try await RingListener.startRaw { request in
            seen.withLock { $0 += String(decoding: request.body, as: UTF8.self) }
            return RingListenerResponse(status: status, contentType: type, text: body)
        }
        try await DoctorBench.with { bench in
            try await bench.signIn()
            bench.environment.withLock { $0["RING_OAUTH_URL"] = listener.origin }
            let outcome = try await bench.doctor()
            let finding = try outcome.results.first { $0["check"]?.string == "oauth" }
            #expect(finding?["status"]?.string == expected, "\(outcome.outputText)")
            guard expected == "failure" else { return }
            #expect(finding?["fix"]?.string?.isEmpty == false)
            #expect(try Self.checks(outcome, "unchecked").contains("credentials"), "\(outcome.outputText)")
            #expect(try Self.checks(outcome, "failure") == ["oauth"], "\(outcome.outputText)")
            #expect(outcome.status == (status == 502 ? 1 : 2), "\(outcome.errorText)")
            let secret = bench.environment.withLock { $0["RING_CLIENT_SECRET"] ?? "" }
            #expect(!seen.withLock { $0.contains(secret) }, "the client secret was sent to \(status)")
        }
        await listener.stop()
    }

    /// An API that is none: the clock is not compared with its clock, and no access token is sent to it.
    @Test(arguments: [
        (403, "text/html", "<h1>Forbidden by the firewall</h1>"), (401, "text/html", "<h1>Sign in</h1>"),
        (404, "", ""), (200, "application/json", "{}"),
    ])
    func tellsRingsAPIFromOthers(status: Int, type: String, body: String) async throws {
        let listener = try await RingListener.startRaw { _ in
            RingListenerResponse(
                status: status, headers: ["Content-Type": type, "Date": "Thu, 01 Jan 2015 00:00:00 GMT"],
                body: .bytes(Array(body.utf8)))
        }
        try await DoctorBench.with { bench in
            try await bench.signIn()
            bench.environment.withLock { $0["RING_API_URL"] = listener.origin }
            let outcome = try await bench.doctor()
            #expect(try Self.checks(outcome, "failure") == ["api"], "\(outcome.outputText)")
            #expect(
                try Self.checks(outcome, "unchecked").isSuperset(of: ["clock", "account", "devices"]),
                "\(outcome.outputText)")
            #expect(outcome.status == 2, "\(outcome.errorText)")
        }
        await listener.stop()
    }

    /// The access token is over, and the token endpoint fails: the account is not to blame.
    @Test func anAccountThatNeedsARefreshIsUncheckedWithoutTokenEndpoint() async throws {
        let server = try RawServer { connection in while try connection.readHead() != nil {} }
        defer { server.stop() }
        try await DoctorBench.with { bench in
            bench.environment.withLock { $0["RING_OAUTH_URL"] = server.origin }
            try await DoctorTests.store(bench, refresh: bench.simulator.grantTokens().refresh, age: 1)
            let outcome = try await bench.doctor("--timeout", "70")
            let text = "\(outcome.outputText)\(outcome.errorText)"
            #expect(try Self.checks(outcome, "failure") == ["oauth"], "\(text)")
            #expect(try Self.checks(outcome, "unchecked").contains("account"), "\(text)")
        }
    }

    /// The worst finding decides, not the first one.
    @Test func endsWithTheStatusOfTheWorstFinding() async throws {
        let listener = try await RingListener.startRaw { _ in RingListenerResponse(status: 502) }
        try await DoctorBench.with { bench in
            try await bench.signIn()
            bench.environment.withLock { $0["RING_OAUTH_URL"] = listener.origin }
            bench.app.withLock { $0.webhook = { _, _, _ in 200 } }
            let outcome = try await bench.doctor()
            let text = "\(outcome.outputText)\(outcome.errorText)"
            #expect(try Self.checks(outcome, "failure") == ["oauth", "webhook_forged"], "\(text)")
            #expect(outcome.status == 7 && outcome.failure?["code"]?.string == "webhook_forged", "\(text)")
            #expect(outcome.failure?["message"]?.string?.contains("the first is oauth") == true, "\(text)")
        }
        await listener.stop()
    }

    /// The state of a link may be missing at Ring; a response that does not come in time is something else.
    @Test func aLinkWhoseStateDoesNotComeIsCut() async throws {
        try await DoctorBench.with { bench in
            try await bench.signIn()
            let operation = RingOperation("test.proxy", carriesAccessToken: false, countsAgainstRateLimit: false)
            let origin = bench.simulator.apiURL
            let proxy = try await RingListener.start { request in
                if request.url.path().hasSuffix("/app-integrations") {
                    // Until the client leaves.
                    try? await Task.sleep(for: .seconds(120))
                    return RingHTTPResponse(status: 503)
                }
                let target = request.url.query(percentEncoded: true).map { "?\($0)" } ?? ""
                guard let url = URL(string: origin + request.url.path(percentEncoded: true) + target) else {
                    return RingHTTPResponse(status: 400)
                }
                var forwarded = request
                forwarded.url = url
                forwarded.headerFields["Host"] = nil
                do { return try await RingCurlTransport.shared.send(forwarded, for: operation) } catch {
                    return RingHTTPResponse(status: 502)
                }
            }
            bench.environment.withLock { $0["RING_API_URL"] = proxy.origin }
            bench.arguments.withLock { $0 = [] }
            let outcome = try await bench.doctor("--timeout", "5")
            await proxy.stop()
            let text = "\(outcome.outputText)\(outcome.errorText)"
            let finding = try outcome.results.first { $0["check"]?.string == "integration" }
            #expect(finding?["status"]?.string == "unchecked", "\(text)")
            #expect(finding?["fix"]?.string?.contains("--timeout") == true, "\(text)")
            #expect(outcome.status == 8, "\(text)")
            #expect(outcome.failure?["message"]?.string?.contains("integration") == true, "\(text)")
        }
    }
}
